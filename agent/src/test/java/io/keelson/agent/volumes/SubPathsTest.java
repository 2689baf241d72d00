package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
final class SubPathsTest {
    @TempDir
    private Path folder;

    private Path volume;
    private Path secret;
    private SubPaths subPaths;

    @BeforeEach
    void makeAVolumeAndWhatIsNotInIt() throws IOException {
        folder = folder.toRealPath();
        subPaths = new SubPaths(new VolumeFolders(folder.resolve("kubelet")));
        volume = Files.createDirectories(folder.resolve("volume"));
        secret = Files.createDirectories(folder.resolve("secret"));
        Files.writeString(secret.resolve("file"), "the node's");
        Files.createDirectories(volume.resolve("dir"));
        Files.writeString(volume.resolve("dir/file"), "the pod's");
    }

    @AfterEach
    void unmountAll() throws IOException {
        for (MountTable.Mount mount : MountTable.read().under(folder)) {
            Libc.unmount(mount.point(), VolumeCalls.UMOUNT_NOFOLLOW);
        }
    }

    private Path bind(int index, String subPath) throws IOException {
        return subPaths.bind("u-1", "data", volume, "app", index, subPath);
    }

    @Test
    void aFolderOrFileIsBoundToAPlaceOfItsOwn() throws IOException {
        Path bound = bind(0, "dir");
        assertEquals(folder.resolve("kubelet/pods/u-1/volume-subpaths/data/app/0"), bound);
        assertEquals("the pod's", Files.readString(bound.resolve("file")));
        assertEquals("the pod's", Files.readString(bind(1, "dir//./file")));
        assertEquals(bound, bind(0, "dir"), "again is the same");
        assertEquals(2, MountTable.read().under(folder).size());
    }

    @Test
    void whatWasReplacedIsBoundAnew() throws IOException {
        bind(0, "dir/file");
        Files.writeString(volume.resolve("dir/new"), "newer");
        Files.move(volume.resolve("dir/new"), volume.resolve("dir/file"), StandardCopyOption.ATOMIC_MOVE);
        assertEquals("newer", Files.readString(bind(0, "dir/file")));
        Files.delete(volume.resolve("dir/file"));
        Files.createDirectory(volume.resolve("dir/file"));
        assertTrue(Files.isDirectory(bind(0, "dir/file")));
        assertEquals(1, MountTable.read().under(folder).size());
    }

    @Test
    void linksInsideAreFollowed() throws IOException {
        Files.createSymbolicLink(volume.resolve("in"), Path.of("dir"));
        Files.createSymbolicLink(volume.resolve("dir/up"), Path.of("../dir/file"));
        assertEquals("the pod's", Files.readString(bind(0, "in/file")));
        assertEquals("the pod's", Files.readString(bind(1, "in/up")));
    }

    @Test
    void nothingLeadsOut() throws IOException {
        Files.createSymbolicLink(volume.resolve("absolute"), secret);
        Files.createSymbolicLink(volume.resolve("relative"), Path.of("../secret"));
        Files.createSymbolicLink(volume.resolve("file"), secret.resolve("file"));
        Files.createSymbolicLink(volume.resolve("dangling"), Path.of("/not/there"));
        Files.createSymbolicLink(volume.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(volume.resolve("magic"), Path.of("/proc/self/root/etc"));
        for (String path : List.of(
                "absolute",
                "relative",
                "file",
                "absolute/file",
                "relative/new/folder",
                "dangling",
                "dangling/x",
                "loop",
                "magic/passwd",
                "dir/file/below-a-file")) {
            assertThrows(IOException.class, () -> bind(0, path), path);
        }
        assertEquals(List.of(), MountTable.read().under(folder));
        assertFalse(Files.exists(secret.resolve("new")));
        for (String path : List.of("/etc", "a/../../b", "..")) {
            assertFalse(SubPaths.problem(path).isEmpty(), path);
        }
        assertEquals("", SubPaths.problem("a/..b/c.."));
    }

    @Test
    void whatIsMissingIsMadeWithThePermissionsOfTheVolume() throws IOException {
        Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(volume.resolve("in"), Path.of("dir"));
        bind(0, "in/new/deeper");
        Path made = volume.resolve("dir/new/deeper");
        assertTrue(Files.isDirectory(made));
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
    }

    @Test
    void aPodThatFlipsLinksWhileTheyAreLookedAtGetsNothing() throws Exception {
        Path victim = volume.resolve("victim");
        Path real = Files.createDirectories(volume.resolve("real/victim"));
        Files.writeString(real.resolve("file"), "the pod's");
        Files.createDirectories(victim);
        Files.writeString(victim.resolve("file"), "the pod's");
        AtomicBoolean ended = new AtomicBoolean();
        Thread hostile = Thread.ofPlatform().start(() -> {
            Path link = volume.resolve("link");
            Path aside = volume.resolve("aside");
            while (!ended.get()) {
                try {
                    // A folder becomes a link out of the volume, and a folder again.
                    Files.createSymbolicLink(link, secret);
                    Files.move(victim, aside, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(link, victim, StandardCopyOption.ATOMIC_MOVE);
                    Files.delete(victim);
                    Files.move(aside, victim, StandardCopyOption.ATOMIC_MOVE);
                } catch (IOException e) {
                    // A folder was made in between; it gives way.
                    try {
                        Files.deleteIfExists(link);
                        if (Files.exists(aside)) {
                            TreeRemoval.remove(victim);
                            Files.move(aside, victim, StandardCopyOption.ATOMIC_MOVE);
                        }
                    } catch (IOException again) {
                        // Next time.
                    }
                }
            }
        });
        int bound = 0;
        int refused = 0;
        try {
            for (int i = 0; i < 400; i++) {
                try {
                    Path place = bind(i % 4, i % 2 == 0 ? "victim/file" : "victim");
                    Path seen = i % 2 == 0 ? place : place.resolve("file");
                    if (Files.isRegularFile(seen)) {
                        assertEquals("the pod's", Files.readString(seen));
                    }
                    bound++;
                } catch (IOException e) {
                    refused++;
                }
            }
        } finally {
            ended.set(true);
            hostile.join();
        }
        assertTrue(bound > 0 && refused > 0, "it was flipped while it was looked at: " + bound + ", " + refused);
        try (Stream<Path> outside = Files.list(secret)) {
            assertEquals(List.of(secret.resolve("file")), outside.toList(), "nothing was made outside");
        }
    }
}
