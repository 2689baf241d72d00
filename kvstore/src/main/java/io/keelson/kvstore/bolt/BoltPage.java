package io.keelson.kvstore.bolt;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A branch or leaf that was read and found sound in itself: its entries lie inside it, one behind the other as bbolt
 * writes them, with keys ascending.
 */
final class BoltPage {
    private static final int KEY_SHOWN_BYTES_MAX = 32;

    private final long id;
    private final long offset;
    private final byte[] bytes;
    private final boolean branch;
    private final int count;

    private BoltPage(long id, long offset, byte[] bytes, boolean branch, int count) {
        this.id = id;
        this.offset = offset;
        this.bytes = bytes;
        this.branch = branch;
        this.count = count;
    }

    /**
     * Checks a page whose header names the right page and a possible number of overflow pages.
     *
     * @param id for an inline page, that of the page it stands in
     * @param offset of that page in the file
     * @param bytes the page with its overflow, or the inline page
     * @param highWater pages from here on do not exist
     */
    static BoltPage check(long id, long offset, byte[] bytes, long highWater) throws BoltFormatException {
        int flags = Short.toUnsignedInt((short) BoltFormat.SHORT.get(bytes, BoltFormat.FLAGS_AT));
        int count = Short.toUnsignedInt((short) BoltFormat.SHORT.get(bytes, BoltFormat.COUNT_AT));
        if (flags != BoltFormat.FLAG_BRANCH && flags != BoltFormat.FLAG_LEAF) {
            throw new BoltFormatException(id, offset, "expected a branch or a leaf, found " + describeFlags(flags));
        }
        var page = new BoltPage(id, offset, bytes, flags == BoltFormat.FLAG_BRANCH, count);
        page.checkEntries(highWater);
        return page;
    }

    static String describeFlags(int flags) {
        return switch (flags) {
            case BoltFormat.FLAG_BRANCH -> "a branch";
            case BoltFormat.FLAG_LEAF -> "a leaf";
            case BoltFormat.FLAG_META -> "a meta page";
            case BoltFormat.FLAG_FREELIST -> "a list of free pages";
            default -> "a page of type 0x%02x".formatted(flags);
        };
    }

    private void checkEntries(long highWater) throws BoltFormatException {
        if (branch && count == 0) {
            throw damage("a branch without children");
        }
        long expected = BoltFormat.PAGE_HEADER_BYTES + (long) count * BoltFormat.ELEMENT_BYTES;
        if (expected > bytes.length) {
            throw damage("counts " + count + " entries, more than its " + bytes.length + " bytes have room for");
        }
        for (int i = 0; i < count; i++) {
            long keyAt = element(i) + Integer.toUnsignedLong(position(i));
            long keyBytes = Integer.toUnsignedLong(rawKeyBytes(i));
            long valueBytes = branch ? 0 : Integer.toUnsignedLong(intAt(element(i) + 12));
            if (keyAt != expected) {
                throw damage("entry " + i + " lies at byte " + keyAt + " of the page, expected " + expected);
            }
            if (keyBytes == 0 || keyBytes > BoltFormat.KEY_BYTES_MAX) {
                throw damage("entry " + i + " has a key of " + keyBytes + " bytes");
            }
            expected = keyAt + keyBytes + valueBytes;
            if (expected > bytes.length) {
                throw damage("entry " + i + " ends at byte " + expected + ", beyond the page's " + bytes.length);
            }
            if (branch) {
                long child = child(i);
                if (child < BoltFormat.PAGE_MIN || child >= highWater) {
                    throw damage("entry " + i + " leads to page " + Long.toUnsignedString(child)
                            + ", which is not among pages 2 to " + (highWater - 1));
                }
            } else {
                int flags = intAt(element(i));
                if (flags != 0 && flags != BoltFormat.ELEMENT_BUCKET) {
                    throw damage("entry " + i + " has unknown flags 0x%x".formatted(flags));
                }
            }
            if (i > 0 && compareKeys(i - 1, i) >= 0) {
                throw damage("keys out of order: entry " + (i - 1) + " is " + show(key(i - 1)) + ", entry " + i + " is "
                        + show(key(i)));
            }
        }
    }

    private int intAt(int at) {
        return (int) BoltFormat.INT.get(bytes, at);
    }

    private static int element(int i) {
        return BoltFormat.PAGE_HEADER_BYTES + i * BoltFormat.ELEMENT_BYTES;
    }

    private int position(int i) {
        return intAt(element(i) + (branch ? 0 : 4));
    }

    private int rawKeyBytes(int i) {
        return intAt(element(i) + (branch ? 4 : 8));
    }

    private int keyAt(int i) {
        return element(i) + position(i);
    }

    private int keyEnd(int i) {
        return keyAt(i) + rawKeyBytes(i);
    }

    private int compareKeys(int i, int j) {
        return Arrays.compareUnsigned(bytes, keyAt(i), keyEnd(i), bytes, keyAt(j), keyEnd(j));
    }

    long id() {
        return id;
    }

    long offset() {
        return offset;
    }

    boolean branch() {
        return branch;
    }

    int count() {
        return count;
    }

    /** Pages that the page with its overflow takes; meaningless for an inline page. */
    long pages(int pageSize) {
        return bytes.length / pageSize;
    }

    byte[] key(int i) {
        return Arrays.copyOfRange(bytes, keyAt(i), keyEnd(i));
    }

    byte[] value(int i) {
        return Arrays.copyOfRange(bytes, keyEnd(i), keyEnd(i) + intAt(element(i) + 12));
    }

    boolean holdsBucket(int i) {
        return !branch && intAt(element(i)) == BoltFormat.ELEMENT_BUCKET;
    }

    /** In a branch: the page that entry {@code i} leads to. */
    long child(int i) {
        return (long) BoltFormat.LONG.get(bytes, element(i) + 8);
    }

    int compareKey(int i, byte[] key) {
        return Arrays.compareUnsigned(bytes, keyAt(i), keyEnd(i), key, 0, key.length);
    }

    /** The first entry whose key is at or after {@code key}; the count if there is none. */
    int ceiling(byte[] key) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compareKey(middle, key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** In a branch: the child under which {@code key} would be. */
    int childFor(byte[] key) {
        int at = ceiling(key);
        boolean exact = at < count && compareKey(at, key) == 0;
        return exact || at == 0 ? at : at - 1;
    }

    /**
     * Checks the keys against what the branches above promise.
     *
     * @param low no key is below it; null for the root
     * @param high all keys are below it; null for no limit
     * @param root whether the page may be empty
     */
    void checkBounds(byte @Nullable [] low, byte @Nullable [] high, boolean root) throws BoltFormatException {
        if (count == 0) {
            if (!root) {
                throw damage("a leaf without entries below a branch");
            }
            return;
        }
        if (low != null && compareKey(0, low) < 0) {
            throw damage("keys out of order: the first key, " + show(key(0)) + ", is below " + show(low)
                    + ", which the branch above gives as the lowest");
        }
        if (high != null && compareKey(count - 1, high) >= 0) {
            throw damage("keys out of order: the last key, " + show(key(count - 1)) + ", is not below " + show(high)
                    + ", with which the next page begins by the branch above");
        }
    }

    /** An error that names this page. */
    BoltFormatException damage(String problem) {
        return new BoltFormatException(id, offset, problem);
    }

    static String show(byte[] key) {
        String hex = HexFormat.of().formatHex(key, 0, Math.min(key.length, KEY_SHOWN_BYTES_MAX));
        return key.length > KEY_SHOWN_BYTES_MAX ? hex + "…" : hex;
    }
}
