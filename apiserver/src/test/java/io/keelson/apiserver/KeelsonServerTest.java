package io.keelson.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server in somebody's own process: what it opens, how fast it is there, and that nothing of it stays. */
@Timeout(180)
class KeelsonServerTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String PODS = "/api/v1/namespaces/default/pods";

    /**
     * A start takes as long as five to ten of the program's hashings, on an idle machine and on a busy one; in milliseconds it
     * takes what the machine's other work leaves to it.
     */
    private static final int START_HASHINGS_MAX = 25;

    private static int port(KeelsonServer server) {
        return URI.create(server.url()).getPort();
    }

    @Test
    void itListensOnOnePortAndItsStoreOnNone() throws Exception {
        Set<Integer> before = OwnProcess.listeningPorts();
        try (KeelsonServer server = KeelsonServer.start(KeelsonConfig.ephemeral())) {
            Set<Integer> now = OwnProcess.listeningPorts();
            now.removeAll(before);
            assertEquals(Set.of(port(server)), now);
        }
        assertEquals(before, OwnProcess.listeningPorts());
    }

    @Test
    void startsFastOnceClassesAreLoadedAndLeavesNothing(@TempDir Path temporary) throws Exception {
        Path output = Files.createTempFile("repeated-starts", ".out");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx512m",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        RepeatedStarts.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        String text;
        try {
            boolean ended = process.waitFor(120, TimeUnit.SECONDS);
            text = Files.readString(output, StandardCharsets.UTF_8);
            assertTrue(ended, text);
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(output);
        }
        List<String> lines = text.lines().toList();
        List<Integer> starts = numbers(lines, "start ");
        List<Integer> hashings = numbers(lines, "hashing ");
        System.out.println("starts of an embedded server, in ms: " + starts + ", hashings: " + hashings);
        assertEquals(5, starts.size(), text);
        assertEquals(5, hashings.size(), text);
        assertTrue(IntStream.range(0, 5).anyMatch(i -> starts.get(i) < START_HASHINGS_MAX * hashings.get(i)), text);
        // What is shared by all servers of a process may come to one or two more.
        assertTrue(numbers(lines, "threads ").getFirst() <= 2, text);
        assertTrue(numbers(lines, "descriptors ").getFirst() <= 3, text);
        assertTrue(lines.contains("listening []"), text);
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(
                    List.of(),
                    left.filter(file -> String.valueOf(file.getFileName()).startsWith("keelson"))
                            .toList());
        }
    }

    private static List<Integer> numbers(List<String> lines, String start) {
        return lines.stream()
                .filter(line -> line.matches(start + "-?[0-9]+( ms)?"))
                .map(line -> Integer.valueOf(line.split(" ", -1)[1]))
                .toList();
    }

    @Test
    void inAFolderItGoesOnWithItsDataAndItsKeys(@TempDir Path folder) throws Exception {
        KeelsonConfig config = KeelsonConfig.inFolder(folder.resolve("cluster"));
        KeelsonServer first = KeelsonServer.start(config);
        try (Administrator admin = new Administrator(first)) {
            admin.create(MAPS, "{\"metadata\":{\"name\":\"kept\"},\"data\":{\"k\":\"v\"}}");
        } finally {
            first.close();
        }
        try (KeelsonServer second = KeelsonServer.start(config);
                Administrator admin = new Administrator(second, first)) {
            String kept = admin.get(MAPS + "/kept");
            assertTrue(kept.startsWith("200 ") && kept.contains("\"data\":{\"k\":\"v\"}"), kept);
        }
    }

    @Test
    void aFolderThatIsInUseAndAPortThatIsTakenAreRefused(@TempDir Path folder) throws Exception {
        KeelsonConfig config = KeelsonConfig.inFolder(folder);
        try (KeelsonServer server = KeelsonServer.start(config)) {
            assertThrows(IOException.class, () -> KeelsonServer.start(config));
            assertThrows(
                    IOException.class,
                    () -> KeelsonServer.start(KeelsonConfig.ephemeral().withPort(port(server))));
            try (Administrator admin = new Administrator(server)) {
                assertEquals("200 ok", admin.get("/readyz"), "the one that was there is not harmed");
            }
        }
    }

    @Test
    void severalLiveBesideEachOther() throws Exception {
        try (KeelsonServer one = KeelsonServer.start(KeelsonConfig.ephemeral());
                KeelsonServer other = KeelsonServer.start(KeelsonConfig.ephemeral());
                Administrator ofOne = new Administrator(one);
                Administrator ofOther = new Administrator(other)) {
            ofOne.create(MAPS, "{\"metadata\":{\"name\":\"m\"}}");
            assertTrue(ofOne.get(MAPS + "/m").startsWith("200 "));
            assertTrue(ofOther.get(MAPS + "/m").startsWith("404 "));
        }
    }

    @Test
    void theTimeIsWhatTheClockSays() throws Exception {
        Instant start = Instant.now().minus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
        AtomicLong passedSeconds = new AtomicLong();
        KeelsonConfig config = KeelsonConfig.ephemeral().withClock(() -> start.plusSeconds(passedSeconds.get()));
        try (KeelsonServer server = KeelsonServer.start(config);
                Administrator admin = new Administrator(server)) {
            admin.create(MAPS, "{\"metadata\":{\"name\":\"first\"}}");
            String first = admin.get(MAPS + "/first");
            assertTrue(first.contains("\"creationTimestamp\":\"" + start + '"'), first);
            passedSeconds.set(Duration.ofDays(2).toSeconds());
            admin.create(MAPS, "{\"metadata\":{\"name\":\"second\"}}");
            String second = admin.get(MAPS + "/second");
            assertTrue(second.contains("\"creationTimestamp\":\"" + start.plus(Duration.ofDays(2)) + '"'), second);
        }
    }

    /** No controllers make accounts here, so that pods are asked for theirs only where somebody wants that. */
    @Test
    void accountsOfPodsAreAskedForWhereThePluginIsEnabled() throws Exception {
        String pod = "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
        try (KeelsonServer server = KeelsonServer.start(KeelsonConfig.ephemeral());
                Administrator admin = new Administrator(server)) {
            String made = admin.post(PODS, pod);
            assertTrue(made.startsWith("201 ") && !made.contains("serviceAccountToken"), made);
        }
        KeelsonConfig strict = KeelsonConfig.ephemeral().withAdmissionPlugins("ServiceAccount");
        try (KeelsonServer server = KeelsonServer.start(strict);
                Administrator admin = new Administrator(server)) {
            String refused = admin.post(PODS, pod);
            assertTrue(
                    refused.startsWith("403 ")
                            && refused.contains("error looking up service account default/default: serviceaccount"),
                    refused);
            admin.create("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
            String made = admin.post(PODS, pod);
            assertTrue(
                    made.startsWith("201 ")
                            && made.contains("\"serviceAccountName\":\"default\"")
                            && made.contains("\"serviceAccountToken\""),
                    made);
        }
    }

    @Test
    void pluginsThatThereAreNotAreNamed() {
        KeelsonConfig config = KeelsonConfig.ephemeral().withAdmissionPlugins("PodPreset");
        assertEquals(
                "enable-admission-plugins plugin \"PodPreset\" is unknown",
                assertThrows(IllegalArgumentException.class, () -> KeelsonServer.start(config))
                        .getMessage());
    }
}
