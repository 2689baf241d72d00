package io.keelson.agent.stats;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeSockets;
import io.keelson.agent.cri.TestContainerd;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.controllers.runtime.Time;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What pods of a real containerd use. */
@Tag("root")
class ContainerdStatisticsTest {
    private static final String IMAGE = "keelson-test:1";

    @TempDir
    private Path folder;

    @Test
    void isFound() throws Exception {
        assumeTrue(TestContainerd.isInstalled(), "containerd, runc or busybox-static is missing");
        try (TestContainerd containerd = new TestContainerd(folder);
                Time time = Time.system();
                RuntimeSockets sockets = new RuntimeSockets(time)) {
            containerd.load("docker.io/library/" + IMAGE, "sh");
            RuntimeConnection connection = sockets.connect(containerd.endpoint(), containerd.endpoint());
            StatisticsSuite.check(connection, IMAGE, NamespaceMode.NODE, folder.resolve("t"));
        }
    }
}
