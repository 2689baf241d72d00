package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A scheduler of a name of its own, the nodes of a test, and pods for it. */
final class TestScheduler implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final TestCluster cluster;
    final KubernetesClient client;
    final String name = "scheduler-" + NUMBER.incrementAndGet();
    final String namespace;
    final PrometheusRegistry registry = new PrometheusRegistry();
    final SchedulerMetrics metrics = new SchedulerMetrics(registry, () -> true);
    int bindingsAtOnce = 64;
    UnaryOperator<SchedulerSettings> settings = usual -> usual;
    private int nodes;
    private final List<Running> running = new ArrayList<>();

    TestScheduler() {
        this(new TestCluster());
    }

    TestScheduler(TestCluster cluster) {
        this.cluster = cluster;
        client = cluster.client();
        namespace = cluster.namespace();
    }

    /** All that its processes count, as it is told. */
    String scraped() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(text, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** One process. */
    final class Running implements AutoCloseable {
        private final KubernetesClient own;
        private final Time time = Time.system();
        private final EventRecorder events;
        private final Caches caches;
        private final Scheduler scheduler;
        private boolean closed;

        private Running(KubernetesClient own, Caches.Delivery delivery) throws InterruptedException {
            this.own = own;
            events = new EventRecorder(own, time);
            caches = new Caches(own, delivery);
            SchedulerSettings how = settings.apply(SchedulerSettings.of(name, bindingsAtOnce));
            scheduler = new Scheduler(new Context(own, events, time), caches, how, metrics);
            caches.start();
            scheduler.start();
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                scheduler.close();
                caches.close();
                events.close();
                time.close();
                own.close();
            }
        }
    }

    Running start() throws InterruptedException {
        return start(cluster.newClient(), Caches.Delivery.PLAIN);
    }

    Running start(KubernetesClient own, Caches.Delivery delivery) throws InterruptedException {
        Running started = new Running(own, delivery);
        running.add(started);
        return started;
    }

    /** A node with some CPUs and room for 110 pods. */
    String node(String cpu, Map<String, String> labels) {
        String node = name + "-node-" + nodes++;
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        // Admission gives new nodes the taint that they are not ready, and here no controller takes it away.
        edit(
                node,
                now -> new NodeBuilder(now)
                        .editOrNewSpec()
                        .withTaints(List.of())
                        .endSpec()
                        .build());
        client.nodes()
                .withName(node)
                .editStatus(now -> new NodeBuilder(now)
                        .editOrNewStatus()
                        .withCapacity(amounts(cpu))
                        .withAllocatable(amounts(cpu))
                        .endStatus()
                        .build());
        return node;
    }

    private static Map<String, Quantity> amounts(String cpu) {
        return Map.of("cpu", new Quantity(cpu), "memory", new Quantity("32Gi"), "pods", new Quantity("110"));
    }

    void edit(String node, UnaryOperator<Node> change) {
        client.nodes().withName(node).edit(change);
    }

    /** A pod that wants some CPU. */
    Pod pod(String pod, String cpu) {
        return create(build(pod, cpu).build());
    }

    Pod create(Pod pod) {
        return client.resource(pod).create();
    }

    PodBuilder build(String pod, String cpu) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(pod)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withSchedulerName(name)
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName("main")
                .withImage("image")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity(cpu)))
                .endResources()
                .endContainer()
                .endSpec();
    }

    /** On which node a pod is; empty if on none. */
    String nodeOf(String pod) {
        Pod found = client.pods().inNamespace(namespace).withName(pod).get();
        return found == null ? "" : Pods.node(found);
    }

    void awaitBound(String... pods) throws InterruptedException {
        for (String pod : pods) {
            TestCluster.await(pod + " is bound", () -> !nodeOf(pod).isEmpty());
        }
    }

    @Nullable
    PodCondition condition(String pod) {
        Pod found = client.pods().inNamespace(namespace).withName(pod).get();
        return found == null ? null : Pods.condition(found, "PodScheduled");
    }

    void awaitCondition(String pod, String reason, String message) throws InterruptedException {
        TestCluster.await(pod + " is told " + message + ", not " + condition(pod), () -> {
            PodCondition now = condition(pod);
            return now != null
                    && "False".equals(now.getStatus())
                    && reason.equals(now.getReason())
                    && message.equals(now.getMessage());
        });
    }

    void awaitEvent(String pod, String reason, String message) throws InterruptedException {
        TestCluster.await(
                "an event of " + pod + " says " + message,
                () -> client.v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event ->
                                Objects.equals(pod, event.getInvolvedObject().getName())
                                        && reason.equals(event.getReason())
                                        && message.equals(event.getMessage())
                                        && name.equals(event.getSource().getComponent())));
    }

    /** Ends all processes, whatever they are doing. */
    void stopAll() {
        running.reversed().forEach(Running::close);
    }

    @Override
    public void close() {
        stopAll();
        client.pods().inNamespace(namespace).withGracePeriod(0).delete();
        cluster.close();
    }
}
