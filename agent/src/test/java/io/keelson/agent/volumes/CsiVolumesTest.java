package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSIDriverBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Status;
import io.keelson.agent.environment.SharedApi;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.csi.NodeExpandVolumeRequest;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsRequest;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsResponse;
import io.keelson.agent.wire.csi.NodePublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeServiceCapability.RPC;
import io.keelson.agent.wire.csi.VolumeCapability;
import io.keelson.agent.wire.csi.VolumeCondition;
import io.keelson.agent.wire.csi.VolumeUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        driver = new FakeDriver(folder.resolve("csi.sock"), RPC.Type.STAGE_UNSTAGE_VOLUME, RPC.Type.EXPAND_VOLUME);
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
                        .addToCapacity("storage", new Quantity("1Mi"))
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
        node.volumes().mount(pod);
        assertEquals(List.of("stage", "publish"), driver.calls);
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

    @ParameterizedTest
    @ValueSource(strings = {"Filesystem", "Block"})
    void whatIsUsedOfAVolumeItsDriverSays(String mode) throws Exception {
        driver.close();
        driver = new FakeDriver(
                folder.resolve("csi.sock"),
                RPC.Type.STAGE_UNSTAGE_VOLUME,
                RPC.Type.GET_VOLUME_STATS,
                RPC.Type.VOLUME_CONDITION);
        bind(mode);
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        Pod pod = pod("u-1", claimed(), mode.equals("Block"));
        node.volumes().mount(pod);
        VolumeException gone =
                assertThrows(VolumeException.class, () -> node.volumes().told(pod, "data"));
        assertTrue(gone.message().contains("it is gone"), gone.message());
        NodeGetVolumeStatsResponse.Builder said = NodeGetVolumeStatsResponse.newBuilder()
                .addUsage(VolumeUsage.newBuilder()
                        .setUnit(VolumeUsage.Unit.BYTES)
                        .setTotal(100)
                        .setAvailable(70)
                        .setUsed(30))
                .addUsage(VolumeUsage.newBuilder()
                        .setUnit(VolumeUsage.Unit.INODES)
                        .setTotal(10)
                        .setAvailable(-1)
                        .setUsed(4));
        driver.says(said.build());
        assertEquals(
                new PluginUsage(
                        new PluginUsage.Amount(100, 70, 30), new PluginUsage.Amount(10, 0, 4), Optional.empty()),
                node.volumes().told(pod, "data").orElseThrow());
        NodeGetVolumeStatsRequest asked = Objects.requireNonNull(driver.lastMeasured());
        assertEquals("handle-1", asked.getVolumeId());
        assertEquals(Objects.requireNonNull(driver.lastPublished()).getTargetPath(), asked.getVolumePath());
        driver.says(said.setVolumeCondition(
                        VolumeCondition.newBuilder().setAbnormal(true).setMessage("a disk is lost"))
                .build());
        assertEquals(
                Optional.of(true),
                node.volumes().told(pod, "data").orElseThrow().abnormal());
        assertTrue(node.told.contains("VolumeConditionAbnormal: Volume data: a disk is lost"), node.told.toString());
        assertEquals(Optional.empty(), node.volumes().told(pod, "other"));
        node.volumes().unmount("u-1");
    }

    @Test
    void aDriverThatDoesNotCountIsNotAsked() throws Exception {
        bind("Filesystem");
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        Pod pod = pod("u-1", claimed(), false);
        node.volumes().mount(pod);
        assertEquals(Optional.empty(), node.volumes().told(pod, "data"));
        assertNull(driver.lastMeasured());
        node.volumes().unmount("u-1");
    }

    /** As who makes volumes larger leaves it to the node. */
    private void grow(String size) {
        client.persistentVolumes()
                .withName(pv())
                .edit(volume -> new PersistentVolumeBuilder(volume)
                        .editSpec()
                        .addToCapacity("storage", new Quantity(size))
                        .endSpec()
                        .build());
        client.resource(new PersistentVolumeClaimBuilder(claim())
                        .editStatus()
                        .addToAllocatedResources("storage", new Quantity(size))
                        .addToAllocatedResourceStatuses("storage", "NodeResizePending")
                        .addNewCondition()
                        .withType("FileSystemResizePending")
                        .withStatus("True")
                        .endCondition()
                        .endStatus()
                        .build())
                .updateStatus();
    }

    private PersistentVolumeClaim claim() {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName("data")
                .get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Filesystem", "Block"})
    void aVolumeGrowsWhileAPodUsesIt(String mode) throws Exception {
        bind(mode);
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        boolean isBlock = mode.equals("Block");
        Pod pod = pod("u-1", claimed(), isBlock);
        node.volumes().mount(pod);
        grow("3Mi");
        node.volumes().mount(pod);
        node.volumes().mount(pod);
        assertEquals(List.of("stage", "publish", "expand"), driver.calls);
        NodeExpandVolumeRequest request = Objects.requireNonNull(driver.lastExpanded());
        assertEquals("handle-1", request.getVolumeId());
        assertEquals(3 << 20, request.getCapacityRange().getRequiredBytes());
        assertEquals(isBlock, request.getVolumeCapability().hasBlock());
        assertTrue(Files.exists(Path.of(request.getVolumePath())), request.getVolumePath());
        assertTrue(Files.isDirectory(Path.of(request.getStagingTargetPath())), request.getStagingTargetPath());
        PersistentVolumeClaimStatus status = claim().getStatus();
        assertEquals(new Quantity("3Mi"), status.getCapacity().get("storage"));
        assertEquals(List.of(), status.getConditions());
        assertEquals(Map.of(), status.getAllocatedResourceStatuses());
        assertTrue(
                node.told.contains("FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume \""
                        + pv() + "\" node-1"),
                node.told.toString());
        node.volumes().unmount("u-1");
    }

    @Test
    void whatCannotGrowIsUsedAsItIsAndToldUntilItCan() throws Exception {
        bind("Filesystem");
        node.drivers.register(driverName, folder.resolve("csi.sock"));
        grow("3Mi");
        driver.expansionEnds(Status.Code.INTERNAL);
        Pod pod = pod("u-1", claimed(), false);
        node.volumes().mount(pod);
        node.volumes().mount(pod);
        assertEquals(List.of("stage", "publish", "expand", "expand"), driver.calls);
        String refusal = "rpc error: code = Internal desc = it does not grow";
        assertTrue(
                node.told.contains("VolumeResizeFailed: NodeExpandVolume.NodeExpandVolume failed for volume \"" + pv()
                        + "\" : Expander.NodeExpand failed to expand the volume : " + refusal),
                node.told.toString());
        assertEquals("failed to expand pvc with " + refusal, condition("NodeResizeError"));
        assertEquals(
                "NodeResizePending",
                claim().getStatus().getAllocatedResourceStatuses().get("storage"));
        driver.expansionEnds(Status.Code.OUT_OF_RANGE);
        node.volumes().mount(pod);
        node.volumes().mount(pod);
        // What will never be is not asked for again.
        assertEquals(List.of("stage", "publish", "expand", "expand", "expand"), driver.calls);
        assertEquals(
                "NodeResizeInfeasible",
                claim().getStatus().getAllocatedResourceStatuses().get("storage"));
        driver.expansionEnds(Status.Code.OK);
        grow("2Mi");
        node.volumes().mount(pod);
        assertEquals(new Quantity("2Mi"), claim().getStatus().getCapacity().get("storage"));
        assertEquals("", condition("NodeResizeError"));
    }

    private String condition(String type) {
        return claim().getStatus().getConditions().stream()
                .filter(condition -> type.equals(condition.getType()))
                .map(PersistentVolumeClaimCondition::getMessage)
                .findFirst()
                .orElse("");
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
