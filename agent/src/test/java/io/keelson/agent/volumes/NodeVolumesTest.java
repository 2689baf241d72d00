package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.environment.SharedApi;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.MountPropagation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
final class NodeVolumesTest {
    private final KubernetesClient client = SharedApi.client();
    private final String namespace = SharedApi.namespace(client);

    @TempDir
    private Path folder;

    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder, client);
    }

    @AfterEach
    void end() throws IOException {
        node.close();
        client.close();
    }

    private static Container mounting(String... names) {
        ContainerBuilder container = new ContainerBuilder().withName("app");
        for (String name : names) {
            container
                    .addNewVolumeMount()
                    .withName(name)
                    .withMountPath("/" + name)
                    .endVolumeMount();
        }
        return container.build();
    }

    private Pod pod(String uid, Container container, Volume... volumes) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("web")
                .withUid(uid)
                .addToLabels("tier", "front")
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName("default")
                .addToContainers(container)
                .withVolumes(volumes)
                .endSpec()
                .build();
    }

    private void configMap(String name, String key, String value) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .addToData(key, value)
                        .build())
                .unlock()
                .createOr(NonDeletingOperation::update);
    }

    private static Volume settings() {
        return new VolumeBuilder()
                .withName("settings")
                .withNewConfigMap()
                .withName("settings")
                .endConfigMap()
                .build();
    }

    private String problem(Pod pod) {
        PodProblem problem = assertThrows(PodProblem.class, () -> node.volumes().mount(pod));
        assertEquals("FailedMount", problem.eventReason());
        return problem.message();
    }

    private List<Mount> mounts(Pod pod) throws PodProblem {
        return node.volumes().mounts(pod, pod.getSpec().getContainers().getFirst(), Map.of());
    }

    @Test
    void aConfigMapIsAFolderThatFollowsIt() throws Exception {
        configMap("settings", "color", "blue");
        Pod pod = pod("u-1", mounting("settings"), settings());
        Set<String> changed = ConcurrentHashMap.newKeySet();
        node.objects().onChange(changed::add);
        node.volumes().mount(pod);
        Mount mount = mounts(pod).getFirst();
        assertEquals(node.folder(pod, "configmap", "settings").toString(), mount.getHostPath());
        assertTrue(mount.getReadonly());
        Path file = Path.of(mount.getHostPath()).resolve("color");
        assertEquals("blue", Files.readString(file));
        configMap("settings", "color", "red");
        SharedApi.await("the pod is told of", () -> changed.contains("u-1"));
        node.volumes().mount(pod);
        assertEquals("red", Files.readString(file));
        changed.clear();
        client.configMaps().inNamespace(namespace).withName("settings").delete();
        SharedApi.await("its end is told, too", () -> changed.contains("u-1"));
        node.volumes().mount(pod);
        assertEquals("red", Files.readString(file), "a pod that runs keeps what it has");
        assertTrue(
                node.told.contains("FailedMount: MountVolume.SetUp failed for volume \"settings\" :"
                        + " configmap \"settings\" not found"),
                node.told::toString);
        node.volumes().unmount("u-1");
        node.assertNothingLeft();
    }

    @Test
    void whatIsMissingIsSaidAndWhatNobodyMountsIsNot() throws Exception {
        Pod pod = pod("u-1", mounting("settings"), settings());
        assertEquals(
                "MountVolume.SetUp failed for volume \"settings\" : configmap \"settings\" not found", problem(pod));
        pod.getSpec().setContainers(List.of(mounting()));
        node.volumes().mount(pod);
        pod.getSpec().setContainers(List.of(mounting("settings")));
        assertEquals(
                "cannot find volume \"settings\" to mount into container \"app\"",
                assertThrows(PodProblem.class, () -> mounts(pod)).message());
        configMap("settings", "a", "1");
        SharedApi.await("the node sees it", () -> node.objects().configMap(namespace, "settings") != null);
        pod.getSpec()
                .setVolumes(List.of(new VolumeBuilder()
                        .withName("settings")
                        .withNewConfigMap()
                        .withName("settings")
                        .addNewItem("b", 0600, "x")
                        .endConfigMap()
                        .build()));
        assertEquals(
                "MountVolume.SetUp failed for volume \"settings\" : configmap references non-existent config key: b",
                problem(pod));
        assertEquals(2, node.timed("configmap", "fail-unknown"));
        assertEquals(0, node.timed("configmap", "success"));
        node.volumes().unmount("u-1");
        node.assertNothingLeft();
    }

    @Test
    void secretsAreInMemoryOnly() throws Exception {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("keys")
                        .endMetadata()
                        .addToData("key", Base64.getEncoder().encodeToString(new byte[] {0, (byte) 0xff, 1}))
                        .build())
                .create();
        Pod pod = pod(
                "u-1",
                mounting("keys"),
                new VolumeBuilder()
                        .withName("keys")
                        .withNewSecret()
                        .withSecretName("keys")
                        .withDefaultMode(0400)
                        .addNewItem("key", null, "deep/er/key")
                        .endSecret()
                        .build());
        node.volumes().mount(pod);
        Path place = node.folder(pod, "secret", "keys");
        assertEquals("tmpfs", MountTable.read().at(place).orElseThrow().type());
        assertArrayEquals(new byte[] {0, (byte) 0xff, 1}, Files.readAllBytes(place.resolve("deep/er/key")));
        assertEquals(0400, mode(place.resolve("deep/er/key")));
        node.volumes().unmount("u-1");
        node.assertNothingLeft();
    }

    private Volume projected() {
        return new VolumeBuilder()
                .withName("access")
                .withNewProjected()
                .withDefaultMode(0644)
                .addNewSource()
                .withNewServiceAccountToken("vault", 3600L, "token")
                .endSource()
                .addNewSource()
                .withNewConfigMap()
                .withName("settings")
                .endConfigMap()
                .endSource()
                .addNewSource()
                .withNewDownwardAPI()
                .addNewItem()
                .withPath("pod/labels")
                .withNewFieldRef("v1", "metadata.labels")
                .endItem()
                .addNewItem()
                .withPath("pod/memory")
                .withNewResourceFieldRef()
                .withContainerName("app")
                .withDivisor(new Quantity("1Mi"))
                .withResource("limits.memory")
                .endResourceFieldRef()
                .endItem()
                .endDownwardAPI()
                .endSource()
                .endProjected()
                .build();
    }

    @Test
    void aTokenIsItsPodsAloneAndIsRenewed() throws Exception {
        configMap("settings", "color", "blue");
        client.serviceAccounts()
                .inNamespace(namespace)
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .endMetadata()
                        .build())
                .create();
        Pod pod = client.resource(pod(
                        "",
                        new ContainerBuilder(mounting("access"))
                                .withImage("x")
                                .withNewSecurityContext()
                                .withRunAsUser(1234L)
                                .endSecurityContext()
                                .build(),
                        projected()))
                .create();
        pod.getSpec().setVolumes(List.of(projected()));
        pod.getSpec()
                .setContainers(List.of(new ContainerBuilder(mounting("access"))
                        .withNewSecurityContext()
                        .withRunAsUser(1234L)
                        .endSecurityContext()
                        .build()));
        node.volumes().mount(pod);
        Path place = node.folder(pod, "projected", "access");
        String token = Files.readString(place.resolve("token"));
        String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8);
        assertTrue(
                claims.contains("\"vault\"")
                        && claims.contains(pod.getMetadata().getUid()),
                claims);
        assertEquals(0600, mode(place.resolve("token")));
        assertEquals(1234, attribute(place.resolve("token"), "uid"));
        assertEquals("blue", Files.readString(place.resolve("color")));
        assertEquals(0644, mode(place.resolve("color")));
        assertEquals("tier=\"front\"", Files.readString(place.resolve("pod/labels")));
        assertEquals("64", Files.readString(place.resolve("pod/memory")));
        node.time.advance(Duration.ofMinutes(30));
        node.volumes().mount(pod);
        assertEquals(token, Files.readString(place.resolve("token")));
        node.time.advance(Duration.ofMinutes(19));
        node.volumes().mount(pod);
        assertNotEquals(token, Files.readString(place.resolve("token")));
        node.volumes().unmount(pod.getMetadata().getUid());
        node.assertNothingLeft();
    }

    private static Volume empty(String name, String medium, String limit) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withMedium(medium)
                .withSizeLimit(limit.isEmpty() ? null : new Quantity(limit))
                .endEmptyDir()
                .build();
    }

    @Test
    void emptyVolumesAreOnDiskOrInMemoryAndStayOverARestart() throws Exception {
        Pod pod = pod("u-1", mounting("disk", "memory"), empty("disk", "", ""), empty("memory", "Memory", "2Mi"));
        pod.getSpec()
                .setSecurityContext(
                        new PodSecurityContextBuilder().withFsGroup(4242L).build());
        node.volumes().mount(pod);
        Path disk = node.folder(pod, "empty-dir", "disk");
        Path memory = node.folder(pod, "empty-dir", "memory");
        assertEquals(02777, mode(disk));
        assertEquals(4242, attribute(disk, "gid"));
        assertEquals(02777, mode(memory));
        assertEquals(2 << 20, Files.getFileStore(memory).getTotalSpace());
        assertEquals(List.of(4242L), node.volumes().supplementalGroups(pod));
        Files.write(disk.resolve("kept"), new byte[50_000]);
        Files.writeString(memory.resolve("kept"), "too");
        assertTrue(Objects.requireNonNull(node.volumes().usage(pod).get("disk")).bytes() >= 50_000);
        assertEquals(Set.of("disk"), node.volumes().usage(pod).keySet());
        node.restart();
        assertEquals(Set.of("u-1"), node.volumes().podsWithVolumes());
        node.volumes().mount(pod);
        assertEquals("too", Files.readString(memory.resolve("kept")));
        assertTrue(Files.exists(disk.resolve("kept")));
        assertEquals(1, node.mounted().size());
        node.restart().unmount("u-1");
        node.assertNothingLeft();
        node.volumes().unmount("u-1");
        node.volumes().unmount("never-was");
    }

    @Test
    void hugePagesWithoutARequestForThemAreRefused() {
        Pod pod = pod("u-1", mounting("huge"), empty("huge", "HugePages-2Mi", ""));
        assertTrue(
                problem(pod).endsWith("medium \"HugePages-2Mi\" requires a request of hugepages-2Mi in a container"));
        assertTrue(problem(pod("u-1", mounting("odd"), empty("odd", "Floppy", "")))
                .endsWith("unknown storage medium \"Floppy\""));
    }

    @Test
    void partsOfVolumesAndImagesAreMountedInOrder() throws Exception {
        Container container = new ContainerBuilder(mounting("disk"))
                .addNewVolumeMount()
                .withName("disk")
                .withMountPath("/logs")
                .withSubPathExpr("logs/$(POD)")
                .withReadOnly(true)
                .withRecursiveReadOnly("IfPossible")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("model")
                .withMountPath("model")
                .withSubPath("weights")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("host")
                .withMountPath("/host")
                .withMountPropagation("HostToContainer")
                .endVolumeMount()
                .build();
        Pod pod = pod(
                "u-1",
                container,
                empty("disk", "", ""),
                new VolumeBuilder()
                        .withName("model")
                        .withNewImage("Always", "models/x:1")
                        .build(),
                new VolumeBuilder()
                        .withName("host")
                        .withNewHostPath(folder.toString(), "Directory")
                        .build());
        node.volumes().mount(pod);
        List<Mount> mounts = node.volumes().mounts(pod, container, Map.of("POD", "web-0"));
        assertEquals(4, mounts.size());
        assertEquals("/disk", mounts.get(0).getContainerPath());
        assertTrue(mounts.get(1).getReadonly() && mounts.get(1).getRecursiveReadOnly());
        assertTrue(Files.isDirectory(node.folder(pod, "empty-dir", "disk").resolve("logs/web-0")));
        assertEquals("models/x:1@sha256:1", mounts.get(2).getImage().getImage());
        assertEquals("weights", mounts.get(2).getImageSubPath());
        assertEquals("/model", mounts.get(2).getContainerPath());
        assertEquals("", mounts.get(2).getHostPath());
        assertEquals(
                MountPropagation.PROPAGATION_HOST_TO_CONTAINER, mounts.get(3).getPropagation());
        assertEquals(1, node.mounted().size());
        assertEquals(
                "missing value for \"POD\"",
                assertThrows(PodProblem.class, () -> node.volumes().mounts(pod, container, Map.of()))
                        .message());
        container.getVolumeMounts().get(1).setSubPathExpr("$(POD)/x");
        assertEquals(
                "unable to provision SubPath `../x`: must not contain '..'",
                assertThrows(PodProblem.class, () -> node.volumes().mounts(pod, container, Map.of("POD", "..")))
                        .message());
        Files.createSymbolicLink(node.folder(pod, "empty-dir", "disk").resolve("out"), Path.of("/etc"));
        assertEquals(
                "failed to prepare subPath for volumeMount \"disk\" of container \"app\"",
                assertThrows(PodProblem.class, () -> node.volumes().mounts(pod, container, Map.of("POD", "out")))
                        .message());
        node.volumes().unmount("u-1");
        node.assertNothingLeft();
    }

    private void bind(String claimName, PersistentVolumeBuilder volume) {
        PersistentVolumeClaim claim = client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(claimName)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withStorageClassName("")
                        .withVolumeName(namespace + "-pv")
                        .withNewResources()
                        .addToRequests("storage", new Quantity("1Mi"))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        client.resource(volume.withNewMetadata()
                        .withName(namespace + "-pv")
                        .addToAnnotations("pv.beta.kubernetes.io/gid", "777")
                        .endMetadata()
                        .editSpec()
                        .withAccessModes("ReadWriteOnce")
                        .addToCapacity("storage", new Quantity("1Mi"))
                        .withNewClaimRef()
                        .withNamespace(namespace)
                        .withName(claimName)
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
    void aClaimedFolderOfTheNodeIsBoundAndNeverDeleted() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        Files.writeString(disk.resolve("kept"), "kept");
        Volume volume = new VolumeBuilder()
                .withName("data")
                .withNewPersistentVolumeClaim("data", false)
                .build();
        Pod pod = pod("u-1", mounting("data"), volume);
        assertTrue(problem(pod).endsWith("persistentvolumeclaims \"data\" not found"));
        bind(
                "data",
                new PersistentVolumeBuilder()
                        .withNewSpec()
                        .withNewLocal("", disk.toString())
                        .withNewNodeAffinity()
                        .withNewRequired()
                        .addNewNodeSelectorTerm()
                        .addNewMatchExpression()
                        .withKey("kubernetes.io/hostname")
                        .withOperator("In")
                        .withValues("node-1")
                        .endMatchExpression()
                        .endNodeSelectorTerm()
                        .endRequired()
                        .endNodeAffinity()
                        .endSpec());
        node.volumes().mount(pod);
        node.volumes().mount(pod);
        assertEquals(1, node.timed("local-volume", "success"));
        assertEquals(0, node.timed("local-volume", "fail-unknown"), "what was waited for had not begun");
        String place = mounts(pod).getFirst().getHostPath();
        assertEquals("kept", Files.readString(Path.of(place, "kept")));
        assertEquals(List.of(777L), node.volumes().supplementalGroups(pod));
        assertEquals(List.of(place), node.mounted());
        // Something hides what is mounted, as a crash between two mounts may leave it.
        Libc.mount(disk.toString(), place, "", Libc.MS_BIND, "");
        node.restart().unmount("u-1");
        assertEquals("kept", Files.readString(disk.resolve("kept")));
        node.assertNothingLeft();
    }

    @Test
    void whatIsStillInUseIsNotTakenAway() throws Exception {
        Pod pod = pod("u-1", mounting("memory"), empty("memory", "Memory", "1Mi"));
        node.volumes().mount(pod);
        Path file = Files.writeString(node.folder(pod, "empty-dir", "memory").resolve("open"), "x");
        try (var open = Files.newInputStream(file)) {
            PodProblem problem =
                    assertThrows(PodProblem.class, () -> node.volumes().unmount("u-1"));
            assertTrue(problem.message().endsWith("is in use by a process outside of the pod"), problem.message());
            assertEquals("x", Files.readString(file));
            assertEquals('x', open.read());
        }
        node.volumes().unmount("u-1");
        node.assertNothingLeft();
    }

    @Test
    void aFileOfAVolumeIsReadWithoutLeavingIt() throws Exception {
        Pod pod = pod("u-1", mounting("disk"), empty("disk", "", ""));
        node.volumes().mount(pod);
        Path disk = node.folder(pod, "empty-dir", "disk");
        Files.writeString(disk.resolve("config.env"), "A=1");
        Files.createSymbolicLink(disk.resolve("passwd"), Path.of("/etc/passwd"));
        assertEquals("A=1", new String(node.volumes().read(pod, "disk", "config.env", 100), StandardCharsets.UTF_8));
        assertThrows(IOException.class, () -> node.volumes().read(pod, "disk", "passwd", 100_000));
        assertThrows(IOException.class, () -> node.volumes().read(pod, "disk", "config.env", 2));
        Libc.makeNode(Libc.CURRENT_FOLDER, Libc.bytes(disk.resolve("pipe").toString()), Libc.S_IFIFO | 0600, 0);
        assertThrows(IOException.class, () -> node.volumes().read(pod, "disk", "pipe", 100));
        assertThrows(IOException.class, () -> node.volumes().read(pod, "other", "config.env", 100));
        node.volumes().unmount("u-1");
    }

    @Test
    void namesThatWouldBeOtherFoldersAreRefused() {
        Pod pod = pod("u-1", mounting("../../etc"), empty("../../etc", "", ""));
        assertTrue(problem(pod).contains("not fit for the name of a folder"));
        assertThrows(PodProblem.class, () -> node.volumes().unmount("../.."));
        assertFalse(Files.exists(node.root.resolve("pods/u-1/volumes/etc")));
    }

    private static int mode(Path path) throws IOException {
        return attribute(path, "mode") & 07777;
    }

    private static int attribute(Path path, String name) throws IOException {
        return Files.getAttribute(path.toRealPath(), "unix:" + name, LinkOption.NOFOLLOW_LINKS)
                        instanceof Integer number
                ? number
                : -1;
    }
}
