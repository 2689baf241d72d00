package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two machines with a cable in between, as network namespaces: the address appears on one, and the other is told of it
 * and reaches it. Only where this may be set up, as root.
 */
class NetworkNamespaceTest {
    private static final String V4 = "10.99.7.50";
    private static final String V6 = "fd99:7::50";

    private final long pid = ProcessHandle.current().pid();
    private final String here = "kcl-a-" + pid;
    private final String there = "kcl-b-" + pid;

    @AfterEach
    void removeNamespaces() throws IOException, InterruptedException {
        if (!Files.isExecutable(Path.of("/usr/sbin/ip"))) {
            return;
        }
        for (String namespace : List.of(here, there)) {
            String _ = run("ip", "netns", "del", namespace);
        }
    }

    /** What a command writes; what it complains of included. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), () -> Arrays.toString(command) + " does not end");
        return output;
    }

    private String inThere(String script) throws IOException, InterruptedException {
        return run("ip", "netns", "exec", there, "bash", "-c", script);
    }

    private void assumeNamespaces() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/ip")), "there is no ip command");
        assumeTrue(run("ip", "netns", "add", here).isEmpty(), "namespaces may not be made");
        String cable = """
            netns add %2$s
            link add eth0 netns %1$s type veth peer name eth0 netns %2$s
            """.formatted(here, there);
        Path batch = Files.createTempFile("ip", ".batch");
        try {
            Files.writeString(batch, cable);
            assumeTrue(run("ip", "-batch", batch.toString()).isEmpty(), "cables may not be laid");
        } finally {
            Files.delete(batch);
        }
        for (String namespace : List.of(here, there)) {
            String last = namespace.equals(here) ? "1" : "2";
            assertEquals("", run("ip", "-n", namespace, "link", "set", "lo", "up"));
            assertEquals("", run("ip", "-n", namespace, "link", "set", "eth0", "up"));
            assertEquals("", run("ip", "-n", namespace, "addr", "add", "10.99.7." + last + "/24", "dev", "eth0"));
            assertEquals(
                    "", run("ip", "-n", namespace, "addr", "add", "fd99:7::" + last + "/64", "dev", "eth0", "nodad"));
        }
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", here));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), NamespaceMain.class.getName()));
        command.addAll(List.of("eth0", V4, V6));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void aNeighbourIsToldOfTheAddressAndReachesItUntilItGoes() throws IOException, InterruptedException {
        assumeNamespaces();
        // It believes what it is told without having asked.
        String _ = inThere("echo 1 > /proc/sys/net/ipv4/conf/all/arp_accept;"
                + " echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_untracked_na;"
                + " echo 1 > /proc/sys/net/ipv6/conf/eth0/forwarding");
        Process process = start();
        try (BufferedReader says =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("ready", says.readLine());
            String hardware =
                    run("ip", "-n", here, "-br", "link", "show", "eth0").split("\\s+", -1)[2];
            assertTrue(inThere("ip neigh show " + V4).contains("lladdr " + hardware), "ARP told of it");
            String placed = run("ip", "-n", here, "addr", "show", "dev", "eth0");
            assertTrue(placed.contains(V4 + "/32") && placed.contains(V6 + "/128"), placed);
            assertTrue(placed.contains("valid_lft 60sec") || placed.contains("valid_lft 59sec"), placed);
            for (String address : List.of(V4, V6)) {
                assertEquals(
                        "hello from the node",
                        inThere("exec 3<>/dev/tcp/" + address + "/80; timeout 5 cat <&3"),
                        address);
            }
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertEquals("deleted", says.readLine());
            String left = run("ip", "-n", here, "addr", "show", "dev", "eth0");
            assertFalse(left.contains(V4 + "/") || left.contains(V6), left);
            assertTrue(left.contains("10.99.7.1/24"), "the machine's own stay");
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }
}
