package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.agent.stats.StatisticsSuite;
import io.keelson.agent.wire.cri.NamespaceMode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What pods of the embedded runtime use. */
@Tag("root")
class EmbeddedStatisticsTest {
    @TempDir
    private Path folder;

    @Test
    void isFound() throws Exception {
        assumeTrue(FolderImages.canBeMade(), "busybox-static is missing");
        TestRuntime runtime = new TestRuntime(folder);
        try {
            StatisticsSuite.check(runtime.connection(), "busybox", NamespaceMode.POD, folder.resolve("t"));
        } finally {
            runtime.close();
        }
    }
}
