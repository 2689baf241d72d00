package io.keelson.kvstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.bolt.BoltReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snapshot restore} and {@code migrate} as a user types them. */
final class RestoreCommandsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path snapshot;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void snapshot() throws IOException {
        snapshot = folder.resolve("etcd.db");
        try (InputStream in = BoltReader.class.getResourceAsStream("etcd-3.5.snapshot.db")) {
            if (in == null) {
                throw new AssertionError("the snapshot is not among the test resources");
            }
            Files.copy(in, snapshot);
        }
    }

    private int run(String... words) {
        out.reset();
        err.reset();
        Console console = Console.of(InputStream.nullInputStream(), out, err, Map.of(), Termination.onCall());
        return KvCommandLine.run(KvCommandLine.bytesOf(List.of(words)), console);
    }

    private String out() {
        return out.toString(UTF_8);
    }

    private String err() {
        return err.toString(UTF_8);
    }

    @Test
    void restoreSaysWhatItDid() {
        Path dataDir = folder.resolve("data");
        assertEquals(0, run("snapshot", "restore", snapshot.toString(), "--data-dir", dataDir.toString()), () -> err());
        assertEquals(
                "Restored " + snapshot + " into " + dataDir + "\n"
                        + "keys: 11 (23 versions and 1 deletions kept)\n"
                        + "revision: 34, compacted to 20\n"
                        + "leases: 2, users: 2, roles: 1, authentication on, alarms: 0\n"
                        + "member: 8e9e05c52164694d of cluster cdf818194e3a8c32\n",
                out());
        assertEquals(1, run("snapshot", "restore", snapshot.toString(), "--data-dir", dataDir.toString()));
        assertEquals("Error: data-dir \"" + dataDir + "\" not empty or could not be read\n", err());
    }

    @Test
    void migrateIsTheSameUnderAnotherName() {
        Path dataDir = folder.resolve("data");
        assertEquals(
                0,
                run(
                        "migrate",
                        "--from",
                        snapshot.toString(),
                        "--data-dir",
                        dataDir.toString(),
                        "--name=one",
                        "--initial-cluster=one=http://127.0.0.1:7001,two=http://127.0.0.1:7002",
                        "--initial-advertise-peer-urls=http://127.0.0.1:7001"),
                () -> err());
        assertTrue(out().contains("revision: 34, compacted to 20\n"), out());
        assertTrue(Files.isDirectory(dataDir));
    }

    @Test
    void flagsThatMakeNoSenseAreRefused() {
        String data = folder.resolve("data").toString();
        String file = snapshot.toString();
        assertEquals(128, run("snapshot", "restore"));
        assertEquals("Error: snapshot restore requires exactly one argument\n", err());
        assertEquals(1, run("snapshot", "restore", file));
        assertEquals("Error: required flag(s) \"data-dir\" not set\n", err());
        assertEquals(128, run("snapshot", "restore", file, "--data-dir", data, "--bump-revision=5"));
        assertEquals("Error: --mark-compacted required if --revision-bump > 0\n", err());
        assertEquals(1, run("snapshot", "restore", file, "--data-dir", data, "--name=x"));
        assertTrue(err().contains("couldn't find local name \"x\" in the initial cluster configuration"), err());
        assertEquals(1, run("migrate", "--data-dir", data));
        assertEquals("Error: required flag(s) \"from\" not set\n", err());
        assertTrue(Files.notExists(Path.of(data)));
    }
}
