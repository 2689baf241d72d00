package io.keelson.controllers.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OwnOomScoreTest {
    private static final Path OWN = Path.of("/proc/self/oom_score_adj");

    @TempDir
    private Path folder;

    @Test
    void whatThisProcessHasMayBeAskedForAgain() throws IOException {
        String before = Files.readString(OWN).strip();
        OwnOomScore.set(Integer.parseInt(before));
        assertEquals(before, Files.readString(OWN).strip());
    }

    @Test
    void theValueIsWrittenAsTheKernelReadsIt() throws IOException {
        Path file = folder.resolve("score");
        OwnOomScore.set(file, -999);
        assertEquals("-999", Files.readString(file));
    }

    @Test
    void aKernelThatRefusesStopsNobody() {
        Path file = folder.resolve("absent").resolve("score");
        OwnOomScore.set(file, 0);
        assertFalse(Files.exists(file));
    }
}
