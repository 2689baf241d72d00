package io.keelson.controllers.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostTest {
    @TempDir
    private Path folder;

    @Test
    void itIsWhatTheMachineSaysInSmallLetters() throws Exception {
        Process uname = new ProcessBuilder("uname", "-n").start();
        String said = new String(uname.getInputStream().readAllBytes(), Charset.defaultCharset()).strip();
        assertEquals(said.toLowerCase(Locale.ROOT), Host.name());
        assertEquals("node-1.example", Host.name(Files.writeString(folder.resolve("name"), "Node-1.Example\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "(none)\n"})
    void aMachineWithoutANameIsTold(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("name"), content);
        assertThrows(IOException.class, () -> Host.name(file));
    }
}
