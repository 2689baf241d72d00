package io.keelson.kvstore.storage;

import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.Env;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Priority;
import org.rocksdb.RateLimiter;
import org.rocksdb.RateLimiterMode;

/**
 * How every RocksDB of this member is set up, and what they share: the block cache, the filter, the rate limiter.
 *
 * <p>The choices that matter:
 *
 * <ul>
 *   <li>All tables are flushed together ({@code atomic_flush}): without a log of RocksDB's own, this is what makes the
 *       files on disk a state that once was.
 *   <li>One thread writes nearly everything, so memtables are filled without locking ({@code
 *       allow_concurrent_memtable_write} off), which also makes inserts in key order, as into {@link Table#REVISION},
 *       cheap.
 *   <li>Writes are slowed down late: the memory for writes is bounded by {@link StorageConfig#writeBufferBytes} anyway,
 *       and a burst is better spread over many files of level 0 than refused.
 *   <li>Index and filter blocks live in the block cache, so that its size bounds them too.
 *   <li>All levels are compressed alike: a file that overlaps with no other then moves down a level without being
 *       rewritten, as all of {@link Table#REVISION} does, and what is loaded in the order of its keys.
 *   <li>Threads that compact yield to all others: requests need the processor first. Flushes do not yield, because writes
 *       come to wait for them.
 * </ul>
 */
final class RocksResources implements AutoCloseable {
    private static final int FILTER_BITS_PER_KEY = 10;
    private static final long MIB = 1L << 20;

    /**
     * The past is written far more often than it is read, so more of its files may gather before they are merged: with
     * RocksDB's 4 a put costs three members 8 % more processor time.
     */
    private static final int PAST_FILES_BEFORE_COMPACTION = 12;

    private static final int REFILL_PERIOD_US = 100_000;
    private static final int FAIRNESS = 10;

    /** Bytes a second. */
    private static final long UNLIMITED = 1L << 60;

    static {
        Env.getDefault().lowerThreadPoolCPUPriority(Priority.LOW);
    }

    private final StorageConfig config;
    private final Cache blockCache;
    private final BloomFilter filter = new BloomFilter(FILTER_BITS_PER_KEY, false);
    private final @Nullable RateLimiter rateLimiter;
    private final BackgroundPace pace;

    RocksResources(StorageConfig config) {
        this.config = config;
        blockCache = new LRUCache(config.blockCacheBytes());
        if (config.backgroundBytesPerSecondMax() == 0) {
            rateLimiter = null;
            pace = new BackgroundPace(UNLIMITED, _ -> {}, System.nanoTime());
        } else {
            // RocksDB's own way to tune it goes by how busy the limiter is, not by who waits for the disk: it comes
            // down to a
            // twentieth while little is written, and takes minutes to go up again.
            RateLimiter limiter = new RateLimiter(
                    config.backgroundBytesPerSecondMax(),
                    REFILL_PERIOD_US,
                    FAIRNESS,
                    RateLimiterMode.WRITES_ONLY,
                    false);
            rateLimiter = limiter;
            pace = new BackgroundPace(
                    config.backgroundBytesPerSecondMax(), limiter::setBytesPerSecond, System.nanoTime());
        }
    }

    /** How fast flushes and compactions may write at this time. */
    BackgroundPace pace() {
        return pace;
    }

    DBOptions databaseOptions() {
        DBOptions options = new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAtomicFlush(true)
                .setParanoidChecks(true)
                .setAllowConcurrentMemtableWrite(false)
                .setDbWriteBufferSize(config.writeBufferBytes())
                .setMaxBackgroundJobs(Math.max(2, config.backgroundJobsMax()))
                .setMaxOpenFiles(-1)
                .setBytesPerSync(MIB)
                .setAvoidUnnecessaryBlockingIO(true)
                .setStatsDumpPeriodSec(0)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(4 * MIB);
        if (rateLimiter != null) {
            options.setRateLimiter(rateLimiter);
        }
        return options;
    }

    ColumnFamilyOptions tableOptions(Table table) {
        BlockBasedTableConfig blocks = new BlockBasedTableConfig()
                .setBlockCache(blockCache)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setFormatVersion(6)
                .setBlockSize(16 << 10);
        ColumnFamilyOptions options = new ColumnFamilyOptions()
                .setWriteBufferSize(config.writeBufferBytes() / 2)
                .setMaxWriteBufferNumber(6)
                .setLevelCompactionDynamicLevelBytes(true)
                .setTargetFileSizeBase(64 * MIB)
                .setMaxBytesForLevelBase(256 * MIB)
                .setLevel0SlowdownWritesTrigger(30)
                .setLevel0StopWritesTrigger(60)
                .setCompressionType(CompressionType.LZ4_COMPRESSION);
        if (table == Table.CURRENT) {
            blocks.setFilterPolicy(filter)
                    .setWholeKeyFiltering(true)
                    .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash)
                    .setDataBlockHashTableUtilRatio(0.75);
            options.setMemtablePrefixBloomSizeRatio(0.05).setMemtableWholeKeyFiltering(true);
        }
        if (table == Table.HISTORY || table == Table.REVISION) {
            options.setLevel0FileNumCompactionTrigger(PAST_FILES_BEFORE_COMPACTION);
        }
        return options.setTableFormatConfig(blocks);
    }

    /** Only after every database that was opened with it is closed. */
    @Override
    public void close() {
        pace.end();
        if (rateLimiter != null) {
            rateLimiter.close();
        }
        filter.close();
        blockCache.close();
    }
}
