package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where everything will stand in a file, known from the lengths of its entries alone: meta pages, an empty list of free
 * pages, then the tree of each bucket in the order of names, each with its root last, then the tree of buckets.
 *
 * <p>Laying out goes once through the lengths. Memory is one page's worth of them per level of a tree, and a few
 * numbers per bucket.
 */
public final class BoltLayout {
    static final long FREELIST_PAGE = BoltFormat.PAGE_MIN;
    static final long FIRST_TREE_PAGE = FREELIST_PAGE + 1;

    private final int pageSize;
    private final List<Bucket> buckets;
    private final long root;
    private final long highWater;

    private BoltLayout(int pageSize, List<Bucket> buckets, long root, long highWater) {
        this.pageSize = pageSize;
        this.buckets = List.copyOf(buckets);
        this.root = root;
        this.highWater = highWater;
    }

    /**
     * A bucket's place.
     *
     * @param root the root page of its tree, which is the last of its pages
     * @param entries how many it holds
     */
    record Bucket(byte[] name, long root, long entries) {}

    /** Lays out a file with the page size that etcd uses on most machines, 4,096 bytes. */
    public static BoltLayout of(List<BoltSource> sources) throws IOException {
        return of(BoltFormat.PAGE_SIZE_DEFAULT, sources);
    }

    /**
     * @param pageSize a power of two, 1,024 to 32 MiB
     * @param sources the buckets, ascending by name
     * @throws IllegalArgumentException if the page size, a name or a length is not possible, or names are not ascending
     */
    public static BoltLayout of(int pageSize, List<BoltSource> sources) throws IOException {
        if (!BoltFormat.validPageSize(pageSize)) {
            throw new IllegalArgumentException("page size " + pageSize);
        }
        var pages = new PageCount(pageSize);
        List<Bucket> buckets = new ArrayList<>();
        for (BoltSource source : sources) {
            byte[] name = source.name();
            if (!buckets.isEmpty() && Arrays.compareUnsigned(buckets.getLast().name, name) >= 0) {
                throw new IllegalArgumentException("bucket names are not ascending");
            }
            var tree = new TreePacker(pageSize, pages);
            long[] entries = {0};
            source.lengths((keyBytes, valueBytes) -> {
                checkLengths(keyBytes, valueBytes);
                entries[0]++;
                tree.add(new TreePacker.Item(keyBytes, valueBytes, null, null, 0));
            });
            buckets.add(new Bucket(name, tree.finish(), entries[0]));
        }
        var directory = new TreePacker(pageSize, pages);
        for (Bucket bucket : buckets) {
            checkLengths(bucket.name.length, BoltFormat.BUCKET_HEADER_BYTES);
            directory.add(new TreePacker.Item(bucket.name.length, BoltFormat.BUCKET_HEADER_BYTES, null, null, 0));
        }
        return new BoltLayout(pageSize, buckets, directory.finish(), pages.next);
    }

    private static void checkLengths(int keyBytes, int valueBytes) {
        if (keyBytes < 1 || keyBytes > BoltFormat.KEY_BYTES_MAX) {
            throw new IllegalArgumentException("key of " + keyBytes + " bytes");
        }
        if (valueBytes < 0 || valueBytes > BoltFormat.LEAF_BYTES_MAX / 2) {
            throw new IllegalArgumentException("value of " + valueBytes + " bytes");
        }
    }

    /** Bytes per page. */
    public int pageSize() {
        return pageSize;
    }

    /** The exact size of the file in bytes, a multiple of the page size. */
    public long sizeBytes() {
        return highWater * pageSize;
    }

    List<Bucket> buckets() {
        return buckets;
    }

    long root() {
        return root;
    }

    long highWater() {
        return highWater;
    }

    /** Numbers pages in the order they come. */
    private static final class PageCount implements TreePacker.PageSink {
        private final int pageSize;
        private long next = FIRST_TREE_PAGE;

        PageCount(int pageSize) {
            this.pageSize = pageSize;
        }

        @Override
        public long page(boolean branch, List<TreePacker.Item> items, long sizeBytes) {
            long page = next;
            next += Math.ceilDiv(sizeBytes, pageSize);
            return page;
        }
    }
}
