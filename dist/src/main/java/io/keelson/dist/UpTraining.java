package io.keelson.dist;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.keelson.controllers.runtime.ApiClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Starts a whole cluster for the first and for the second time, so that the JVM can note down which classes it loads and how
 * their methods run: the training run of the AOT cache of {@code keelson up}. Pods run in between where this machine is its node.
 *
 * <p>Arguments: a folder that is not there, of which nothing is left, and an address that is this machine's as a node. Without
 * one, or where the node does not become ready, there are simulated nodes only. A node needs a network namespace that nobody else
 * is in.
 */
public final class UpTraining {
    private static final Duration START_MAX = Duration.ofMinutes(5);
    private static final Duration PODS_MAX = Duration.ofMinutes(1);
    private static final int PODS = 3;
    private static final long LOOK_MS = 20;

    private final Path folder;
    private final List<String> command;

    private UpTraining(Path folder, List<String> flags) {
        this.folder = folder;
        List<String> whole = new ArrayList<>(List.of("up", "--foreground", "--data=" + folder, "--secure-port=0"));
        whole.addAll(flags);
        command = List.copyOf(whole);
    }

    /** Runs, and ends the process: with 1 if the cluster does not start. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        boolean isDone = arguments.length > 1
                && new UpTraining(
                                folder,
                                List.of(
                                        "--node-name=trained",
                                        "--node-ip=" + arguments[1],
                                        "--container-runtime-endpoint=embedded"))
                        .run();
        if (!isDone) {
            isDone = new UpTraining(folder, List.of("--disable=agent,proxy,dns", "--nodes=" + PODS)).run();
        }
        System.exit(isDone ? 0 : 1);
    }

    /** Starts it twice; whether it was ready each time. */
    private boolean run() throws IOException, InterruptedException {
        try {
            return start(UpTraining::load) && start(client -> {});
        } finally {
            int _ = KeelsonCommand.execute(new String[] {"down", "--wipe", "--data=" + folder});
        }
    }

    /** What is done while the cluster runs. */
    private interface Work {
        void with(KubernetesClient client) throws IOException, InterruptedException;
    }

    /** Starts it, and ends it; whether it was ready in between. */
    private boolean start(Work work) throws IOException, InterruptedException {
        Files.deleteIfExists(folder.resolve("steps"));
        Thread cluster = Thread.ofPlatform().name("main").start(() -> {
            int _ = KeelsonCommand.execute(command.toArray(String[]::new));
        });
        try {
            boolean isReady = await(START_MAX, () -> isReady() || !cluster.isAlive()) && cluster.isAlive();
            if (isReady) {
                Config config = Config.fromKubeconfig(Files.readString(folder.resolve("kubeconfig")));
                try (KubernetesClient client = ApiClient.of(config, List.of())) {
                    work.with(client);
                }
            }
            return isReady;
        } finally {
            cluster.interrupt();
            cluster.join();
        }
    }

    private boolean isReady() {
        try {
            Path steps = folder.resolve("steps");
            return Files.exists(steps)
                    && Files.readAllLines(steps).stream().anyMatch(line -> line.startsWith("ready "));
        } catch (IOException e) {
            // It is being written.
            return false;
        }
    }

    /** Pods behind a Service. A machine on which they do not run trains the rest. */
    private static void load(KubernetesClient client) throws IOException, InterruptedException {
        List<HasMetadata> objects = client.load(UpTraining.class.getResourceAsStream("up-training.yaml"))
                .items();
        try {
            for (HasMetadata object : objects) {
                client.resource(object).inNamespace("default").create();
            }
            if (!await(PODS_MAX, () -> running(client) == PODS)) {
                System.err.println("no pods run");
            }
            for (HasMetadata object : objects) {
                var _ = client.resource(object).inNamespace("default").delete();
            }
            if (!await(
                    PODS_MAX,
                    () -> client.pods().inNamespace("default").list().getItems().isEmpty())) {
                System.err.println("pods do not end");
            }
        } catch (KubernetesClientException e) {
            System.err.println("no pods can be made: " + e.getMessage());
        }
    }

    private static long running(KubernetesClient client) {
        return client.pods().inNamespace("default").list().getItems().stream()
                .filter(Readiness::isPodReady)
                .count();
    }

    private static boolean await(Duration max, BooleanSupplier isSo) throws InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            Thread.sleep(LOOK_MS);
        }
        return true;
    }
}
