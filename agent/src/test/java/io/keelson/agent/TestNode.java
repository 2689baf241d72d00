package io.keelson.agent;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.cri.ObserverMetrics;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeObserver;
import io.keelson.agent.cri.RuntimePods;
import io.keelson.agent.logs.LogLinks;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodGuard;
import io.keelson.agent.pods.PodPlacement;
import io.keelson.agent.pods.launch.UserSupport;
import io.keelson.agent.pods.work.PreemptionMetrics;
import io.keelson.agent.pods.work.WorkMetrics;
import io.keelson.agent.probe.ProbeMetrics;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A machine: a runtime that a test plays, a disk, and a node in a real API; and one agent after the other on it. */
final class TestNode implements AutoCloseable {
    final TestCluster cluster = new TestCluster();
    final FakeRuntime runtime;
    final FakeRooms rooms;
    final String namespace;
    final String name;
    final Path folder;
    /** Asked before all pods that come in from now on. */
    volatile PodAdmission admission = PodAdmission.ALL;

    /** Gives something to all pods that come in from now on. */
    volatile PodPlacement placement = PodPlacement.NONE;

    /** Names of the pods whose addresses are theirs no more. */
    final Set<String> released = ConcurrentHashMap.newKeySet();

    private final Node node;

    TestNode(Path folder, Time time) {
        this.folder = folder;
        runtime = new FakeRuntime(time);
        rooms = new FakeRooms(runtime);
        namespace = cluster.namespace();
        name = "node-of-" + namespace + '-' + ProcessHandle.current().pid();
        var _ = cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("kubernetes.io/os", "linux")
                        .endMetadata()
                        .build())
                .create();
        node = cluster.client()
                .nodes()
                .withName(name)
                .editStatus(created -> new NodeBuilder(created)
                        .withNewStatus()
                        .addToAllocatable("cpu", new Quantity("2"))
                        .addToAllocatable("memory", new Quantity("4Gi"))
                        .addToAllocatable("pods", new Quantity("10"))
                        .addNewAddress("192.0.2.1", "InternalIP")
                        .withDeclaredFeatures("InPlacePodLevelResourcesVerticalScaling")
                        .endStatus()
                        .build());
    }

    Node node() {
        return node;
    }

    private PodGuard guard() {
        return new PodGuard() {
            @Override
            public void protect(Pod pod, List<String> addresses) {
                released.remove(pod.getMetadata().getName());
            }

            @Override
            public void release(Pod pod) {
                released.add(pod.getMetadata().getName());
            }
        };
    }

    private PodPlacement placement() {
        return new PodPlacement() {
            @Override
            public Optional<Refusal> take(Pod pod) {
                return placement.take(pod);
            }

            @Override
            public Optional<Refusal> complete(Pod pod) throws InterruptedException {
                return placement.complete(pod);
            }
        };
    }

    PodFolders folders() {
        return new PodFolders(folder.resolve("kubelet"), folder.resolve("logs"));
    }

    Path manifests() {
        return folder.resolve("manifests");
    }

    /** An agent, which a test may kill. */
    final class Life implements AutoCloseable {
        private final PrometheusRegistry registry = new PrometheusRegistry();
        private final KubernetesClient client;
        private final EventRecorder events;
        private final RuntimeObserver observer;
        private final Agent agent;

        Life(Time time, List<Interceptor> ofApi, List<ClientInterceptor> ofRuntime) {
            List<Interceptor> interceptors = new ArrayList<>(ofApi);
            interceptors.add(cluster.noting());
            client = ApiClient.of(cluster.client().getConfiguration(), interceptors);
            events = new EventRecorder(client, time);
            Channel channel = ClientInterceptors.intercept(runtime.connection().runtime(), ofRuntime);
            RuntimeConnection connection = new RuntimeConnection(channel, channel);
            observer = new RuntimeObserver(
                    connection, ObserverSettings.DEFAULTS, time, new ObserverMetrics(new PrometheusRegistry()));
            AgentRooms all = new AgentRooms(
                    connection,
                    observer,
                    UserSupport.BY_RUNTIME,
                    "fake",
                    rooms.volumes,
                    rooms.images,
                    rooms.environment,
                    rooms.names,
                    rooms.resources,
                    (pod, others) -> admission.refusal(pod, others),
                    placement(),
                    guard(),
                    new LogLinks(folder.resolve("links")),
                    () -> node);
            agent = new Agent(
                    AgentSettings.of(name, folders()).withManifests(manifests()),
                    all,
                    client,
                    events.from("kubelet"),
                    time,
                    new ProbeMetrics(new PrometheusRegistry()),
                    new PreemptionMetrics(registry),
                    new WorkMetrics(time, registry));
        }

        Life begin() throws InterruptedException, TimeoutException {
            observer.start();
            agent.start(Duration.ofSeconds(20));
            return this;
        }

        void outdated(String uid) {
            agent.outdated(uid);
        }

        void changed(String uid) {
            agent.changed(uid);
        }

        AgentPods pods() {
            return agent.pods();
        }

        RuntimePods observed() {
            return observer;
        }

        Events events() {
            return events.from("kubelet");
        }

        /** A line of its figures, without its value; 0 if there is none. */
        double figure(String line) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            try {
                PrometheusTextFormatWriter.create().write(text, registry.scrape());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return text.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(each -> each.startsWith(line + ' '))
                    .mapToDouble(each -> Double.parseDouble(each.substring(line.length() + 1)))
                    .findFirst()
                    .orElse(0);
        }

        @Override
        public void close() {
            agent.close();
            observer.close();
            events.close();
            client.close();
        }
    }

    /** An agent that works; its calls to the API go through the given ones. */
    Life agent(Time time, Interceptor... ofApi) throws InterruptedException, TimeoutException {
        return new Life(time, List.of(ofApi), List.of()).begin();
    }

    /** Creates a pod of this node. */
    Pod create(String pod, String spec) {
        return (Pod)
                cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                %s
                """.formatted(pod, ("nodeName: " + name + '\n' + spec.strip()).indent(2)));
    }

    @Nullable
    Pod get(String pod) {
        return cluster.client().pods().inNamespace(namespace).withName(pod).get();
    }

    void delete(String pod) {
        var _ = cluster.client().pods().inNamespace(namespace).withName(pod).delete();
    }

    void awaitGone(String pod) throws InterruptedException {
        TestCluster.await(pod + " is gone", () -> get(pod) == null);
    }

    Pod await(String pod, String what, Predicate<Pod> condition) throws InterruptedException {
        try {
            TestCluster.await(pod + ": " + what, () -> {
                Pod now = get(pod);
                return now != null && condition.test(now);
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; it is " + get(pod), e);
        }
        Pod now = get(pod);
        if (now == null) {
            throw new AssertionError(pod + " is gone");
        }
        return now;
    }

    Pod awaitPhase(String pod, String phase) throws InterruptedException {
        return await(pod, phase, now -> Pods.phase(now).equals(phase));
    }

    boolean isReady(String pod) {
        Pod now = get(pod);
        return now != null && Pods.isReady(now);
    }

    Pod awaitReady(String pod) throws InterruptedException {
        return await(pod, "ready", Pods::isReady);
    }

    /** What a container waits for; empty if it does not. */
    static String waitsFor(Pod pod, String container) {
        return statuses(pod).stream()
                .filter(status -> status.getName().equals(container)
                        && status.getState() != null
                        && status.getState().getWaiting() != null)
                .map(status -> OrEmpty.of(status.getState().getWaiting().getReason()))
                .findFirst()
                .orElse("");
    }

    static List<ContainerStatus> statuses(Pod pod) {
        List<ContainerStatus> all = new ArrayList<>();
        if (pod.getStatus() != null) {
            all.addAll(OrEmpty.of(pod.getStatus().getInitContainerStatuses()));
            all.addAll(OrEmpty.of(pod.getStatus().getContainerStatuses()));
            all.addAll(OrEmpty.of(pod.getStatus().getEphemeralContainerStatuses()));
        }
        return all;
    }

    /** Whether an event was told of a pod, or a part of it. */
    boolean wasTold(String pod, String reason, String message) {
        return events(pod, reason, message).findAny().isPresent();
    }

    /** Whether an event was told of a part of a pod, as {@code spec.containers{a}}. */
    boolean wasTold(String pod, String fieldPath, String reason, String message) {
        return events(pod, reason, message)
                .anyMatch(event -> fieldPath.equals(event.getInvolvedObject().getFieldPath()));
    }

    private Stream<Event> events(String pod, String reason, String message) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> pod.equals(event.getInvolvedObject().getName())
                        && reason.equals(event.getReason())
                        && OrEmpty.of(event.getMessage()).contains(message));
    }

    @Override
    public void close() {
        cluster.client().pods().inNamespace(namespace).withGracePeriod(0).delete();
        cluster.close();
        runtime.close();
    }
}
