package io.keelson.dist;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.ApiClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Lets the controller manager and the scheduler run a small cluster, so that the JVM can note down which classes they load
 * and how their methods run: the training run of their AOT cache. The API server and the nodes, which are simulated, are
 * processes of their own.
 */
public final class ControlLoopsTraining {
    private static final String NAMESPACE = "training";
    private static final int REPLICAS = 150;
    /** It takes seconds; a build beside much else must not fail for that. */
    private static final Duration STEP_MAX = Duration.ofMinutes(5);

    private ControlLoopsTraining() {}

    /** Runs, and ends the process. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("keelson-training");
        Path kubeconfig = folder.resolve("kubeconfig");
        Process apiServer = TrainingChild.start(
                "apiserver",
                List.of(
                        "--bind-address=127.0.0.1",
                        "--secure-port=0",
                        "--embedded-store=" + folder.resolve("api"),
                        "--cert-dir=" + folder.resolve("pki"),
                        "--write-kubeconfig=" + kubeconfig));
        Process nodes = null;
        int code = 1;
        try {
            await("the API server starts", () -> Files.exists(kubeconfig));
            nodes = TrainingChild.start("nodes", List.of("simulate", "--count=20", "--kubeconfig=" + kubeconfig));
            run(
                    "controller-manager",
                    kubeconfig,
                    "--root-ca-file=" + folder.resolve("pki/ca.crt"),
                    "--service-account-private-key-file=" + folder.resolve("pki/sa.key"));
            run("scheduler", kubeconfig);
            load(kubeconfig);
            code = 0;
        } finally {
            if (nodes != null) {
                nodes.destroy();
                var _ = nodes.waitFor();
            }
            apiServer.destroy();
            var _ = apiServer.waitFor();
            remove(folder);
        }
        System.exit(code);
    }

    /** Runs a component until this process ends. */
    private static void run(String component, Path kubeconfig, String... more) throws IOException {
        String[] always = {
            component, "--kubeconfig=" + kubeconfig, "--bind-address=127.0.0.1", "--secure-port=" + freePort()
        };
        String[] arguments =
                Stream.concat(Arrays.stream(always), Arrays.stream(more)).toArray(String[]::new);
        Thread.ofPlatform().daemon().name(component).start(() -> {
            int code = KeelsonCommand.execute(arguments);
            if (code != 0) {
                System.err.println("the " + component + " ended with " + code);
            }
        });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void load(Path kubeconfig) throws IOException, InterruptedException {
        Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
        try (KubernetesClient client = ApiClient.of(config, List.of())) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
            List<HasMetadata> objects = client.load(ControlLoopsTraining.class.getResourceAsStream("training.yaml"))
                    .items();
            for (HasMetadata object : objects) {
                client.resource(object).inNamespace(NAMESPACE).create();
            }
            // One Pod of each of the smaller workloads is there, too, when all of the large one are.
            await("pods run", () -> running(client) >= REPLICAS);
            scale(client, 20);
            await(
                    "pods end",
                    () -> client.pods()
                                    .inNamespace(NAMESPACE)
                                    .withLabel("app", "web")
                                    .list()
                                    .getItems()
                                    .size()
                            <= 20);
            client.namespaces().withName(NAMESPACE).delete();
            await(
                    "the namespace ends",
                    () -> client.namespaces().withName(NAMESPACE).get() == null);
        }
    }

    private static long running(KubernetesClient client) {
        return client.pods().inNamespace(NAMESPACE).withLabel("app", "web").list().getItems().stream()
                .filter(ControlLoopsTraining::isRunning)
                .count();
    }

    private static boolean isRunning(Pod pod) {
        return pod.getStatus() != null && "Running".equals(pod.getStatus().getPhase());
    }

    private static void scale(KubernetesClient client, int replicas) {
        client.apps().deployments().inNamespace(NAMESPACE).withName("web").scale(replicas);
    }

    private static void await(String what, BooleanSupplier isSo) throws InterruptedException {
        long end = System.nanoTime() + STEP_MAX.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException(what + " has taken longer than " + STEP_MAX);
            }
            Thread.sleep(100);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
