package io.keelson.agent.mounts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MountTableTest {
    private static final String TABLE = """
            22 27 0:21 / /proc rw,relatime - proc proc rw
            40 22 0:30 / /k/pods/u/volumes/a\\040b rw,nosuid shared:5 master:2 - tmpfs tmpfs rw,size=4k
            41 40 8:1 /data\\134x /k/pods/u/volumes/a\\040b/in ro - ext4 /dev/sda1 rw
            42 22 0:31 / /k/pods/u/volumes-of-another rw - tmpfs tmpfs rw
            43 22 0:32 / /k/pods/u/volumes/a\\040b rw - ramfs over rw
            """;

    @Test
    void whatIsUnderAFolderComesInTheOrderInWhichItCanBeUnmounted() {
        MountTable table = MountTable.parse(TABLE);
        assertEquals(
                List.of("/k/pods/u/volumes/a b", "/k/pods/u/volumes/a b/in", "/k/pods/u/volumes/a b"),
                table.under(Path.of("/k/pods/u/volumes")).stream()
                        .map(MountTable.Mount::point)
                        .toList());
        assertEquals(
                "ramfs",
                table.at(Path.of("/k/pods/u/volumes/a b")).orElseThrow().type());
        assertEquals("/data\\x", table.mounts().get(2).root());
        assertEquals(List.of("ro"), table.mounts().get(2).options());
    }

    @Test
    void aPathLiesOnWhatCoversIt() {
        MountTable table = MountTable.parse(TABLE);
        MountTable.Mount on =
                table.covering(Path.of("/k/pods/u/volumes/a b/in/x")).orElseThrow();
        assertEquals("ext4", on.type());
        assertFalse(on.isShared() || on.isFollowing());
        assertEquals(
                "ramfs",
                table.covering(Path.of("/k/pods/u/volumes/a b/inner"))
                        .orElseThrow()
                        .type(),
                "the last one lies on top");
        assertTrue(table.mounts().get(1).isShared() && table.mounts().get(1).isFollowing());
        assertEquals(List.of("rw", "size=4k"), table.mounts().get(1).superOptions());
        assertEquals(Optional.empty(), table.covering(Path.of("/elsewhere")));
    }

    @Test
    void linesThatAreNoneAreLeftOut() {
        assertEquals(
                List.of(),
                MountTable.parse("\n-\n1 2 3\n22 27 0:21 / /x rw no dash here\n22 27 0:21 / /y rw -\n")
                        .mounts());
        assertEquals(
                "/x\\09",
                MountTable.parse("1 1 0:1 / /x\\09 rw - t s rw")
                        .mounts()
                        .getFirst()
                        .point());
    }

    @Test
    void theKernelsIsReadable() throws IOException {
        assertTrue(MountTable.isMounted(Path.of("/proc")));
    }
}
