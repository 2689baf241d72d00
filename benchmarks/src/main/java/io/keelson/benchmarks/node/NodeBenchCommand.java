package io.keelson.benchmarks.node;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson bench node}: how soon pods of a node run. */
@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description = "Creates pods in a cluster, and prints how soon they are ready.")
public final class NodeBenchCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final List<String> RUNTIMES =
            List.of("keelson-shim", "containerd-shim", "containerd", "keelson-web", "web");

    @Spec
    private CommandSpec spec;

    @Option(names = "--kubeconfig", required = true, paramLabel = "FILE", description = "How to reach the cluster.")
    private Path kubeconfig;

    @Option(
            names = "--images",
            split = ",",
            arity = "1",
            defaultValue = "keelson/web:1,keelson/web:2",
            paramLabel = "IMAGE,IMAGE",
            description =
                    "What pods run, and what they are rolled out to; present on the node. Default: ${DEFAULT-VALUE}")
    private List<String> images;

    @Option(names = "--single", defaultValue = "20", description = "How many one after the other. Default: 20")
    private int single;

    @Option(names = "--pods", defaultValue = "100", description = "How many at a steady rate. Default: 100")
    private int pods;

    @Option(names = "--rate", defaultValue = "5", description = "How many of these a second. Default: 5")
    private double rate;

    @Option(names = "--replicas", defaultValue = "50", description = "Of the Deployment. Default: 50")
    private int replicas;

    @Option(
            names = "--pid",
            defaultValue = "0",
            description = "The cluster's process, whose memory is told when all pods run.")
    private long pid;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        String namespace = "bench-node-" + Long.toString(System.nanoTime(), 36);
        try (KubernetesClient client = ApiClient.of(Config.fromKubeconfig(Files.readString(kubeconfig)), List.of())) {
            var _ = client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();
            try (PodTimes times = new PodTimes(client, namespace)) {
                PodTimes.await(
                        "the namespace has its service account",
                        LIMIT,
                        () -> client.serviceAccounts()
                                        .inNamespace(namespace)
                                        .withName("default")
                                        .get()
                                != null);
                oneByOne(client, namespace, times, out);
                atARate(client, namespace, times, out);
                deployment(client, namespace, times, out);
            } finally {
                var _ = client.namespaces().withName(namespace).delete();
            }
            return 0;
        } catch (KubernetesClientException | IOException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    private PodSpec podSpec() {
        return new PodSpecBuilder()
                .withTerminationGracePeriodSeconds(1L)
                .addNewContainer()
                .withName("a")
                .withImage(images.getFirst())
                .endContainer()
                .build();
    }

    private void create(KubernetesClient client, String namespace, String name, PodTimes times) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withSpec(podSpec())
                .build();
        times.asked(name);
        var _ = client.resource(pod).create();
    }

    private static void clear(KubernetesClient client, String namespace, PodTimes times)
            throws IOException, InterruptedException {
        var _ = client.pods().inNamespace(namespace).delete();
        PodTimes.await("the pods go", LIMIT, () -> times.there() == 0);
        times.clear();
    }

    private void oneByOne(KubernetesClient client, String namespace, PodTimes times, PrintWriter out)
            throws IOException, InterruptedException {
        for (int i = 0; i < single; i++) {
            String name = "single-" + i;
            create(client, namespace, name, times);
            PodTimes.await("a pod is ready", LIMIT, () -> times.isReady(name));
        }
        List<Double> waits = times.waits();
        out.printf(
                Locale.ROOT,
                "one pod after another: %d, from create to Ready p50 %.2f s, worst %.2f s%n",
                single,
                PodTimes.quantile(waits, 0.5),
                waits.getLast());
        out.flush();
        clear(client, namespace, times);
    }

    private void atARate(KubernetesClient client, String namespace, PodTimes times, PrintWriter out)
            throws IOException, InterruptedException {
        long begun = System.nanoTime();
        for (int i = 0; i < pods; i++) {
            long due = begun + (long) (i * TimeUnit.SECONDS.toNanos(1) / rate);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            String name = "steady-" + i;
            Thread _ = Thread.ofVirtual().start(() -> create(client, namespace, name, times));
        }
        PodTimes.await("all pods are ready", LIMIT, () -> times.ready() == pods);
        List<Double> waits = times.waits();
        out.printf(
                Locale.ROOT,
                "%d pods at %.0f/s: %.1f pods/s, from create to Ready p50 %.2f s, p99 %.2f s%n",
                pods,
                rate,
                pods / times.span(),
                PodTimes.quantile(waits, 0.5),
                PodTimes.quantile(waits, 0.99));
        out.println("memory with these " + pods + " pods:");
        Residents.lines(RUNTIMES, pid).forEach(out::println);
        out.flush();
        clear(client, namespace, times);
    }

    private void deployment(KubernetesClient client, String namespace, PodTimes times, PrintWriter out)
            throws IOException, InterruptedException {
        Map<String, String> labels = Map.of("app", "web");
        Deployment wanted = new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .withMatchLabels(labels)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withSpec(podSpec())
                .endTemplate()
                .endSpec()
                .build();
        long begun = System.nanoTime();
        var _ = client.resource(wanted).create();
        PodTimes.await("all replicas are ready", LIMIT, () -> isDone(client, namespace, 1));
        double made = (System.nanoTime() - begun) / 1e9;
        begun = System.nanoTime();
        var _ = Patch.of(client, Deployment.class, new Key(namespace, "web"))
                .strategic(Map.of(
                        "spec",
                        Map.of(
                                "template",
                                Map.of(
                                        "spec",
                                        Map.of(
                                                "containers",
                                                List.of(Map.of("name", "a", "image", images.getLast())))))));
        PodTimes.await("it is rolled out", LIMIT, () -> isDone(client, namespace, 2));
        out.printf(
                Locale.ROOT,
                "a Deployment of %d: all ready after %.1f s, rolled out in %.1f s%n",
                replicas,
                made,
                (System.nanoTime() - begun) / 1e9);
        out.flush();
        var _ = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .delete();
        PodTimes.await("the pods go", LIMIT, () -> times.there() == 0);
    }

    /** As {@code kubectl rollout status} has it. */
    private boolean isDone(KubernetesClient client, String namespace, long generation) {
        Deployment now = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .get();
        return now != null
                && now.getStatus() != null
                && now.getStatus().getObservedGeneration() != null
                && now.getStatus().getObservedGeneration() >= generation
                && OrEmpty.of(now.getStatus().getUpdatedReplicas()) == replicas
                && OrEmpty.of(now.getStatus().getReplicas()) == replicas
                && OrEmpty.of(now.getStatus().getAvailableReplicas()) == replicas;
    }
}
