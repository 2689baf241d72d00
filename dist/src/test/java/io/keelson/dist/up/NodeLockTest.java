package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
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
}
