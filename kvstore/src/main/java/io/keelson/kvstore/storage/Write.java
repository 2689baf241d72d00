package io.keelson.kvstore.storage;

import org.jspecify.annotations.Nullable;

/** One write of a batch, in the log of the session and in the index of its table. */
final class Write {
    /** What a write takes besides the bytes of key and value: itself, the two arrays, and its places in log and index. */
    private static final int OVERHEAD_BYTES = 112;

    final Table table;
    final byte[] key;
    final int hash;
    /** Null for a deletion. */
    final byte @Nullable [] value;

    /** The earlier write of the same key in this batch, which this one hides. */
    @Nullable
    Write hidden;

    /** The next one in the same bucket of the index. */
    @Nullable
    Write chained;

    /** Whether a later write of the same key hides this one, so that it need not reach the disk. */
    boolean superseded;

    /** Keys that there are more after it than before it: 1, 0 or -1. Counted for keys in {@link Table#CURRENT} only. */
    final byte keysMore;

    Write(Table table, byte[] key, int hash, byte @Nullable [] value, int keysMore) {
        this.table = table;
        this.key = key;
        this.hash = hash;
        this.value = value;
        this.keysMore = (byte) keysMore;
    }

    /** What it takes in memory. */
    long sizeBytes() {
        return OVERHEAD_BYTES + (long) key.length + (value == null ? 0 : value.length);
    }
}
