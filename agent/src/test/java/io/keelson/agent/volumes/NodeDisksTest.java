package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk of the node, which is a file here. */
@Tag("root")
final class NodeDisksTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private VolumeFolders folders;
    private NodeDisks disks;
    private String device;

    @BeforeEach
    void attach() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/loop-control")), "the kernel has loop devices");
        folder = folder.toRealPath();
        folders = new VolumeFolders(folder.resolve("kubelet"));
        disks = new NodeDisks(folders);
        Path file = folder.resolve("disk.img");
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(16 << 20);
        }
        device = Program.require(LIMIT, List.of("losetup", "--find", "--show", file.toString()));
    }

    @AfterEach
    void detach() throws Exception {
        for (MountTable.Mount mount : MountTable.read().under(folder)) {
            Libc.unmount(mount.point(), VolumeCalls.UMOUNT_NOFOLLOW);
        }
        if (device.startsWith("/dev/loop")) {
            Program.require(LIMIT, List.of("losetup", "--detach", device));
        }
    }

    private PersistentVolume volume(String type) {
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName("disk")
                .endMetadata()
                .withNewSpec()
                .withNewLocal(type, device)
                .endSpec()
                .build();
    }

    private static VolumeRequest request(String podUid) {
        return VolumeRequest.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withUid(podUid)
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build(),
                new VolumeBuilder().withName("data").build());
    }

    private void tearDown(String podUid) throws IOException, InterruptedException {
        Path target = folders.volume(podUid, NodeDisks.LOCAL, "disk");
        Libc.unmount(target.toString(), VolumeCalls.UMOUNT_NOFOLLOW);
        Files.delete(target);
        disks.release();
    }

    @Test
    void anEmptyDiskGetsAFilesystemOnceAndIsSharedByPods() throws Exception {
        Path first = disks.local(request("u-1"), volume(""), false).path();
        Path second = disks.local(request("u-2"), volume("ext4"), false).path();
        assertTrue(first != null && second != null);
        Files.writeString(first.resolve("kept"), "kept");
        assertEquals("kept", Files.readString(second.resolve("kept")));
        assertEquals("ext4", MountTable.read().at(second).orElseThrow().type());
        tearDown("u-1");
        Path once = folders.plugin(NodeDisks.LOCAL).resolve("mounts/disk");
        assertTrue(MountTable.isMounted(once), "the other pod has it");
        tearDown("u-2");
        assertFalse(Files.exists(once));
        Path again = disks.local(request("u-3"), volume(""), true).path();
        assertTrue(again != null && Files.exists(again.resolve("kept")), "nobody has made it anew");
        assertThrows(IOException.class, () -> Files.writeString(again.resolve("new"), "x"));
    }

    @Test
    void aDiskThatHoldsSomethingElseIsLeftAlone() throws Exception {
        Program.require(LIMIT, List.of("mkfs.ext4", "-q", "-F", device));
        VolumeException problem =
                assertThrows(VolumeException.class, () -> disks.local(request("u-1"), volume("xfs"), false));
        assertTrue(problem.message().contains("it already contains [TYPE=ext4]"), problem.message());
    }

    @Test
    void aDiskAsItIsIsALinkToIt() throws Exception {
        Path link = disks.device(request("u-1"), volume(""), false).device();
        assertTrue(link != null);
        assertEquals(Path.of(device), Files.readSymbolicLink(link));
        assertEquals(link, disks.device(request("u-1"), volume(""), false).device());
    }

    @Test
    void programsHaveALimitOfTimeAndOutput() throws Exception {
        assertTrue(assertThrows(
                        VolumeException.class, () -> Program.run(Duration.ofMillis(100), List.of("sleep", "60")))
                .message()
                .endsWith("and was killed"));
        assertThrows(VolumeException.class, () -> Program.run(LIMIT, List.of("no-such-program")));
        Program.Result much = Program.run(LIMIT, List.of("seq", "1", "100000"));
        assertEquals(0, much.status());
        assertTrue(much.output().length() <= 64 << 10);
        assertTrue(assertThrows(VolumeException.class, () -> Program.require(LIMIT, List.of("ls", "/not/there")))
                .message()
                .contains("exit status 2"));
    }
}
