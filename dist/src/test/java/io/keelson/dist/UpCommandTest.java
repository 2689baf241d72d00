package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code keelson up}, {@code status} and {@code down}, as processes. */
@Timeout(240)
final class UpCommandTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** What a node does to the machine is shown where it has a machine of its own. */
    private static final String NO_NODE = "--disable=agent,proxy,dns";

    private static final String DEPLOYMENT = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: default}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: web, image: web}]}
            """;

    private final Path folder;
    private final Path data;
    private Path program = Path.of("");

    UpCommandTest(@TempDir Path folder) {
        this.folder = folder;
        data = folder.resolve("data");
    }

    @BeforeEach
    void makeProgram() throws IOException {
        program = TestDistribution.in(folder.resolve("keelson"));
    }

    @AfterEach
    void end() throws Exception {
        run("down", "--data=" + data);
        run("down");
    }

    private record Said(int code, String text) {}

    private Said run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(words));
        Path output = Files.createTempFile(folder, "output", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        TestDistribution.prepare(builder.environment());
        builder.environment().put("HOME", folder.resolve("home").toString());
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), String.join(" ", words));
            return new Said(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private KubernetesClient client() throws IOException {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(data.resolve("kubeconfig"))))
                .build();
    }

    private static void await(String what, BooleanSupplier isSo) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, what);
            Thread.sleep(50);
        }
    }

    private static long running(KubernetesClient client) {
        return client.pods().inNamespace("default").list().getItems().stream()
                .map(Pod::getStatus)
                .filter(status -> "Running".equals(status.getPhase()))
                .count();
    }

    @Test
    void aClusterIsThereWithOneCommandAndItsDataAfterTheNextOne() throws Exception {
        Said up = run("up", NO_NODE, "--data=" + data, "--secure-port=0", "--nodes=2");
        assertEquals(0, up.code(), up.text());
        assertTrue(up.text().contains("\n2 simulated nodes "), up.text());
        assertTrue(up.text().contains("  " + program + " down --data " + data), up.text());

        Files.writeString(data.resolve("manifests/web.yaml"), DEPLOYMENT);
        try (KubernetesClient client = client()) {
            await("the pods of a manifest run", () -> running(client) == 2);
            // For machines that join.
            assertEquals(
                    "keelson.io/local",
                    client.storage()
                            .v1()
                            .storageClasses()
                            .withName("standard")
                            .get()
                            .getProvisioner());
            assertEquals(
                    "10.96.0.10",
                    client.services()
                            .inNamespace("kube-system")
                            .withName("kube-dns")
                            .get()
                            .getSpec()
                            .getClusterIP());
        }
        Said again = run("up", NO_NODE, "--data=" + data, "--secure-port=0");
        assertEquals(0, again.code(), again.text());
        assertTrue(again.text().startsWith("A cluster runs already in " + data), again.text());
        Said status = run("status", "--data=" + data);
        assertEquals(0, status.code(), status.text());
        assertTrue(status.text().contains("nodes       2, 2 ready"), status.text());

        assertEquals(
                "The cluster in " + data + " has ended.\n",
                run("down", "--data=" + data).text());
        assertEquals(3, run("status", "--data=" + data).code());
        Said second =
                run("up", NO_NODE, "--data=" + data, "--secure-port=0", "--disable=scheduler,cloud-controller-manager");
        assertEquals(0, second.code(), second.text());
        try (KubernetesClient client = client()) {
            assertEquals(
                    2,
                    client.apps()
                            .deployments()
                            .inNamespace("default")
                            .withName("web")
                            .get()
                            .getSpec()
                            .getReplicas());
        }
        assertEquals(0, run("down", "--data=" + data, "--wipe").code());
        assertFalse(Files.exists(data));
    }

    @Test
    void aClusterWhoseProcessWasKilledRunsNoMoreAndTheHomeFolderIsThatOfTheEnvironment() throws Exception {
        assertEquals(3, run("status").code());
        Said up = run(
                "up", NO_NODE, "--secure-port=0", "--disable=controller-manager,scheduler,cloud-controller-manager");
        assertEquals(0, up.code(), up.text());
        assertTrue(up.text().endsWith("\n  " + program + " status\n  " + program + " down\n"), up.text());
        Path home = folder.resolve("home/.keelson");
        String pid = Files.readString(home.resolve("process"))
                .lines()
                .filter(line -> line.startsWith("pid="))
                .map(line -> line.substring("pid=".length()))
                .findFirst()
                .orElseThrow();
        assertTrue(ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly());
        Said status = run("status");
        assertEquals("No cluster runs in " + home + ".\n", status.text());
        assertEquals(3, status.code());
        Said down = run("down", "--wipe");
        assertEquals("No cluster runs in " + home + ".\nRemoved: folder " + home + " with all data\n", down.text());
    }

    @Test
    void whatCannotStartSaysWhyAndLeavesNothing() throws Exception {
        Said flag = run("up", NO_NODE, "--data=" + data, "--secure-port=0", "--apiserver-arg=--no-such-flag");
        assertEquals(1, flag.code(), flag.text());
        assertTrue(
                flag.text().contains("the API server cannot start: ")
                        && flag.text().contains("--no-such-flag"),
                flag.text());
        assertEquals(3, run("status", "--data=" + data).code());
        Said part = run("up", NO_NODE, "--data=" + data, "--disable=brain");
        assertEquals(1, part.code(), part.text());
        assertTrue(part.text().contains("--disable: there is no part brain that could be left out"), part.text());
    }
}
