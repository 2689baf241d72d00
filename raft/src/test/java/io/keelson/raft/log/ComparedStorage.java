package io.keelson.raft.log;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.impl.RocksDBLogStorage;
import com.alipay.sofa.jraft.storage.log.RocksDBSegmentLogStorage;
import java.nio.file.Path;

/** The log storages there are to choose from, each syncing before it acknowledges. */
enum ComparedStorage {
    ROCKSDB("RocksDBLogStorage"),
    ROCKSDB_SEGMENT("RocksDBSegmentLogStorage"),
    SEGMENT("SegmentLogStorage");

    private final String title;

    ComparedStorage(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    LogStorage open(Path directory) {
        RaftOptions options = new RaftOptions();
        options.setSync(true);
        options.setOpenStatistics(false);
        LogStorage storage = switch (this) {
            case ROCKSDB -> new RocksDBLogStorage(directory.toString(), options);
            case ROCKSDB_SEGMENT -> new RocksDBSegmentLogStorage(directory.toString(), options);
            case SEGMENT -> new SegmentLogStorage(directory, true);
        };
        if (!storage.init(LogFixture.options(new ConfigurationManager()))) {
            throw new IllegalStateException(title + " cannot be opened in " + directory);
        }
        return storage;
    }
}
