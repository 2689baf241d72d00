package io.keelson.controllers.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A real API server in this JVM, and the controllers that a test wants to run against it. One server is shared by all tests
 * of the JVM; each test has namespaces of its own.
 */
public final class TestCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    private final KubernetesClient client = newClient();
    private final List<Runnable> running = new ArrayList<>();

    private static final class Shared {
        private static final KeelsonServer SERVER = start();

        private static KeelsonServer start() {
            try {
                return KeelsonServer.start(KeelsonConfig.ephemeral());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A client with an administrator's rights. */
    public static KubernetesClient newClient() {
        return newClient(Shared.SERVER.kubeconfig().text());
    }

    private static KubernetesClient newClient(String kubeconfig) {
        return ApiClient.of(Config.fromKubeconfig(kubeconfig), List.of());
    }

    /** Looks at the cluster as a user does. */
    public KubernetesClient client() {
        return client;
    }

    /** Runs controllers by the machine's clock until the test ends. */
    public Manager run(ControllerDescriptor... controllers) throws InterruptedException {
        return run(Time.system(), controllers);
    }

    /** Runs controllers until the test ends. */
    public Manager run(Time time, ControllerDescriptor... controllers) throws InterruptedException {
        KubernetesClient own = newClient();
        EventRecorder events = new EventRecorder(own, time);
        Context context = new Context(own, events, time);
        Caches caches = new Caches(own, Caches.Delivery.PLAIN);
        Manager manager = new Manager(List.of(controllers), context, caches, new ControllerMetrics());
        running.add(own::close);
        running.add(time::close);
        running.add(events::close);
        running.add(manager::close);
        manager.start();
        return manager;
    }

    /** A new namespace; its name. */
    public String namespace() {
        String name = "test-" + NAMESPACES.incrementAndGet();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** Creates an object of YAML in a namespace; what the server made of it. */
    public HasMetadata create(String namespace, String yaml) {
        return client.resource(yaml).inNamespace(namespace).create();
    }

    /** The pods of a namespace that nobody has asked to delete. */
    public List<Pod> pods(String namespace) {
        return client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** Plays the node: a pod runs and is ready, since a time. */
    public void ready(Pod pod, Instant since) {
        status(pod, "Running", "True", since);
    }

    /** Plays the node: a pod has ended, with {@code Succeeded} or {@code Failed}. */
    public void ended(Pod pod, String phase) {
        status(pod, phase, "False", Instant.now());
    }

    private void status(Pod pod, String phase, String ready, Instant since) {
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withPhase(phase)
                        .withConditions()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(ready)
                        .withLastTransitionTime(
                                since.truncatedTo(ChronoUnit.SECONDS).toString())
                        .endCondition()
                        .endStatus()
                        .build());
    }

    /** Waits until something is so; fails with what was waited for if it is not within half a minute. */
    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what);
            }
            Thread.sleep(20);
        }
    }

    /** Ends what runs, the last started first. */
    @Override
    public void close() {
        running.reversed().forEach(Runnable::run);
        client.close();
    }
}
