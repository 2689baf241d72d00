package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.join.JoinSettings;
import io.keelson.agent.join.JoinToken;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code keelson up --join} refuses before it does anything. That it joins is shown by {@code scripts/first-month}. */
final class UpJoinTest {
    private static final List<String> LINE =
            List.of("--join=192.0.2.1:6443", "--token=abcdef.0123456789abcdef", "--node-ip=192.0.2.2");

    @TempDir
    private Path folder;

    private String refusal(List<String> line, String... more) {
        StringWriter said = new StringWriter();
        CommandLine up = new CommandLine(new UpCommand()).setErr(new PrintWriter(said));
        int code = up.execute(Stream.of(line.stream(), Stream.of("--data=" + folder), Stream.of(more))
                .flatMap(words -> words)
                .toArray(String[]::new));
        assertEquals(1, code, said.toString());
        return said.toString();
    }

    private static void assertSays(String part, String said) {
        assertTrue(said.contains(part), said);
    }

    @Test
    void whatIsAboutAClusterOfOnesOwnIsRefused() {
        assertSays("--ha is about a cluster of one's own", refusal(LINE, "--ha"));
        assertSays("--secure-port is about a cluster of one's own", refusal(LINE, "--secure-port=7000"));
        assertSays("there are proxy and dns", refusal(LINE, "--disable=scheduler"));
        assertSays("a machine joins by its agent", refusal(LINE, "--disable=agent"));
        assertSays("--join needs --token", refusal(List.of("--join=192.0.2.1:6443")));
        assertSays("are for --join HOST:PORT", refusal(List.of("--token=abcdef.0123456789abcdef")));
        assertFalse(JoinFile.isIn(folder));
    }

    @Test
    void aFolderIsForAClusterOrForANodeOfAnotherOne() throws Exception {
        Files.createFile(folder.resolve("keelson-cluster"));
        Files.createDirectory(folder.resolve("store"));
        assertSays("there is a cluster in " + folder + " already", refusal(LINE));
        Files.delete(folder.resolve("store"));
        JoinFile.of(
                        new JoinSettings(
                                "192.0.2.7:6443", JoinToken.parse("abcdef.0123456789abcdef"), List.of(), Duration.ZERO),
                        "two")
                .withoutToken()
                .write(folder);
        assertSays("--nodes is about a cluster of one's own", refusal(List.of(), "--nodes=3"));
        Files.createFile(NodeAccess.joined(folder).agent());
        assertSays("this machine has joined the cluster at 192.0.2.7:6443 as two", refusal(LINE));
        assertSays("as two", refusal(List.of(), "--node-name=three", "--node-ip=192.0.2.2"));
    }

    @Test
    void theProcessThatStaysIsNotGivenTheToken() {
        JoinFile joining = JoinFile.of(
                new JoinSettings(
                        "192.0.2.1:6443", JoinToken.parse("abcdef.0123456789abcdef"), List.of(), Duration.ZERO),
                "two");
        NodePlace place = new NodePlace(
                "two",
                "192.0.2.2",
                folder,
                folder.resolve("run"),
                "/keelson-test",
                Optional.empty(),
                Map.of("kata", Path.of("/opt/kata"), "gvisor", Path.of("/opt/runsc")),
                Optional.of(Path.of("/etc/registries.yaml")));
        JoinPlan plan = new JoinPlan(folder, joining, place, Set.of(Part.DNS));
        assertEquals(
                List.of(
                        "--node-name=two",
                        "--node-ip=192.0.2.2",
                        "--runtime-handler=gvisor=/opt/runsc",
                        "--runtime-handler=kata=/opt/kata",
                        "--private-registry=/etc/registries.yaml",
                        "--disable=dns"),
                plan.arguments());
        assertTrue(plan.has(Part.AGENT) && plan.has(Part.PROXY));
        assertFalse(plan.has(Part.DNS) || plan.has(Part.SCHEDULER) || plan.has(Part.MANIFESTS));
    }
}
