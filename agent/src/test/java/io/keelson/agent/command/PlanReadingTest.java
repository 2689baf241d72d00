package io.keelson.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.agent.config.AgentFlags;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class PlanReadingTest {
    @TempDir
    private Path folder;

    @Command
    private static final class Sample {
        @Mixin
        private AgentFlags flags = new AgentFlags();
    }

    private Path root() {
        return folder.resolve("kubelet");
    }

    private NodePlan plan(String config) throws IOException {
        Path configuration = Files.writeString(
                folder.resolve("config.yaml"),
                "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                        + "failSwapOn: false\nfailCgroupV1: false\n" + config);
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), "");
        Sample sample = new Sample();
        new CommandLine(sample)
                .parseArgs(
                        "--root-dir=" + root(),
                        "--config=" + configuration,
                        "--kubeconfig=" + kubeconfig,
                        "--hostname-override=Somebody",
                        "--node-ip=10.0.0.1",
                        "--container-runtime-endpoint=embedded");
        EmbeddedNodeSettings embedded = EmbeddedNodeSettings.of(folder, folder, "1");
        return new PlanReading(sample.flags, _ -> {}).plan(embedded, false, folder, folder, Optional.empty());
    }

    @Test
    void theNameThatIsGivenIsTheHostnameToo() throws IOException {
        NodePlan plan = plan("");
        assertEquals("somebody", plan.node().name());
        assertEquals("somebody", plan.node().hostname());
        assertEquals("somebody", plan.shown().hostname());
    }
}
