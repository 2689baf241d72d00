package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackgroundTest {
    @Test
    void onlyALongLogIsPutAside(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        Path before = folder.resolve("log.1");
        Background.makeRoom(log);
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(Background.LOG_BYTES_MAX);
        }
        Background.makeRoom(log);
        assertTrue(Files.exists(log));
        Files.writeString(before, "older");
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(Background.LOG_BYTES_MAX + 1);
        }
        Background.makeRoom(log);
        assertFalse(Files.exists(log));
        assertEquals(Background.LOG_BYTES_MAX + 1, Files.size(before));
    }
}
