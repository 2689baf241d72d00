package io.keelson.kvstore.server;

import io.keelson.kvstore.migrate.SnapshotExport;
import io.keelson.kvstore.mvcc.HistoryExport;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.LongSupplier;

/** Snapshots in etcd's file format, in which leases have the time that is left to them now. */
final class EtcdSnapshotFormat implements SnapshotSender.Format {
    private final LongSupplier clusterTimeMs;

    /** @param clusterTimeMs cluster time now, which leases end by */
    EtcdSnapshotFormat(LongSupplier clusterTimeMs) {
        this.clusterTimeMs = clusterTimeMs;
    }

    @Override
    public File prepare(HistoryExport history) throws IOException {
        SnapshotExport export = SnapshotExport.prepare(history, clusterTimeMs.getAsLong());
        return new File() {
            @Override
            public long sizeBytes() {
                return export.sizeBytes();
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                export.writeTo(out);
            }
        };
    }
}
