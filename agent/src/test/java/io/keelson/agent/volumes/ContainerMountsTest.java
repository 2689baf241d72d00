package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.MountPropagation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ContainerMountsTest {
    private static final Map<String, MountedVolume> VOLUMES = Map.of(
            "rw", MountedVolume.shared("rw", Path.of("/v/rw"), false),
            "ro", MountedVolume.own("ro", Path.of("/v/ro"), true),
            "disk", MountedVolume.device("disk", Path.of("/v/disk"), true));
    private final Pod pod = new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .withUid("u-1")
            .endMetadata()
            .build();

    private Mount mount(VolumeMountBuilder wanted, boolean canRecurse) throws VolumeException {
        Container container = new ContainerBuilder()
                .withName("app")
                .withVolumeMounts(wanted.withMountPath("/x").build())
                .build();
        return new ContainerMounts(new SubPaths(new VolumeFolders(Path.of("/nowhere"))), any -> canRecurse)
                .mounts(pod, container, Map.of(), VOLUMES)
                .getFirst();
    }

    private static VolumeMountBuilder of(String volume) {
        return new VolumeMountBuilder().withName(volume);
    }

    private String refused(VolumeMountBuilder wanted, boolean canRecurse) {
        return assertThrows(VolumeException.class, () -> mount(wanted, canRecurse))
                .message();
    }

    @Test
    void aMountIsReadOnlyIfItOrItsVolumeIs() throws VolumeException {
        assertFalse(mount(of("rw"), true).getReadonly());
        assertTrue(mount(of("rw").withReadOnly(true), true).getReadonly());
        assertTrue(mount(of("ro"), true).getReadonly());
        assertTrue(mount(of("ro"), true).getSelinuxRelabel());
        assertFalse(mount(of("rw"), true).getSelinuxRelabel(), "others may use it, too");
    }

    @Test
    void propagationIsWhatIsAskedFor() throws VolumeException {
        assertEquals(MountPropagation.PROPAGATION_PRIVATE, mount(of("rw"), true).getPropagation());
        assertEquals(
                MountPropagation.PROPAGATION_BIDIRECTIONAL,
                mount(of("rw").withMountPropagation("Bidirectional"), true).getPropagation());
        assertEquals("invalid MountPropagation mode: \"Up\"", refused(of("rw").withMountPropagation("Up"), true));
    }

    @Test
    void readOnlyAllThroughNeedsARuntimeThatCan() throws VolumeException {
        assertTrue(mount(of("rw").withReadOnly(true).withRecursiveReadOnly("Enabled"), true)
                .getRecursiveReadOnly());
        assertFalse(mount(of("rw").withReadOnly(true).withRecursiveReadOnly("IfPossible"), false)
                .getRecursiveReadOnly());
        assertFalse(mount(of("rw").withReadOnly(true).withRecursiveReadOnly("Disabled"), true)
                .getRecursiveReadOnly());
        String what = "failed to resolve recursive read-only mode: ";
        assertEquals(
                what + "volume \"rw\" requested recursive read-only mode, but it is not supported by the runtime",
                refused(of("rw").withReadOnly(true).withRecursiveReadOnly("Enabled"), false));
        assertEquals(
                what + "volume \"rw\" requested recursive read-only mode, but it is not read-only",
                refused(of("rw").withRecursiveReadOnly("Enabled"), true));
        assertEquals(
                what + "unknown recursive read-only mode \"Maybe\"",
                refused(of("rw").withRecursiveReadOnly("Maybe"), true));
    }

    @Test
    void whatIsNoVolumeOfThatKindIsRefused() throws VolumeException {
        assertEquals("cannot find volume \"disk\" to mount into container \"app\"", refused(of("disk"), true));
        Container container = new ContainerBuilder()
                .withName("app")
                .addNewVolumeDevice("/dev/x", "disk")
                .build();
        assertEquals("r", ContainerMounts.devices(container, VOLUMES).getFirst().getPermissions());
        container.getVolumeDevices().getFirst().setName("rw");
        assertThrows(VolumeException.class, () -> ContainerMounts.devices(container, VOLUMES));
        container.getVolumeDevices().getFirst().setDevicePath("dev/x");
        assertEquals(
                "error DevicePath `dev/x` must be an absolute path",
                assertThrows(VolumeException.class, () -> ContainerMounts.devices(container, VOLUMES))
                        .message());
        assertEquals(List.of(), ContainerMounts.devices(new Container(), VOLUMES));
    }
}
