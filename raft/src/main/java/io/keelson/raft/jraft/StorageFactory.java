package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import io.keelson.raft.log.SegmentLogStorage;

/** Where one member keeps log, term and snapshots. */
final class StorageFactory implements JRaftServiceFactory {
    private final TermFile term;
    private final SegmentLogStorage log;
    private final SnapshotFolder snapshots;

    StorageFactory(TermFile term, SegmentLogStorage log, SnapshotFolder snapshots) {
        this.snapshots = snapshots;
        this.term = term;
        this.log = log;
    }

    @Override
    public LogStorage createLogStorage(String uri, RaftOptions options) {
        return log;
    }

    @Override
    public SnapshotStorage createSnapshotStorage(NodeOptions options) {
        return snapshots;
    }

    @Override
    public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions options) {
        return term;
    }

    @Override
    public LogEntryCodecFactory createLogEntryCodecFactory() {
        return LogEntryV2CodecFactory.getInstance();
    }
}
