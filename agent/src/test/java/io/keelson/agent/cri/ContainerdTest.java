package io.keelson.agent.cri;

import static io.keelson.controllers.testing.TestCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.image.ContainerCollector;
import io.keelson.agent.image.ContainerGarbagePolicy;
import io.keelson.agent.image.CredentialPolicy;
import io.keelson.agent.image.CredentialProviders;
import io.keelson.agent.image.ImageCollector;
import io.keelson.agent.image.ImageDisk;
import io.keelson.agent.image.ImageGarbagePolicy;
import io.keelson.agent.image.ImageMetrics;
import io.keelson.agent.image.NodeLogins;
import io.keelson.agent.image.PodContents;
import io.keelson.agent.image.PodImages;
import io.keelson.agent.image.PullRecords;
import io.keelson.agent.image.PullSecrets;
import io.keelson.agent.image.PullSettings;
import io.keelson.agent.image.RecordedEvents;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.NodeCgroups;
import io.keelson.agent.resources.ResourceSettings;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.CreateContainerRequest;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.LinuxContainerConfig;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.LinuxPodSandboxConfig;
import io.keelson.agent.wire.cri.LinuxSandboxSecurityContext;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.agent.wire.cri.StartContainerRequest;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that is done to a runtime, done to a real one. */
@Tag("root")
class ContainerdTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** Where there are events, nothing but these tells of what happens. */
    private static final ObserverSettings SETTINGS =
            new ObserverSettings(Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofMinutes(3), LIMIT);

    private static final String IMAGE = "keelson-test:1";
    private static final long MEBI = 1 << 20;

    @TempDir
    private Path folder;

    private final String root = "/keelson-test-" + UUID.randomUUID();
    private final Time time = Time.system();
    private final RecordedEvents events = new RecordedEvents();
    private TestContainerd containerd;
    private RuntimeSockets sockets;
    private RuntimeConnection connection;
    private RuntimeObserver observer;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(TestContainerd.isInstalled(), "containerd, runc and busybox-static are not installed");
        containerd = new TestContainerd(folder);
        containerd.load("docker.io/library/keelson-test:1", "sleep 999999");
        containerd.load("docker.io/library/unused:1", "true");
        sockets = new RuntimeSockets(time);
        connection = sockets.connect(containerd.endpoint(), containerd.endpoint());
        observer = new RuntimeObserver(connection, SETTINGS, time, new ObserverMetrics(new PrometheusRegistry()));
        observer.start();
        observer.awaitComplete(LIMIT);
    }

    @AfterEach
    void end() throws Exception {
        if (observer != null) {
            observer.close();
        }
        if (connection != null) {
            for (var sandbox : connection
                    .runtime(LIMIT)
                    .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                    .getItemsList()) {
                stop(sandbox.getId());
                var _ = connection
                        .runtime(LIMIT)
                        .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                                .setPodSandboxId(sandbox.getId())
                                .build());
            }
        }
        if (sockets != null) {
            sockets.close();
        }
        if (containerd != null) {
            containerd.close();
        }
        time.close();
    }

    private void stop(String sandbox) {
        var _ = connection
                .runtime(LIMIT)
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
    }

    private PodSandboxConfig sandboxConfig(String uid, String cgroup) {
        return TestPods.sandbox(uid, 0).toBuilder()
                .setLogDirectory(
                        folder.resolve("logs/default_" + uid + "_" + uid).toString())
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(cgroup)
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(NamespaceOption.newBuilder()
                                        .setNetwork(NamespaceMode.NODE)
                                        .setPid(NamespaceMode.CONTAINER))))
                .build();
    }

    private String start(
            String sandbox,
            PodSandboxConfig config,
            String image,
            LinuxContainerResources resources,
            String... command) {
        ContainerConfig container = TestPods.container(config.getMetadata().getUid(), "main", 0).toBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image))
                .addAllCommand(List.of(command))
                .setLinux(LinuxContainerConfig.newBuilder().setResources(resources))
                .build();
        String id = connection
                .runtime(LIMIT)
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(container)
                        .setSandboxConfig(config)
                        .build())
                .getContainerId();
        var _ = connection
                .runtime(LIMIT)
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
        return id;
    }

    private PullRecords records() throws IOException {
        return new PullRecords(folder.resolve("records"), CredentialPolicy.DEFAULT, time);
    }

    private PodImages images(ImageCollector collector) throws IOException {
        return new PodImages(
                connection,
                _ -> new PullSecrets.Found(List.of(), List.of()),
                new NodeLogins(List.of(), CredentialProviders.none()),
                records(),
                PullSettings.DEFAULTS,
                events,
                time,
                new ImageMetrics(new PrometheusRegistry()),
                collector::asked);
    }

    private ImageCollector collector() throws IOException {
        return new ImageCollector(
                connection,
                observer,
                () -> Set.of(TestContainerd.PAUSE),
                new ImageGarbagePolicy(85, 80, Duration.ZERO, Duration.ZERO),
                ImageDisk.of(connection),
                records(),
                () -> new NodeBuilder()
                        .withNewMetadata()
                        .withName("n")
                        .endMetadata()
                        .build(),
                events,
                time,
                new ImageMetrics(new PrometheusRegistry()));
    }

    private static Pod pod(String image) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("a")
                .withNamespace("default")
                .withUid("a")
                .endMetadata()
                .withNewSpec()
                .addToContainers(new ContainerBuilder()
                        .withName("main")
                        .withImage(image)
                        .withNewResources()
                        .withLimits(Map.of("cpu", new Quantity("500m"), "memory", new Quantity("64Mi")))
                        .endResources()
                        .build())
                .endSpec()
                .build();
    }

    @Test
    void aPodRunsUnderItsLimitsIsSeenAndIsCollected() throws Exception {
        RuntimeProfile profile = new RuntimeCheck(connection, LIMIT).profile();
        assertEquals("containerd", profile.name());
        assertEquals(List.of(), new RuntimeCheck(connection, LIMIT).problems(false));

        ImageCollector collector = collector();
        Pod pod = pod(IMAGE);
        ContainerImages.Image image = images(collector)
                .ensure(pod, pod.getSpec().getContainers().getFirst(), PodSandboxConfig.getDefaultInstance());
        assertTrue(image.id().startsWith("sha256:"));

        NodeCgroups cgroups = NodeCgroups.ofMachine(
                new ResourceSettings(root, true, Duration.ofMillis(100), -1, false, 0.9, false),
                1024 * MEBI,
                512 * MEBI,
                Optional.empty());
        cgroups.start();
        try {
            String cgroup = cgroups.cgroup(pod);
            PodSandboxConfig config = sandboxConfig("a", cgroup);
            String sandbox = connection
                    .runtime(LIMIT)
                    .runPodSandbox(
                            RunPodSandboxRequest.newBuilder().setConfig(config).build())
                    .getPodSandboxId();
            assertEquals(
                    sandbox, observer.refresh("a").readySandbox().orElseThrow().getId());
            String id = start(
                    sandbox,
                    config,
                    image.reference(),
                    cgroups.ofContainer(pod, pod.getSpec().getContainers().getFirst()),
                    "sh",
                    "-c",
                    "until [ -e /go ]; do sleep 0.05; done; exit 3");
            await(
                    "it is seen running",
                    () -> observer.pod("a")
                            .newest("main")
                            .filter(RuntimeContainer::running)
                            .isPresent());
            Path limit = Path.of("/sys/fs/cgroup/memory" + cgroup + "/" + id + "/memory.limit_in_bytes");
            if (Files.exists(limit)) {
                assertEquals(Long.toString(64 * MEBI), Files.readString(limit).strip());
            }
            Files.createFile(folder.resolve("state/io.containerd.runtime.v2.task/k8s.io/" + id + "/rootfs/go"));
            await(
                    "its end is seen",
                    () -> observer.pod("a").newest("main").orElseThrow().exited());
            assertEquals(
                    3, observer.pod("a").newest("main").orElseThrow().status().getExitCode());

            // The image of the dead container stays, the one that nobody uses goes.
            assertTrue(collector.removeUnused() > 0);
            assertFalse(observer.pod("a").isEmpty());
            assertThrows(
                    PodProblem.class,
                    () -> images(collector)
                            .ensure(pod("unused:1"), "unused:1", "Never", PodSandboxConfig.getDefaultInstance()));
            ContainerImages.Image _ =
                    images(collector).ensure(pod, IMAGE, "Never", PodSandboxConfig.getDefaultInstance());

            stop(sandbox);
            RuntimePod _ = observer.refresh("a");
            ContainerCollector containers = new ContainerCollector(
                    connection,
                    observer,
                    new PodContents() {
                        @Override
                        public boolean mayGo(String podUid) {
                            return true;
                        }

                        @Override
                        public boolean runtimeMayGo(String podUid) {
                            return true;
                        }
                    },
                    ContainerGarbagePolicy.DEFAULTS,
                    folder.resolve("logs"),
                    time);
            containers.collect(true);
            await("nothing is left of it", () -> observer.refresh("a").isEmpty());
            containers.collect(true);
            assertFalse(Files.exists(folder.resolve("logs/default_a_a")));
            cgroups.release("a");
            assertEquals(Set.of(), cgroups.podsWithCgroups());
        } finally {
            cgroups.removeAll();
        }
    }

    @Test
    void whatCannotBePulledIsToldInTheWordsOfTheRuntime() {
        Pod pod = pod("127.0.0.1:1/nothing:1");
        PodProblem problem = assertThrows(
                PodProblem.class,
                () -> images(collector())
                        .ensure(pod, pod.getSpec().getContainers().getFirst(), PodSandboxConfig.getDefaultInstance()));
        assertEquals("ErrImagePull", problem.waitingReason());
        assertTrue(problem.message().contains("127.0.0.1:1/nothing:1"), problem.message());
        assertTrue(problem.message().contains("connection refused"), problem.message());
        assertTrue(events.told().contains("Warning Failed Error: ErrImagePull"));
    }

    @Test
    void aRestartedContainerdIsThereAgainWithItsPods() throws Exception {
        String sandbox = connection
                .runtime(LIMIT)
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(sandboxConfig("r", "/"))
                        .build())
                .getPodSandboxId();
        RuntimePod before = observer.refresh("r");
        containerd.restart();
        await("it answers again", () -> {
            try {
                return observer.refresh("r").readySandbox().isPresent();
            } catch (StatusRuntimeException e) {
                return false;
            }
        });
        assertEquals(sandbox, before.readySandbox().orElseThrow().getId());
        assertEquals(before.sandboxes(), observer.pod("r").sandboxes());
        assertEquals(Optional.empty(), observer.problem());
    }
}
