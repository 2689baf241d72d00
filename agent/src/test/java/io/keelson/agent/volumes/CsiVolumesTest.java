package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSIDriverBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.environment.SharedApi;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.csi.NodePublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeServiceCapability.RPC;
import io.keelson.agent.wire.csi.VolumeCapability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
final class CsiVolumesTest {
    private final KubernetesClient client = SharedApi.client();
    private final String namespace = SharedApi.namespace(client);
    private final String driverName = namespace + ".csi.example.com";

    @TempDir
    private Path folder;

    private TestNode node;
    private FakeDriver driver;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder, client);
        driver = new FakeDriver(folder.resolve("csi.sock"), RPC.Type.STAGE_UNSTAGE_VOLUME);
        client.resource(new CSIDriverBuilder()
                        .withNewMetadata()
                        .withName(driverName)
                        .endMetadata()
                        .withNewSpec()
                        .withAttachRequired(false)
                        .withPodInfoOnMount(true)
                        .withFsGroupPolicy("File")
                        .withVolumeLifecycleModes("Persistent", "Ephemeral")
                        .endSpec()
                        .build())
                .create();
    }

    @AfterEach
    void end() throws IOException {
        node.close();
        driver.close();
        client.close();
    }

    private Pod pod(String uid, Volume volume, boolean block) {
        ContainerBuilder container = new ContainerBuilder().withName("app");
        Container mounting = block
                ? container.addNewVolumeDevice("/dev/x", volume.getName()).build()
                : container
                        .addNewVolumeMount()
                        .withName(volume.getName())
                        .withMountPath("/x")
                        .endVolumeMount()
                        .build();
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("web")
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName("robot")
                .withNewSecurityContext()
                .withFsGroup(4242L)
                .endSecurityContext()
                .addToContainers(mounting)
                .withVolumes(volume)
                .endSpec()
                .build();
    }

    private static Volume claimed() {
        return new VolumeBuilder()
                .withName("data")
                .withNewPersistentVolumeClaim("data", false)
                .build();
    }

    private String pv() {
        return namespace + "-pv";
    }

    private void bind(String mode) {
        PersistentVolumeClaim claim = client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("data")
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withVolumeMode(mode)
                        .withStorageClassName("")
                        .withVolumeName(pv())
                        .withNewResources()
                        .addToRequests("storage", new Quantity("1Mi"))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        client.resource(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(pv())
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withVolumeMode(mode)
                        .addToCapacity("storage", new Quantity("1Mi"))
                        .withNewCsi()
                        .withDriver(driverName)
                        .withVolumeHandle("handle-1")
                        .addToVolumeAttributes("kind", "fast")
                        .endCsi()
                        .withNewClaimRef()
                        .withNamespace(namespace)
                        .withName("data")
                        .withUid(claim.getMetadata().getUid())
                        .endClaimRef()
                        .endSpec()
                        .build())
                .create();
        client.resource(new PersistentVolumeClaimBuilder(claim)
                        .withNewStatus()
                        .withPhase("Bound")
                        .endStatus()
                        .build())
                .updateStatus();
    }

    @Test
    void aVolumeIsStagedOnceAndPublishedForEachPod() throws Exception {
        bind("Filesystem");
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        Pod first = pod("u-1", claimed(), false);
        Pod second = pod("u-2", claimed(), false);
        node.volumes().mount(first);
        node.volumes().mount(first);
        assertEquals(List.of("stage", "publish"), driver.calls);
        NodePublishVolumeRequest published = Objects.requireNonNull(driver.lastPublished());
        assertEquals("web", published.getVolumeContextOrThrow("csi.storage.k8s.io/pod.name"));
        assertEquals("robot", published.getVolumeContextOrThrow("csi.storage.k8s.io/serviceAccount.name"));
        assertEquals("false", published.getVolumeContextOrThrow("csi.storage.k8s.io/ephemeral"));
        assertEquals("fast", published.getVolumeContextOrThrow("kind"));
        assertEquals(
                VolumeCapability.AccessMode.Mode.SINGLE_NODE_WRITER,
                published.getVolumeCapability().getAccessMode().getMode());
        Path place = Path.of(node.volumes()
                .mounts(first, first.getSpec().getContainers().getFirst(), Map.of())
                .getFirst()
                .getHostPath());
        assertEquals(node.folder(first, "csi", pv()).resolve("mount"), place);
        assertEquals(4242, Files.getAttribute(place, "unix:gid"));
        Files.writeString(place.resolve("shared"), "by both");
        node.volumes().mount(second);
        assertEquals(
                "by both",
                Files.readString(
                        node.folder(second, "csi", pv()).resolve("mount").resolve("shared")));
        assertEquals(
                Set.of("kubernetes.io/csi/" + driverName + "^handle-1"),
                node.volumes().volumesInUse());
        node.restart().unmount("u-1");
        assertEquals(List.of("stage", "publish", "stage", "publish", "unpublish"), driver.calls);
        assertEquals(1, node.volumes().volumesInUse().size());
        node.volumes().unmount("u-2");
        assertEquals("unstage", driver.calls.getLast());
        node.assertNothingLeft();
    }

    @Test
    void whereverItEndsEverythingIsGivenBack() throws Exception {
        bind("Filesystem");
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        Pod pod = pod("u-1", claimed(), false);
        for (String call : List.of("stage", "publish", "unpublish", "unstage")) {
            for (String when : List.of("before ", "after ")) {
                driver.failAt(when + call);
                boolean making = call.equals("stage") || call.equals("publish");
                if (making) {
                    PodProblem problem =
                            assertThrows(PodProblem.class, () -> node.volumes().mount(pod), when + call);
                    assertTrue(
                            problem.message().endsWith("rpc error: code = Internal desc = it was asked to fail"),
                            problem.message());
                } else {
                    node.volumes().mount(pod);
                    assertThrows(PodProblem.class, () -> node.volumes().unmount("u-1"), when + call);
                }
                driver.failAt("");
                node.restart().unmount("u-1");
                // What was not given back when the pod was gone is given back later.
                node.volumes().releaseUnused();
                node.assertNothingLeft();
            }
        }
    }

    @Test
    void withoutItsDriverAVolumeWaits() {
        bind("Filesystem");
        PodProblem problem = assertThrows(PodProblem.class, () -> node.volumes().mount(pod("u-1", claimed(), false)));
        assertTrue(
                problem.message()
                        .endsWith("driver name " + driverName + " not found in the list of registered CSI drivers"),
                problem.message());
    }

    @Test
    void whatMustBeAttachedIsWaitedFor() {
        bind("Filesystem");
        client.storage().v1().csiDrivers().withName(driverName).delete();
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        PodProblem problem = assertThrows(PodProblem.class, () -> node.volumes().mount(pod("u-1", claimed(), false)));
        assertTrue(problem.message().contains("is not attached to this node yet"), problem.message());
        assertEquals(List.of(), driver.calls);
    }

    @Test
    void aDeviceIsLinkedForThePod() throws Exception {
        bind("Block");
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        Pod pod = pod("u-1", claimed(), true);
        node.volumes().mount(pod);
        Device device = node.volumes()
                .devices(pod, pod.getSpec().getContainers().getFirst())
                .getFirst();
        assertEquals("/dev/x", device.getContainerPath());
        assertEquals("mrw", device.getPermissions());
        assertTrue(device.getHostPath().endsWith("pods/u-1/volumeDevices/kubernetes.io~csi/" + pv()));
        assertTrue(Files.exists(Path.of(device.getHostPath())));
        assertEquals(1, node.volumes().volumesInUse().size());
        node.restart().unmount("u-1");
        assertEquals(List.of("stage", "publish", "unpublish", "unstage"), driver.calls);
        node.assertNothingLeft();
    }

    @Test
    void aVolumeThatLivesAsLongAsItsPodIsOnlyPublished() throws Exception {
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        Volume volume = new VolumeBuilder()
                .withName("scratch")
                .withNewCsi()
                .withDriver(driverName)
                .addToVolumeAttributes("size", "1")
                .endCsi()
                .build();
        Pod pod = pod("u-1", volume, false);
        node.volumes().mount(pod);
        NodePublishVolumeRequest published = Objects.requireNonNull(driver.lastPublished());
        assertTrue(published.getVolumeId().startsWith("csi-"), published.getVolumeId());
        assertEquals("true", published.getVolumeContextOrThrow("csi.storage.k8s.io/ephemeral"));
        assertEquals(Set.of(), node.volumes().volumesInUse());
        node.restart().unmount("u-1");
        assertEquals(List.of("publish", "unpublish"), driver.calls);
        node.assertNothingLeft();
    }
}
