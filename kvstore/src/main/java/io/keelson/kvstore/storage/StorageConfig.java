package io.keelson.kvstore.storage;

/**
 * What RocksDB may use.
 *
 * @param blockCacheBytes memory for blocks read, indexes and filters among them
 * @param writeBufferBytes memory for what is written and not flushed yet, over all tables
 * @param backgroundBytesPerSecondMax rate at which flushes and compactions may write; 0 for no limit
 * @param backgroundJobsMax threads for flushes and compactions together
 * @param recordCacheBytes memory on the Java heap for the newest records of keys written or read by the apply thread
 * @param batchBytesMax a batch larger than this is written in several steps, each ending after a whole command
 * @param slowReadNanos a read of the apply thread that takes longer has waited for the disk, and for a while it reads
 *     what a batch needs all at once; 0 has it always do so
 */
public record StorageConfig(
        long blockCacheBytes,
        long writeBufferBytes,
        long backgroundBytesPerSecondMax,
        int backgroundJobsMax,
        long recordCacheBytes,
        long batchBytesMax,
        long slowReadNanos) {
    private static final long MIB = 1L << 20;

    /** What is in a cache, be it the system's, takes some ten microseconds; the quickest disk takes some hundred. */
    public static final long SLOW_READ_NANOS = 200_000;

    /** Sizes for a member that shares a machine of two cores with others. */
    public static StorageConfig defaults() {
        return new StorageConfig(256 * MIB, 64 * MIB, 256 * MIB, 2, 32 * MIB, 16 * MIB, SLOW_READ_NANOS);
    }

    /** The same with more or less memory; what is on the Java heap is never more than a quarter of the block cache. */
    public StorageConfig withMemory(long newBlockCacheBytes, long newWriteBufferBytes) {
        return new StorageConfig(
                newBlockCacheBytes,
                newWriteBufferBytes,
                backgroundBytesPerSecondMax,
                backgroundJobsMax,
                Math.min(recordCacheBytes, newBlockCacheBytes / 4),
                batchBytesMax,
                slowReadNanos);
    }
}
