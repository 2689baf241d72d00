package io.keelson.kvstore.migrate;

import io.keelson.kvstore.bolt.BoltBucket;
import io.keelson.kvstore.bolt.BoltCursor;
import io.keelson.kvstore.bolt.BoltLayout;
import io.keelson.kvstore.bolt.BoltReader;
import io.keelson.kvstore.bolt.BoltSource;
import io.keelson.kvstore.bolt.BoltWriter;
import io.keelson.kvstore.bolt.EtcdBucket;
import io.keelson.kvstore.bolt.SnapshotDigest;
import io.keelson.kvstore.mvcc.Compactor;
import io.keelson.kvstore.mvcc.HistoryExport;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.StorageConfig;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Etcd files for tests, and data folders made of them. */
final class EtcdFiles {
    private EtcdFiles() {}

    /** A snapshot that etcdctl 3.5.30 saved from etcd 3.5.30, with leases, authentication and a compaction in it. */
    static Path realSnapshot(Path folder) throws IOException {
        Path file = folder.resolve("etcd.db");
        try (InputStream in = BoltReader.class.getResourceAsStream("etcd-3.5.snapshot.db")) {
            if (in == null) {
                throw new AssertionError("the snapshot is not among the test resources");
            }
            Files.copy(in, file);
        }
        return file;
    }

    static void write(Path file, List<BoltSource> sources) throws IOException {
        MessageDigest digest = SnapshotDigest.start();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            BoltWriter.write(BoltLayout.of(sources), sources, new DigestOutputStream(out, digest));
            out.write(digest.digest());
        }
    }

    /** A restore into a cluster of one, named {@code m}. */
    static RestoreConfig config(Path source, Path dataDir) {
        return config(source, dataDir, 0);
    }

    static RestoreConfig config(Path source, Path dataDir, long bumpRevision) {
        return new RestoreConfig(
                source,
                dataDir,
                "m",
                Map.of("m", List.of("http://127.0.0.1:2380")),
                "token",
                false,
                bumpRevision,
                bumpRevision > 0);
    }

    static RestoreReport restore(Path source, Path dataDir) throws IOException {
        return Restore.run(config(source, dataDir), Progress.NONE);
    }

    static Database open(Path dataDir) throws IOException {
        return Database.open(dataDir.resolve(Restore.DATABASE_FOLDER), StorageConfig.defaults());
    }

    /** Writes what a data folder holds as a snapshot with digest, as a server sends it. */
    static void export(Path dataDir, Path file, long clusterTimeMs) throws IOException {
        try (Database database = open(dataDir);
                Compactor compactor = Compactor.start(database);
                HistoryExport history = new MvccStore(database, compactor, 1 << 20).export()) {
            SnapshotExport export = SnapshotExport.prepare(history, clusterTimeMs);
            MessageDigest digest = SnapshotDigest.start();
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
                export.writeTo(new DigestOutputStream(out, digest));
                out.write(digest.digest());
            }
            if (Files.size(file) != export.sizeBytes() + SnapshotDigest.BYTES) {
                throw new AssertionError("said " + export.sizeBytes() + " bytes, wrote " + Files.size(file));
            }
        }
    }

    /** The entries of a bucket as text, one each. */
    static List<String> entries(Path file, EtcdBucket name) throws IOException {
        List<String> entries = new ArrayList<>();
        try (BoltReader reader = BoltReader.open(file)) {
            BoltBucket bucket = reader.root().bucket(name.text().getBytes(StandardCharsets.US_ASCII));
            if (bucket == null) {
                return entries;
            }
            BoltCursor cursor = bucket.cursor();
            while (cursor.next()) {
                entries.add(HexFormat.of().formatHex(cursor.key()) + " "
                        + HexFormat.of().formatHex(cursor.value()));
            }
        }
        return entries;
    }
}
