package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HomeFolderTest {
    @Test
    void theEnvironmentSaysWhereItIs() {
        assertEquals(Path.of("/home/a"), HomeFolder.of(Map.of("HOME", "/home/a"), "/root"));
        assertEquals(Path.of("/root"), HomeFolder.of(Map.of("HOME", ""), "/root"));
        assertEquals(Path.of("/root"), HomeFolder.of(Map.of(), "/root"));
    }
}
