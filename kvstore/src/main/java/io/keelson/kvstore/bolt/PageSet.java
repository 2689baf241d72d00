package io.keelson.kvstore.bolt;

/** A set of page numbers: a bit each, in chunks that come to be when a page of theirs is added. */
final class PageSet {
    private static final int CHUNK_BITS = 16;
    private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;

    private final long[][] chunks;

    /** A set for pages 0 to {@code pages} - 1, a number that a real file has room for. */
    PageSet(long pages) {
        this.chunks = new long[Math.toIntExact((pages + CHUNK_MASK) >>> CHUNK_BITS)][];
    }

    /** Adds a page; false if it was there. */
    boolean add(long page) {
        int chunk = (int) (page >>> CHUNK_BITS);
        long[] words = chunks[chunk];
        if (words == null) {
            words = new long[(1 << CHUNK_BITS) / Long.SIZE];
            chunks[chunk] = words;
        }
        int word = (int) (page & CHUNK_MASK) / Long.SIZE;
        long bit = 1L << page;
        boolean added = (words[word] & bit) == 0;
        words[word] |= bit;
        return added;
    }

    boolean contains(long page) {
        long[] words = chunks[(int) (page >>> CHUNK_BITS)];
        return words != null && (words[(int) (page & CHUNK_MASK) / Long.SIZE] & (1L << page)) != 0;
    }
}
