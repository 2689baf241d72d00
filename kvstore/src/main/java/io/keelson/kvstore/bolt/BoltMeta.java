package io.keelson.kvstore.bolt;

import org.jspecify.annotations.Nullable;

/**
 * A meta page: where everything begins.
 *
 * @param pageSize bytes per page, a power of two
 * @param root the page at the root of the tree of buckets
 * @param freelist the first page of the list of free pages, or {@link BoltFormat#NO_FREELIST}
 * @param highWater number of pages in use; pages from here on do not exist
 * @param transaction the transaction that wrote the page; the higher of two counts
 */
record BoltMeta(int pageSize, long root, long freelist, long highWater, long transaction) {
    /** What is wrong with a page that should be meta page {@code number}; null if nothing is. */
    static @Nullable String problem(byte[] page, int number) {
        if ((long) BoltFormat.LONG.get(page, 0) != number) {
            return "the page calls itself " + Long.toUnsignedString((long) BoltFormat.LONG.get(page, 0));
        }
        if ((short) BoltFormat.SHORT.get(page, BoltFormat.FLAGS_AT) != BoltFormat.FLAG_META) {
            return "is not a meta page";
        }
        if ((int) BoltFormat.INT.get(page, BoltFormat.MAGIC_AT) != BoltFormat.MAGIC) {
            return "the magic number of a bbolt file is missing";
        }
        int version = (int) BoltFormat.INT.get(page, BoltFormat.VERSION_AT);
        if (version != BoltFormat.VERSION) {
            return "format version " + Integer.toUnsignedString(version) + ", expected " + BoltFormat.VERSION;
        }
        long checksum = (long) BoltFormat.LONG.get(page, BoltFormat.CHECKSUM_AT);
        if (checksum != BoltFormat.metaChecksum(page)) {
            return "checksum %016x, expected %016x".formatted(checksum, BoltFormat.metaChecksum(page));
        }
        int pageSize = (int) BoltFormat.INT.get(page, BoltFormat.PAGE_SIZE_AT);
        return BoltFormat.validPageSize(pageSize) ? null : "page size " + Integer.toUnsignedString(pageSize);
    }

    /** The meta page that {@link #problem} found nothing wrong with. */
    static BoltMeta decode(byte[] page) {
        return new BoltMeta(
                (int) BoltFormat.INT.get(page, BoltFormat.PAGE_SIZE_AT),
                (long) BoltFormat.LONG.get(page, BoltFormat.ROOT_AT),
                (long) BoltFormat.LONG.get(page, BoltFormat.FREELIST_AT),
                (long) BoltFormat.LONG.get(page, BoltFormat.HIGH_WATER_AT),
                (long) BoltFormat.LONG.get(page, BoltFormat.TRANSACTION_AT));
    }

    /** The page, a whole one, as it stands in the file as page {@code number}. */
    byte[] encode(int number) {
        byte[] page = new byte[pageSize];
        BoltFormat.LONG.set(page, 0, (long) number);
        BoltFormat.SHORT.set(page, BoltFormat.FLAGS_AT, (short) BoltFormat.FLAG_META);
        BoltFormat.INT.set(page, BoltFormat.MAGIC_AT, BoltFormat.MAGIC);
        BoltFormat.INT.set(page, BoltFormat.VERSION_AT, BoltFormat.VERSION);
        BoltFormat.INT.set(page, BoltFormat.PAGE_SIZE_AT, pageSize);
        BoltFormat.LONG.set(page, BoltFormat.ROOT_AT, root);
        BoltFormat.LONG.set(page, BoltFormat.FREELIST_AT, freelist);
        BoltFormat.LONG.set(page, BoltFormat.HIGH_WATER_AT, highWater);
        BoltFormat.LONG.set(page, BoltFormat.TRANSACTION_AT, transaction);
        BoltFormat.LONG.set(page, BoltFormat.CHECKSUM_AT, BoltFormat.metaChecksum(page));
        return page;
    }
}
