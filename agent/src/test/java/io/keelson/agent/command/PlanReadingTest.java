package io.keelson.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.agent.config.AgentFlags;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.node.NodeSettings.Reserve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void theNameThatIsGivenIsTheHostnameToo() throws IOException {
        NodePlan plan = plan("");
        assertEquals("somebody", plan.node().name());
        assertEquals("somebody", plan.node().hostname());
        assertEquals("somebody", plan.shown().hostname());
    }

    @Test
    void onlyWhatEvictionKeepsFreeIsReserved() throws IOException {
        String none = "evictionHard: {memory.available: '100%', nodefs.available: '0%'}\n";
        assertEquals(new Reserve(0, 0, 0, 0), plan(none).node().reserve());
        none = "evictionHard: {memory.available: '0%', nodefs.available: '100%'}\n";
        assertEquals(new Reserve(0, 0, 0, 0), plan(none).node().reserve());
        String some = """
                evictionHard: {memory.available: 1Mi, nodefs.available: 1Gi}
                kubeReserved: {memory: 2Mi, ephemeral-storage: 1Gi}
                """;
        assertEquals(new Reserve(0, 3L << 20, 2L << 30, 0), plan(some).node().reserve());
        assertEquals(
                new Reserve(0, 0, 0, 0.25),
                plan("evictionHard: {nodefs.available: '25%'}\n").node().reserve());
    }

    @Test
    void othersSeeNothingOfWhatPodsHave() throws IOException {
        var _ = plan("");
        assertEquals("rwxr-x---", permissions(root()));
        assertEquals("rwxr-x---", permissions(root().resolve("pods")));
        Files.setPosixFilePermissions(root(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(root().resolve("pods"), PosixFilePermissions.fromString("rwxr-xr-x"));
        var _ = plan("");
        assertEquals("rwxr-x---", permissions(root()));
        assertEquals("rwxr-x---", permissions(root().resolve("pods")));
    }
}
