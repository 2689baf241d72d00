package io.keelson.kvstore.server;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.HistoryExport;

/** Snapshots in etcd's file format. */
final class EtcdSnapshotFormat implements SnapshotSender.Format {
    @Override
    public File prepare(HistoryExport history) {
        throw EtcdError.NOT_CAPABLE.exception();
    }
}
