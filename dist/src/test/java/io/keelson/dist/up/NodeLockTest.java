package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeLockTest {
    @TempDir
    private Path folder;

    @Test
    void aNetworkHasOneNode() throws IOException {
        try (NodeLock _ = NodeLock.take(folder, "1", Path.of("/data/first"))) {
            IOException refusal =
                    assertThrows(IOException.class, () -> NodeLock.take(folder, "1", Path.of("/data/second")));
            String said = String.valueOf(refusal.getMessage());
            assertTrue(said.contains("/data/first is on this machine's network"), said);
            assertTrue(said.contains("down --data /data/first"), said);
            assertTrue(said.contains("ip netns add NAME"), said);
            NodeLock.take(folder, "2", Path.of("/data/second")).close();
        }
        NodeLock.take(folder, "1", Path.of("/data/second")).close();
    }

    @Test
    void whatAClusterHasLeftIsRemovedAndWhatAnotherHasIsNot() throws IOException {
        Path first = Path.of("/data/first");
        Path second = Path.of("/data/second");
        NodeLock.take(folder, "1", first).close();
        NodeLock.take(folder, "2", second).close();
        Path left = folder.resolve("net-1.lock");
        assertEquals(List.of(left), NodeLock.left(folder, first));
        // Another one has taken it since.
        NodeLock.take(folder, "1", second).close();
        NodeLock.remove(left, first);
        assertTrue(Files.exists(left));
        NodeLock.remove(left, second);
        assertFalse(Files.exists(left));
        NodeLock.remove(left, second);
        assertEquals(List.of(), NodeLock.left(folder, first));
        assertEquals(List.of(folder.resolve("net-2.lock")), NodeLock.left(folder, second));
        try (NodeLock _ = NodeLock.take(folder, "1", first)) {
            assertTrue(Files.exists(left));
        }
    }

    @Test
    void aFileThatIsRemovedWhileItIsTakenIsMadeAgain() throws IOException {
        Path file = folder.toRealPath().resolve("net-1.lock");
        try (FileChannel before = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Files.delete(file);
            assertTrue(before.isOpen());
            assertTrue(NodeLock.isRemoved(file));
        }
        assertFalse(NodeLock.isRemoved(file));
        NodeLock.take(folder, "1", Path.of("/data/first")).close();
        assertTrue(Files.exists(file));
    }
}
