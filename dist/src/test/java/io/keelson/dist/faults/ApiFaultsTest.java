package io.keelson.dist.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.dist.Keelson;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One round of what {@code scripts/faults api} does for long. */
final class ApiFaultsTest {
    /** In real processes: what is written survives, and what is watched goes on. */
    private static final List<ApiFault> FAULTS = List.of(ApiFault.LEADER_KILL, ApiFault.STORE_GONE, ApiFault.API_KILL);

    private static final int GONE_SECONDS = 7;

    @Test
    void nothingIsLostAndNothingSkippedWhenLeaderStoreAndApiServersGoAndComeBack(@TempDir Path folder)
            throws Exception {
        try (ControlPlaneProcesses plane = new ControlPlaneProcesses(folder, command())) {
            plane.start();
            Set<String> done = new HashSet<>(new ApiFaultRun(plane, FAULTS, GONE_SECONDS, 3).round(0));
            assertEquals(FAULTS.size(), done.size(), done.toString());
        }
    }

    /** The command from the classes of this build, with what makes a JVM start soon. */
    private static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Keelson.class.getName());
    }
}
