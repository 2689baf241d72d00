package io.keelson.dist.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.dist.Keelson;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One short round of what {@code scripts/hostile api} does for long: every attack for a moment. */
final class HostileApiTest {
    private static final long ATTACK_MS = 700;

    private static final int HEAP_MIB = 512;

    /** Far beyond what a call takes, and far below what a server that is held up would make it take. */
    private static final double P99_MS_MAX = 5_000;

    @Test
    void everyAttackLeavesTheServerUpAndItsGoodClientsServed(@TempDir Path folder) throws Exception {
        try (AttackedServer server = new AttackedServer(folder, command())) {
            server.start();
            assertEquals(
                    List.of(),
                    new HostileApiRun(server, ATTACK_MS, HEAP_MIB, P99_MS_MAX)
                            .run(List.of(ApiAttack.values()), 11, 3_000, 0));
        }
    }

    /** The command from the classes of this build. */
    private static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseG1GC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx" + HEAP_MIB + "m",
                "-cp",
                System.getProperty("java.class.path"),
                Keelson.class.getName());
    }
}
