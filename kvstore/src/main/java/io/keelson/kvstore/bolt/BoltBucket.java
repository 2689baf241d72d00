package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A bucket of a file: keys, in unsigned byte order, each with a value or a bucket. Thread-safe. */
public final class BoltBucket {
    private final PageFile file;
    private final long rootPage;
    private final @Nullable BoltPage inlinePage;
    private final long sequence;

    private BoltBucket(PageFile file, long rootPage, @Nullable BoltPage inlinePage, long sequence) {
        this.file = file;
        this.rootPage = rootPage;
        this.inlinePage = inlinePage;
        this.sequence = sequence;
    }

    static BoltBucket at(PageFile file, long rootPage) {
        return new BoltBucket(file, rootPage, null, 0);
    }

    /** The bucket in entry {@code i} of a leaf. */
    static BoltBucket of(PageFile file, BoltPage leaf, int i) throws BoltFormatException {
        byte[] value = leaf.value(i);
        if (value.length < BoltFormat.BUCKET_HEADER_BYTES) {
            throw leaf.damage("entry " + i + " is a bucket of " + value.length + " bytes, which is too short");
        }
        long root = (long) BoltFormat.LONG.get(value, 0);
        long sequence = (long) BoltFormat.LONG.get(value, 8);
        if (root != 0) {
            if (root < BoltFormat.PAGE_MIN || root >= file.meta().highWater()) {
                throw leaf.damage("entry " + i + " is a bucket with root page " + Long.toUnsignedString(root)
                        + ", which is not among pages 2 to " + (file.meta().highWater() - 1));
            }
            return new BoltBucket(file, root, null, sequence);
        }
        if (value.length < BoltFormat.BUCKET_HEADER_BYTES + BoltFormat.PAGE_HEADER_BYTES) {
            throw leaf.damage("entry " + i + " is an inline bucket of " + value.length + " bytes, which is too short");
        }
        byte[] inline = Arrays.copyOfRange(value, BoltFormat.BUCKET_HEADER_BYTES, value.length);
        BoltPage page;
        try {
            if ((long) BoltFormat.LONG.get(inline, 0) != 0
                    || (int) BoltFormat.INT.get(inline, BoltFormat.OVERFLOW_AT) != 0) {
                throw leaf.damage("its header is not that of an inline page");
            }
            page = BoltPage.check(leaf.id(), leaf.offset(), inline, file.meta().highWater());
            if (page.branch()) {
                throw leaf.damage("a branch");
            }
            for (int j = 0; j < page.count(); j++) {
                if (page.holdsBucket(j)) {
                    throw leaf.damage("a bucket inside an inline bucket");
                }
            }
        } catch (BoltFormatException e) {
            throw leaf.damage("entry " + i + " is an inline bucket with a fault: " + e.getMessage());
        }
        return new BoltBucket(file, 0, page, sequence);
    }

    long rootPage() {
        return rootPage;
    }

    @Nullable
    BoltPage inlinePage() {
        return inlinePage;
    }

    /** The bucket's counter, which bbolt keeps for its users; etcd leaves it at 0. */
    public long sequence() {
        return sequence;
    }

    /** The value of a key; null if it has none, or is that of a bucket. */
    public byte @Nullable [] get(byte[] key) throws IOException {
        BoltCursor cursor = cursor(key);
        return cursor.next() && !cursor.holdsBucket() && Arrays.equals(cursor.key(), key) ? cursor.value() : null;
    }

    /** The bucket of a name; null if there is none. */
    public @Nullable BoltBucket bucket(byte[] name) throws IOException {
        BoltCursor cursor = cursor(name);
        return cursor.next() && cursor.holdsBucket() && Arrays.equals(cursor.key(), name) ? cursor.bucket() : null;
    }

    /** A cursor before the first entry. */
    public BoltCursor cursor() {
        return new BoltCursor(file, this, new byte[0]);
    }

    /** A cursor before the first entry whose key is at or after {@code from}. */
    public BoltCursor cursor(byte[] from) {
        return new BoltCursor(file, this, from);
    }
}
