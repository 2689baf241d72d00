package io.keelson.agent.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.keelson.agent.plugins.UnixServer;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.volumes.csi.DriverSockets;
import io.keelson.agent.wire.podresources.AllocatableResourcesRequest;
import io.keelson.agent.wire.podresources.ContainerDevices;
import io.keelson.agent.wire.podresources.ContainerResources;
import io.keelson.agent.wire.podresources.GetPodResourcesRequest;
import io.keelson.agent.wire.podresources.ListPodResourcesRequest;
import io.keelson.agent.wire.podresources.PodResources;
import io.keelson.agent.wire.podresources.PodResourcesListerGrpc;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What those are told who watch over a node. */
final class PodResourcesServiceTest {
    private static final String GPU = "example.com/gpu";

    @TempDir
    private Path folder;

    /** Pods that are only listed. */
    private record Listed(List<Pod> pods) implements AgentPods {
        @Override
        public Optional<Pod> find(String namespace, String name, String uid) {
            return pods.stream()
                    .filter(pod -> pod.getMetadata().getName().equals(name))
                    .findFirst();
        }

        @Override
        public Optional<String> runningContainer(Pod pod, String container) {
            return Optional.empty();
        }

        @Override
        public Optional<String> sandbox(Pod pod) {
            return Optional.empty();
        }

        @Override
        public Optional<Path> log(Pod pod, String container, boolean previous) {
            return Optional.empty();
        }

        @Override
        public void evict(Pod pod, String reason, String message, long graceSeconds) {
            throw new AssertionError("nobody is evicted");
        }

        @Override
        public void fail(Pod pod, String reason, String message, long graceSeconds) {
            throw new AssertionError("nobody is evicted");
        }
    }

    private static Pod pod(String name, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .withContainers(
                        new ContainerBuilder()
                                .withName("one")
                                .withNewResources()
                                .addToLimits(GPU, new Quantity("2"))
                                .endResources()
                                .build(),
                        new ContainerBuilder().withName("two").build())
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    @Test
    void whoWatchesOverANodeSeesWhoHasWhat() throws Exception {
        Path plugins = folder.resolve("device-plugins");
        Path socket = folder.resolve("pod-resources/kubelet.sock");
        Pod pod = pod("p1", "Running");
        try (Time time = Time.system();
                DriverSockets sockets = new DriverSockets();
                NodeDevices devices = new NodeDevices(plugins, sockets, NodeDevices.CALL_MAX, time, () -> {})) {
            devices.start();
            Listed pods = new Listed(List.of(pod, pod("p2", "Succeeded")));
            try (FakeDevices plugin = new FakeDevices(plugins.resolve("gpu.sock"), "a", "b", "c");
                    UnixServer _ = UnixServer.start(
                            socket, List.of(new PodResourcesService(pods, devices, Optional.empty())))) {
                assertEquals("", plugin.register(sockets, GPU, false));
                TestCluster.await(
                        "there are devices",
                        () -> devices.counts().allocatable().getOrDefault(GPU, 0L) == 3);
                ManagedChannel channel = sockets.apply(socket);
                PodResourcesListerGrpc.PodResourcesListerBlockingV2Stub stub =
                        PodResourcesListerGrpc.newBlockingV2Stub(channel);
                for (Container container : pod.getSpec().getContainers()) {
                    devices.take(pod, container, Optional.empty());
                }
                PodResources none = PodResources.newBuilder()
                        .setName("p1")
                        .setNamespace("default")
                        .addContainers(ContainerResources.newBuilder().setName("one"))
                        .addContainers(ContainerResources.newBuilder().setName("two"))
                        .build();
                assertEquals(
                        List.of(none),
                        stub.list(ListPodResourcesRequest.getDefaultInstance()).getPodResourcesList(),
                        "what its plugin has not given yet");
                devices.complete(pod);
                List<PodResources> all =
                        stub.list(ListPodResourcesRequest.getDefaultInstance()).getPodResourcesList();
                PodResources wanted = PodResources.newBuilder()
                        .setName("p1")
                        .setNamespace("default")
                        .addContainers(ContainerResources.newBuilder()
                                .setName("one")
                                .addDevices(device("a"))
                                .addDevices(device("b")))
                        .addContainers(ContainerResources.newBuilder().setName("two"))
                        .build();
                assertEquals(List.of(wanted), all);
                GetPodResourcesRequest question = GetPodResourcesRequest.newBuilder()
                        .setPodNamespace("default")
                        .setPodName("p1")
                        .build();
                assertEquals(wanted, stub.get(question).getPodResources());
                assertEquals(
                        "pod x in namespace default not found",
                        assertThrows(
                                        StatusException.class,
                                        () -> stub.get(question.toBuilder()
                                                .setPodName("x")
                                                .build()))
                                .getStatus()
                                .getDescription());
                assertEquals(
                        List.of(device("a"), device("b"), device("c")),
                        stub.getAllocatableResources(AllocatableResourcesRequest.getDefaultInstance())
                                .getDevicesList());
                channel.shutdownNow();
            }
        }
    }

    private static ContainerDevices device(String id) {
        return ContainerDevices.newBuilder()
                .setResourceName(GPU)
                .addDeviceIds(id)
                .build();
    }
}
