package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a bbolt file in one forward pass, along a {@link BoltLayout}. The result opens in bbolt, read-only and for
 * writing, and passes its check. Memory is one page of entries per level of a tree.
 */
public final class BoltWriter {
    // Even, as bbolt expects of the transaction in page 0.
    private static final long TRANSACTION = 2;

    private final BoltLayout layout;
    private final OutputStream out;
    private long next = BoltLayout.FIRST_TREE_PAGE;
    private byte[] head;
    private byte[] zeros;

    private BoltWriter(BoltLayout layout, OutputStream out) {
        this.layout = layout;
        this.out = out;
        this.head = new byte[layout.pageSize()];
        this.zeros = new byte[layout.pageSize()];
    }

    /**
     * Writes exactly {@link BoltLayout#sizeBytes} bytes. Does not flush or close the stream.
     *
     * @param layout made from the same sources
     * @throws IllegalStateException if a source does not give the entries it was laid out with, or not in order; what was
     *     written is then useless
     * @throws IOException from the stream or a source
     */
    public static void write(BoltLayout layout, List<BoltSource> sources, OutputStream out) throws IOException {
        new BoltWriter(layout, out).write(sources);
    }

    private void write(List<BoltSource> sources) throws IOException {
        if (sources.size() != layout.buckets().size()) {
            throw new IllegalStateException("not the buckets that were laid out");
        }
        var meta = new BoltMeta(
                layout.pageSize(), layout.root(), BoltLayout.FREELIST_PAGE, layout.highWater(), TRANSACTION);
        out.write(meta.encode(0));
        // As bbolt does in a copy: the same state under an older number, used if page 0 gets lost.
        out.write(new BoltMeta(meta.pageSize(), meta.root(), meta.freelist(), meta.highWater(), TRANSACTION - 1)
                .encode(1));
        out.write(emptyFreelist());
        for (int i = 0; i < sources.size(); i++) {
            writeBucket(layout.buckets().get(i), sources.get(i));
        }
        var directory = new TreePacker(
                layout.pageSize(),
                (branch, items, sizeBytes) -> page(branch, BoltFormat.ELEMENT_BUCKET, items, sizeBytes));
        for (BoltLayout.Bucket bucket : layout.buckets()) {
            byte[] header = new byte[BoltFormat.BUCKET_HEADER_BYTES];
            BoltFormat.LONG.set(header, 0, bucket.root());
            directory.add(new TreePacker.Item(bucket.name().length, header.length, bucket.name(), header, 0));
        }
        if (directory.finish() != layout.root() || next != layout.highWater()) {
            throw new IllegalStateException("the tree of buckets is not the one that was laid out");
        }
    }

    private void writeBucket(BoltLayout.Bucket planned, BoltSource source) throws IOException {
        if (!Arrays.equals(planned.name(), source.name())) {
            throw new IllegalStateException("not the buckets that were laid out");
        }
        var tree = new TreePacker(layout.pageSize(), (branch, items, sizeBytes) -> page(branch, 0, items, sizeBytes));
        var order = new Order();
        source.entries((key, value) -> {
            order.next(key);
            tree.add(new TreePacker.Item(key.length, value.length, key, value, 0));
        });
        if (order.entries != planned.entries() || tree.finish() != planned.root()) {
            throw new IllegalStateException("a bucket's entries are not those that were laid out");
        }
    }

    private byte[] emptyFreelist() {
        byte[] page = new byte[layout.pageSize()];
        BoltFormat.LONG.set(page, 0, BoltLayout.FREELIST_PAGE);
        BoltFormat.SHORT.set(page, BoltFormat.FLAGS_AT, (short) BoltFormat.FLAG_FREELIST);
        return page;
    }

    private long page(boolean branch, int elementFlags, List<TreePacker.Item> items, long sizeBytes)
            throws IOException {
        long page = next;
        long pages = Math.ceilDiv(sizeBytes, layout.pageSize());
        next += pages;
        if (next > layout.highWater()) {
            throw new IllegalStateException("more pages than were laid out");
        }
        int tableEnd = BoltFormat.PAGE_HEADER_BYTES + items.size() * BoltFormat.ELEMENT_BYTES;
        if (head.length < tableEnd) {
            head = new byte[tableEnd];
        }
        BoltFormat.LONG.set(head, 0, page);
        BoltFormat.SHORT.set(
                head, BoltFormat.FLAGS_AT, (short) (branch ? BoltFormat.FLAG_BRANCH : BoltFormat.FLAG_LEAF));
        BoltFormat.SHORT.set(head, BoltFormat.COUNT_AT, (short) items.size());
        BoltFormat.INT.set(head, BoltFormat.OVERFLOW_AT, Math.toIntExact(pages - 1));
        int element = BoltFormat.PAGE_HEADER_BYTES;
        int data = tableEnd;
        for (TreePacker.Item item : items) {
            if (branch) {
                BoltFormat.INT.set(head, element, data - element);
                BoltFormat.INT.set(head, element + 4, item.keyBytes());
                BoltFormat.LONG.set(head, element + 8, item.child());
            } else {
                BoltFormat.INT.set(head, element, elementFlags);
                BoltFormat.INT.set(head, element + 4, data - element);
                BoltFormat.INT.set(head, element + 8, item.keyBytes());
                BoltFormat.INT.set(head, element + 12, item.valueBytes());
            }
            data += item.keyBytes() + item.valueBytes();
            element += BoltFormat.ELEMENT_BYTES;
        }
        out.write(head, 0, tableEnd);
        for (TreePacker.Item item : items) {
            out.write(Objects.requireNonNull(item.key()));
            if (item.value() != null) {
                out.write(item.value());
            }
        }
        out.write(zeros, 0, (int) (pages * layout.pageSize() - sizeBytes));
        return page;
    }

    /** Sees to it that keys ascend. */
    private static final class Order {
        private byte @Nullable [] last;
        private long entries;

        void next(byte[] key) {
            if (last != null && Arrays.compareUnsigned(last, key) >= 0) {
                throw new IllegalStateException("a bucket's keys are not ascending");
            }
            last = key;
            entries++;
        }
    }
}
