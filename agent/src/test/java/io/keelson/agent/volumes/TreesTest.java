package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks over folders that a pod has filled. */
@Tag("root")
final class TreesTest {
    @TempDir
    private Path folder;

    /** Makes folders in each other until no path is long enough for them. */
    private static void nest(Path top, int depth) throws IOException {
        Descriptor last = Descriptor.folder(top);
        byte[] name = Libc.bytes("nested-folder");
        for (int i = 0; i < depth; i++) {
            Libc.makeFolder(last.number(), name, 0700);
            Descriptor next = last.folder(name);
            last.close();
            last = next;
        }
        last.close();
    }

    @Test
    void aTreeThatIsDeeperThanAnyPathIsRemoved() throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        nest(tree, 2000);
        TreeRemoval.remove(tree);
        assertFalse(Files.exists(tree));
    }

    @Test
    void linksAreRemovedAndNotFollowed() throws IOException {
        Path kept = Files.createDirectories(folder.resolve("kept"));
        Files.writeString(kept.resolve("file"), "kept");
        Path tree = Files.createDirectories(folder.resolve("tree/in"));
        Files.createSymbolicLink(tree.resolve("away"), kept);
        Files.createSymbolicLink(tree.resolve("file"), kept.resolve("file"));
        TreeRemoval.remove(folder.resolve("tree"));
        assertFalse(Files.exists(folder.resolve("tree")));
        assertEquals("kept", Files.readString(kept.resolve("file")));
        Path link = Files.createSymbolicLink(folder.resolve("link"), kept);
        TreeRemoval.remove(link);
        assertFalse(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.exists(kept.resolve("file")));
        TreeRemoval.remove(folder.resolve("never"));
        TreeRemoval.remove(folder.resolve("never/was"));
    }

    @Test
    void anotherFilesystemIsNotEntered() throws IOException {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Path mounted = Files.createDirectory(tree.resolve("mounted"));
        EmptyDirs.memory(mounted, 1 << 20);
        try {
            Files.writeString(mounted.resolve("kept"), "kept");
            assertThrows(IOException.class, () -> TreeRemoval.remove(tree));
            assertEquals("kept", Files.readString(mounted.resolve("kept")));
        } finally {
            Libc.unmount(mounted.toString(), 0);
        }
    }

    @Test
    void aGroupGetsAllFilesAndNothingOutside() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "x");
        Path volume = Files.createDirectory(folder.resolve("volume"));
        Path file = Files.writeString(volume.resolve("file"), "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-----"));
        Files.createDirectories(volume.resolve("a/b"));
        Path link = Files.createSymbolicLink(volume.resolve("a/link"), outside);
        Ownership owner = new Ownership(4242, false, -1);
        owner.apply(volume, false);
        assertEquals(4242, group(file));
        assertEquals(4242, group(volume.resolve("a/b")));
        assertEquals(4242, group(link));
        assertEquals(0, group(outside));
        assertEquals(0760, mode(file), "it was r-xr-----");
    }

    @Test
    void foldersKeepTheGroupForNewFiles() throws IOException {
        Path volume = Files.createDirectory(folder.resolve("volume"));
        Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwx------"));
        new Ownership(4242, false, -1).apply(volume, false);
        assertEquals(02770, mode(volume));
        Path file = Files.writeString(volume.resolve("new"), "x");
        assertEquals(4242, group(file));
        assertEquals(0440, mode(apply(file, true)) & 0440);
    }

    private Path apply(Path file, boolean readOnly) throws IOException {
        new Ownership(4242, false, -1).apply(folder.resolve("volume"), readOnly);
        return file;
    }

    @Test
    void onRootMismatchSparesAVolumeWhoseRootIsRight() throws IOException {
        Path volume = Files.createDirectory(folder.resolve("volume"));
        Ownership owner = new Ownership(4242, true, -1);
        owner.apply(volume, false);
        Path file = Files.writeString(volume.resolve("file"), "x");
        Libc.own(Libc.CURRENT_FOLDER, Libc.bytes(file.toString()), 0, 7);
        owner.apply(volume, false);
        assertEquals(7, group(file));
        new Ownership(4242, false, -1).apply(volume, false);
        assertEquals(4242, group(file));
    }

    @Test
    void usageCountsAFileOnceHoweverManyNamesItHas() throws IOException {
        Path volume = Files.createDirectories(folder.resolve("volume"));
        DiskUsage empty = DiskUsage.of(volume);
        Path file = Files.write(volume.resolve("file"), new byte[100_000]);
        DiskUsage one = DiskUsage.of(volume);
        Files.createLink(volume.resolve("again"), file);
        Files.createSymbolicLink(volume.resolve("away"), Path.of("/usr"));
        DiskUsage linked = DiskUsage.of(volume);
        assertTrue(one.bytes() - empty.bytes() >= 100_000, one.toString());
        assertEquals(1, one.inodes() - empty.inodes());
        assertEquals(one.bytes(), linked.bytes());
        assertEquals(1, linked.inodes() - one.inodes());
    }

    private static Map<String, Object> attributes(Path path) throws IOException {
        return Files.readAttributes(path, "unix:gid,mode", LinkOption.NOFOLLOW_LINKS);
    }

    private static int group(Path path) throws IOException {
        return attributes(path).get("gid") instanceof Integer group ? group : -1;
    }

    private static int mode(Path path) throws IOException {
        return attributes(path).get("mode") instanceof Integer mode ? mode & 07777 : -1;
    }
}
