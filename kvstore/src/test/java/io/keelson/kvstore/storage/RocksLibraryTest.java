package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of RocksDB's native code stays on the disk of a process that is killed. */
final class RocksLibraryTest {
    private static final int KILLED = 7;

    /** A process that opens a database and dies, with nothing that the end of a process brings. */
    static final class Dying {
        public static void main(String[] args) throws Exception {
            try (Database _ = Database.open(Path.of(args[0]), StorageConfig.defaults())) {
                Runtime.getRuntime().halt(KILLED);
            }
        }
    }

    @Test
    void nothingOfTheLibraryIsLeftByAProcessThatIsKilled(@TempDir Path folder) throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path data = folder.resolve("data");
        // As one left it that was killed before it had loaded it.
        Files.createDirectories(data.resolve("library"));
        Files.writeString(data.resolve("library/half.so"), "half");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Xmx200m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Dying.class.getName(),
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
        assertEquals(KILLED, process.waitFor(), () -> new File(folder.toFile(), "said").toString());
        assertEquals(List.of(), List.of(temporary.toFile().list()));
        assertFalse(Files.exists(data.resolve("library")));
    }
}
