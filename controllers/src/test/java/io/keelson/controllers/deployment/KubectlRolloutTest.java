package io.keelson.controllers.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.replicaset.ReplicaSetController;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the real {@code kubectl rollout} makes of Deployments. */
class KubectlRolloutTest {
    private final TestCluster cluster = new TestCluster();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final List<String> base = new ArrayList<>();
    private String namespace = "";
    private Thread node = Thread.currentThread();

    @TempDir
    Path home = Path.of("");

    @BeforeEach
    void start() throws IOException, InterruptedException {
        assumeKubectl();
        namespace = cluster.namespace();
        Config config = cluster.client().getConfiguration();
        base.addAll(List.of("kubectl", "--kubeconfig", home.resolve("none").toString()));
        base.addAll(List.of("--server", config.getMasterUrl(), "--namespace", namespace));
        Files.writeString(home.resolve("none"), "");
        file("--certificate-authority", config.getCaCertData());
        file("--client-certificate", config.getClientCertData());
        file("--client-key", config.getClientKeyData());
        cluster.run(DeploymentController.descriptor(), ReplicaSetController.descriptor());
        node = Thread.ofVirtual().start(this::playNode);
    }

    private static void assumeKubectl() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("kubectl", "version", "--client")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        Assumptions.assumeTrue(there, "there is no kubectl");
    }

    private void file(String option, String data) throws IOException {
        Path file = home.resolve(option.substring(2));
        Files.write(file, Base64.getMimeDecoder().decode(data));
        base.addAll(List.of(option, file.toString()));
    }

    private void playNode() {
        try {
            while (!ended.get()) {
                for (Pod pod : cluster.pods(namespace)) {
                    if (!Pods.isReady(pod)) {
                        cluster.ready(pod, Instant.now());
                    }
                }
                Thread.sleep(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        ended.set(true);
        if (!node.equals(Thread.currentThread())) {
            node.join();
        }
        cluster.close();
    }

    private String kubectl(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(base);
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", home.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", words) + ": " + out);
        return out;
    }

    private void assertRolledOut() throws IOException, InterruptedException {
        String status = kubectl("rollout", "status", "deployment/web", "--timeout=30s");
        assertTrue(status.endsWith("deployment \"web\" successfully rolled out\n"), status);
    }

    private String image() throws IOException, InterruptedException {
        return kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}");
    }

    private List<String> revisions() throws IOException, InterruptedException {
        return kubectl("rollout", "history", "deployment/web")
                .lines()
                .filter(line -> !line.isBlank() && Character.isDigit(line.charAt(0)))
                .map(line -> line.replaceAll("\\s+", " ").strip())
                .toList();
    }

    @Test
    void statusHistoryUndoPauseAndResumeReadAsTheyShould() throws IOException, InterruptedException {
        kubectl("create", "deployment", "web", "--image=first", "--replicas=3");
        assertRolledOut();
        kubectl("annotate", "deployment", "web", "kubernetes.io/change-cause=the second");
        kubectl("set", "image", "deployment/web", "first=second");
        assertRolledOut();
        List<String> two = revisions();
        assertEquals(2, two.size());
        assertTrue(two.getLast().endsWith("the second"), two::toString);

        assertTrue(kubectl("rollout", "undo", "deployment/web").contains("rolled back"));
        assertRolledOut();
        assertEquals("first", image());
        List<String> renewed = revisions();
        assertEquals("3", renewed.getLast().substring(0, 1));
        assertEquals(2, renewed.size());

        kubectl("rollout", "pause", "deployment/web");
        kubectl("set", "image", "deployment/web", "first=third");
        TestCluster.await(
                "the pause is seen",
                () -> cluster.client()
                                .apps()
                                .deployments()
                                .inNamespace(namespace)
                                .withName("web")
                                .get()
                                .getStatus()
                                .getObservedGeneration()
                        >= 5);
        assertEquals(2, revisions().size());
        kubectl("rollout", "resume", "deployment/web");
        assertRolledOut();
        assertEquals(3, revisions().size());
        assertTrue(
                kubectl("rollout", "history", "deployment/web", "--revision=4").contains("third"));
        kubectl("rollout", "undo", "deployment/web", "--to-revision=2");
        assertRolledOut();
        assertEquals("second", image());
    }
}
