package io.keelson.kvstore.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.bolt.EtcdBackend;
import io.keelson.kvstore.bolt.EtcdImage;
import io.keelson.kvstore.bolt.EtcdMeta;
import io.keelson.kvstore.bolt.RevisionKey;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

final class RandomHistoryTest {
    /** A change and what it is in etcd's file. */
    private record Change(RevisionKey revision, String key, byte[] keyValue) {
        @Override
        public String toString() {
            return revision + " " + HexFormat.of().formatHex(keyValue);
        }
    }

    /**
     * Whatever happened, and wherever it was compacted: what comes over and is given back is exactly what can be read.
     * Transactions change several keys, and one key twice by deleting and putting it.
     */
    @Property(tries = 20)
    void historyComesOverAndGoesBack(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 300) int revisions,
            @ForAll @IntRange(min = 1, max = 12) int keys,
            @ForAll @IntRange(min = 0, max = 100) int compactedPercent)
            throws IOException {
        var random = new Random(seed);
        List<Change> changes = history(random, revisions, keys);
        long last = changes.isEmpty() ? 1 : changes.getLast().revision.main();
        long compact = compactedPercent == 0 ? 0 : Math.max(1, last * compactedPercent / 100);
        List<Change> kept = compacted(changes, compact);
        // Half of the files are as before the compaction was carried out, half as after.
        List<Change> given = random.nextBoolean() ? changes : kept;
        Path folder = Files.createTempDirectory("history");
        try {
            Path source = folder.resolve("source.db");
            var image = new EtcdImage(
                    versions -> {
                        for (Change change : given) {
                            versions.version(change.revision, change.keyValue);
                        }
                    },
                    leases -> {});
            image.meta(new EtcdMeta(1, 1, null, null, compact, 0));
            EtcdFiles.write(source, image.sources());
            RestoreReport report = EtcdFiles.restore(source, folder.resolve("data"));
            assertEquals(Math.max(last, compact), report.revision());
            Path back = folder.resolve("back.db");
            EtcdFiles.export(folder.resolve("data"), back, 0);
            List<String> read = new ArrayList<>();
            try (EtcdBackend backend = EtcdBackend.open(back)) {
                backend.status(pages -> {});
                backend.versions((revision, keyValue) -> read.add(new Change(revision, "", keyValue).toString()));
            }
            assertEquals(kept.stream().map(Change::toString).toList(), read);
        } finally {
            deleteAll(folder);
        }
    }

    private static List<Change> history(Random random, int revisions, int keys) {
        List<Change> changes = new ArrayList<>();
        Map<String, long[]> createAndVersion = new HashMap<>();
        for (long main = 2; main < 2 + revisions; main++) {
            int sub = 0;
            int operations = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
            for (int i = 0; i < operations; i++) {
                String key = "k\0" + random.nextInt(keys);
                boolean touched = touched(changes, main, key);
                long[] state = createAndVersion.get(key);
                if (state != null && !touched && random.nextInt(3) == 0) {
                    changes.add(new Change(
                            new RevisionKey(main, sub++, true),
                            key,
                            KeyValue.newBuilder()
                                    .setKey(ByteString.copyFromUtf8(key))
                                    .build()
                                    .toByteArray()));
                    createAndVersion.remove(key);
                    state = null;
                    touched = random.nextBoolean();
                }
                if (!touched) {
                    long create = state == null ? main : state[0];
                    long version = state == null ? 1 : state[1] + 1;
                    createAndVersion.put(key, new long[] {create, version});
                    byte[] value = new byte[random.nextInt(20) == 0 ? 9000 : random.nextInt(30)];
                    random.nextBytes(value);
                    changes.add(new Change(
                            new RevisionKey(main, sub++, false),
                            key,
                            KeyValue.newBuilder()
                                    .setKey(ByteString.copyFromUtf8(key))
                                    .setCreateRevision(create)
                                    .setModRevision(main)
                                    .setVersion(version)
                                    .setLease(random.nextInt(5) == 0 ? 77 : 0)
                                    .setValue(ByteString.copyFrom(value))
                                    .build()
                                    .toByteArray()));
                }
            }
        }
        // A transaction that changed nothing made no revision: the last one has at least one change.
        return changes;
    }

    private static boolean touched(List<Change> changes, long main, String key) {
        return changes.stream().anyMatch(change -> change.revision.main() == main && change.key.equals(key));
    }

    /** Of what is not younger than the compaction only the newest version of each key stays, and deletions at it. */
    private static List<Change> compacted(List<Change> changes, long compact) {
        Map<String, Change> newest = new HashMap<>();
        for (Change change : changes) {
            if (change.revision.main() <= compact) {
                newest.put(change.key, change);
            }
        }
        return changes.stream()
                .filter(change -> change.revision.main() > compact
                        || (change.revision.tombstone()
                                ? change.revision.main() == compact
                                : change.equals(newest.get(change.key))))
                .toList();
    }

    private static void deleteAll(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
