package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.MountRemains;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
final class ClusterRemainsTest {
    private final Path parent;

    ClusterRemainsTest(@TempDir Path parent) {
        this.parent = parent;
    }

    @AfterEach
    void unmount() throws Exception {
        MountRemains.remove(parent);
    }

    @Test
    void theFolderGoesWhenNothingIsMountedThereAnyMore() throws Exception {
        Path folder = ClusterFolder.open(parent.resolve("cluster"));
        Path volume = Files.createDirectories(folder.resolve("node/kubelet/pods/uid/volumes/x"));
        Path kept = Files.createDirectories(parent.resolve("kept"));
        Files.writeString(kept.resolve("thesis"), "ten years");
        Libc.mount(kept.toString(), volume.toString(), "", Libc.MS_BIND, "");
        String said = String.valueOf(assertThrows(IOException.class, () -> ClusterFolder.wipe(folder))
                .getMessage());
        assertTrue(said.contains("something is mounted at " + volume), said);
        Files.createDirectories(NodePlace.run(folder));
        StringWriter out = new StringWriter();
        try (ClusterRemains remains = new ClusterRemains(folder)) {
            assertTrue(Remain.remove(remains.all(), new PrintWriter(out), new PrintWriter(out)), out::toString);
            assertEquals(List.of(), remains.all());
        }
        assertTrue(out.toString().startsWith("Removed: 1 mount in " + folder), out.toString());
        assertFalse(Files.exists(folder));
        assertFalse(Files.exists(NodePlace.run(folder)));
        assertEquals("ten years", Files.readString(kept.resolve("thesis")));
    }

    @Test
    void whatIsLeftOfAHalfRemovedOneGoes() throws Exception {
        Path folder = parent.resolve("cluster");
        Files.createDirectories(NodePlace.run(folder));
        StringWriter out = new StringWriter();
        try (ClusterRemains remains = new ClusterRemains(folder)) {
            assertTrue(Remain.remove(remains.all(), new PrintWriter(out), new PrintWriter(out)), out::toString);
            assertEquals(List.of(), remains.all());
        }
        assertEquals("Removed: folder " + NodePlace.run(folder) + "\n", out.toString());
    }
}
