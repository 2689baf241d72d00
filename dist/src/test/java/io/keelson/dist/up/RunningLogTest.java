package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningLogTest {
    @TempDir
    private Path folder;

    @Test
    void aLongLogIsPutAsideAndGoesOnAtItsBeginning() throws Exception {
        Path file = folder.resolve("keelson.log");
        RunningLog.shorten(file, 10);
        try (OutputStream writer = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            writer.write("0123456789".getBytes(StandardCharsets.UTF_8));
            RunningLog.shorten(file, 10);
            assertEquals("0123456789", Files.readString(file), "it is not too long");
            assertFalse(Files.exists(folder.resolve("keelson.log.1")));
            writer.write('a');
            RunningLog.shorten(file, 10);
            writer.write('b');
            assertEquals("b", Files.readString(file));
            assertEquals("0123456789a", Files.readString(folder.resolve("keelson.log.1")));
            writer.write("another long line".getBytes(StandardCharsets.UTF_8));
            RunningLog.shorten(file, 10);
            assertEquals("", Files.readString(file));
            assertEquals("banother long line", Files.readString(folder.resolve("keelson.log.1")));
        }
    }

    @Test
    void aLogThatCannotBeKeptIsEmptiedAllTheSame() throws Exception {
        Path file = folder.resolve("keelson.log");
        Files.writeString(file, "long");
        Files.createDirectories(folder.resolve("keelson.log.1/full"));
        assertThrows(IOException.class, () -> RunningLog.shorten(file, 1), "what is in the way of its copy stays");
        assertEquals("", Files.readString(file));
    }
}
