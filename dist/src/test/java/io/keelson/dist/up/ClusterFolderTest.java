package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterFolderTest {
    private final Path parent;

    ClusterFolderTest(@TempDir Path parent) {
        this.parent = parent;
    }

    @Test
    void aNewFolderIsItsOwnersAlone() throws IOException {
        Path folder = ClusterFolder.open(parent.resolve("a/b"));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        assertEquals(folder, ClusterFolder.open(folder));
    }

    @Test
    void aFolderWithOtherThingsIsRefusedAndNeverWiped() throws IOException {
        Files.writeString(parent.resolve("thesis"), "ten years");
        assertTrue(String.valueOf(assertThrows(IOException.class, () -> ClusterFolder.open(parent))
                        .getMessage())
                .contains("is not empty, and no cluster's"));
        assertThrows(IOException.class, () -> ClusterFolder.wipe(parent));
        assertTrue(Files.exists(parent.resolve("thesis")));
    }

    @Test
    void wipingRemovesLinksAndNotWhatTheyLeadTo() throws IOException {
        Path folder = ClusterFolder.open(parent.resolve("cluster"));
        Path outside = Files.createDirectory(parent.resolve("outside"));
        Files.writeString(outside.resolve("thesis"), "ten years");
        Files.createDirectories(folder.resolve("store/deep"));
        Files.createSymbolicLink(folder.resolve("store/link"), outside);
        ClusterFolder.wipe(folder);
        assertFalse(Files.exists(folder));
        assertTrue(Files.exists(outside.resolve("thesis")));
    }
}
