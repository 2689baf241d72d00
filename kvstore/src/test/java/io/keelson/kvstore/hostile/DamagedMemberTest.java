package io.keelson.kvstore.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.StartFailure;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.FreePorts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * One byte of one file of a whole member is flipped: log, database, snapshot, or what the member knows of itself. The
 * member either refuses to start, and names what is damaged; or leaves service when it meets the damage, naming it; or the
 * byte did not matter and it serves exactly what it did before. It never serves anything else. {@code -Ddamage.seed=N}
 * repeats a run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedMemberTest {
    /** Files that say nothing about the state: RocksDB's own notes and lock. */
    private static final Pattern NOTES = Pattern.compile("LOG.*|LOCK|OPTIONS-.*|IDENTITY|.*\\.log|lock");

    private static final ByteString EVERYTHING = ByteString.copyFrom(new byte[] {0});

    private final Path whole;
    private final Path temp;
    private final long seed = Long.getLong("damage.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final List<String> flags;
    private final Map<String, String> content = new TreeMap<>();
    private int copies;

    DamagedMemberTest(@TempDir Path temp) throws IOException {
        this.temp = temp;
        whole = temp.resolve("whole");
        String peerUrl = "http://127.0.0.1:" + FreePorts.one();
        flags = List.of(
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=" + peerUrl,
                "--initial-advertise-peer-urls=" + peerUrl,
                "--initial-cluster=default=" + peerUrl,
                "--snapshot-count=100",
                "--snapshot-catchup-entries=10",
                "--unsafe-no-fsync");
    }

    private KvServer start(Path directory) throws StartFailure {
        List<String> all = new ArrayList<>(flags);
        all.add("--data-dir=" + directory);
        return KvServer.start(ServerConfig.of(all.toArray(String[]::new)));
    }

    /** Makes a member with tables, a snapshot, and a log that goes on behind it. */
    @BeforeAll
    void makeMember() throws Exception {
        KvServer server = start(whole);
        try {
            KVGrpc.KVBlockingStub kv = kv(server.channel());
            for (int i = 0; i < 450; i++) {
                String key = "k/" + i % 300;
                String value = "value " + i + " ".repeat(i % 200);
                kv.put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build());
                content.put(key, value);
            }
        } finally {
            server.close();
        }
        assertTrue(files(whole).stream().anyMatch(file -> file.toString().endsWith(".sst")), "there are tables");
        assertTrue(files(whole).stream().anyMatch(file -> file.toString().contains("snapshot")), "there is a snapshot");
    }

    private static KVGrpc.KVBlockingStub kv(ManagedChannel channel) {
        return KVGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .filter(file ->
                            !NOTES.matcher(file.getFileName().toString()).matches())
                    .map(root::relativize)
                    .sorted()
                    .toList();
        }
    }

    /** The files of a member that runs, once the compaction that its start has begun removes none of them any more. */
    private static List<Path> filesAtRest(Path root) throws IOException, InterruptedException {
        List<Path> before = List.of();
        for (int attempt = 0; attempt < 100; attempt++) {
            try {
                List<Path> now = files(root);
                if (now.equals(before)) {
                    return now;
                }
                before = now;
            } catch (UncheckedIOException e) {
                // One was removed while they were listed.
                before = List.of();
            }
            Thread.sleep(200);
        }
        throw new AssertionError("the files of " + root + " do not come to rest");
    }

    private Path copy() throws IOException {
        Path target = temp.resolve("copy-" + copies++);
        try (Stream<Path> all = Files.walk(whole)) {
            for (Path from : (Iterable<Path>) all::iterator) {
                Path to = target.resolve(whole.relativize(from).toString());
                if (Files.isDirectory(from)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(from, to);
                }
            }
        }
        return target;
    }

    /** Flips a bit of a byte; most of a preallocated file is nothing, so the byte is one of its first. */
    private long flip(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long at = random.nextLong(Math.min(bytes.length(), 60_000));
            bytes.seek(at);
            int old = bytes.read();
            bytes.seek(at);
            bytes.write(old ^ (1 << random.nextInt(8)));
            return at;
        }
    }

    @Test
    void aFlippedBitOfAnyFileIsNamedOrDoesNotMatter() throws Exception {
        flipSome(1);
    }

    @Test
    @Tag("long")
    void aFlippedBitOfAnyFileIsNamedOrDoesNotMatterForLong() throws Exception {
        flipSome(10);
    }

    private void flipSome(int timesEach) throws Exception {
        int named = 0;
        for (Path file : files(whole)) {
            for (int i = 0; i < timesEach; i++) {
                Path damaged = copy();
                long at = flip(damaged.resolve(file.toString()));
                String why = serve(damaged, "seed " + seed + ", byte " + at + " of " + file);
                if (why != null) {
                    named++;
                    assertTrue(
                            why.contains(file.getFileName().toString()) || why.contains(parent(file)),
                            "byte " + at + " of " + file + " is damaged, but what is told is: " + why);
                }
                delete(damaged);
            }
        }
        assertTrue(named > 0, "nothing was found to be damaged");
    }

    private static String parent(Path file) {
        return file.getParent() == null ? file.toString() : file.getParent().toString();
    }

    /** Starts a member and reads everything; why it does not serve, or null if it serves what it should. */
    private @Nullable String serve(Path directory, String context) throws Exception {
        KvServer server;
        try {
            server = start(directory);
        } catch (StartFailure e) {
            return e.getMessage();
        }
        try {
            Map<String, String> found = new TreeMap<>();
            for (KeyValue pair : kv(server.channel())
                    .range(RangeRequest.newBuilder()
                            .setKey(EVERYTHING)
                            .setRangeEnd(EVERYTHING)
                            .build())
                    .getKvsList()) {
                found.put(pair.getKey().toStringUtf8(), pair.getValue().toStringUtf8());
            }
            assertEquals(content, found, context);
            return null;
        } catch (StatusRuntimeException e) {
            try {
                server.stopped().get(10, TimeUnit.SECONDS);
            } catch (ExecutionException left) {
                return String.valueOf(left.getMessage());
            } catch (TimeoutException stays) {
                return String.valueOf(e.getStatus().getDescription());
            }
            throw new AssertionError(context + ": stopped without a reason, after " + e.getStatus(), e);
        } finally {
            server.close();
        }
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void aMemberWhoseTablesAreDamagedWhileItRunsServesNothingWrong() throws Exception {
        Path directory = copy();
        KvServer server = start(directory);
        try {
            for (Path file : filesAtRest(directory)) {
                if (file.toString().endsWith(".sst") && !file.toString().contains("snapshot")) {
                    byte[] garbage = "garbage ".repeat(20).getBytes(StandardCharsets.US_ASCII);
                    try (RandomAccessFile bytes = new RandomAccessFile(
                            directory.resolve(file.toString()).toFile(), "rw")) {
                        for (long at = 0; at + garbage.length < bytes.length(); at += 1_000) {
                            bytes.seek(at);
                            bytes.write(garbage);
                        }
                    }
                }
            }
            int refused = 0;
            for (Map.Entry<String, String> expected : content.entrySet()) {
                try {
                    var answer = kv(server.channel())
                            .range(RangeRequest.newBuilder()
                                    .setKey(ByteString.copyFromUtf8(expected.getKey()))
                                    .build());
                    assertEquals(1, answer.getCount(), expected.getKey());
                    assertEquals(
                            expected.getValue(), answer.getKvs(0).getValue().toStringUtf8());
                } catch (StatusRuntimeException e) {
                    refused++;
                }
            }
            assertTrue(refused > 0, "no read met the damage");
            ExecutionException left = assertThrows(
                    ExecutionException.class, () -> server.stopped().get(10, TimeUnit.SECONDS));
            String why = String.valueOf(left.getMessage());
            assertTrue(why.contains(".sst"), why);
        } finally {
            server.close();
        }
    }
}
