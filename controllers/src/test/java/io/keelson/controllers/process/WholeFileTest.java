package io.keelson.controllers.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WholeFileTest {
    @TempDir
    private Path folder;

    private static void write(boolean isDurable, Path file, String content) throws IOException {
        if (isDurable) {
            WholeFile.writeDurably(file, content);
        } else {
            WholeFile.write(file, content);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileIsReplacedAndOnlyItsOwnerMayReadIt(boolean isDurable) throws IOException {
        Path file = folder.resolve("made/on/the/way/file");
        write(isDurable, file, "one");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        write(isDurable, file, "Zwölf");
        assertEquals("Zwölf", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertFalse(Files.exists(WholeFile.unfinished(file)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatACrashLeftUnfinishedIsInNobodysWay(boolean isDurable) throws IOException {
        Path file = folder.resolve("file");
        Files.writeString(WholeFile.unfinished(file), "much more than is written now, of a process that has died");
        write(isDurable, file, "new");
        assertEquals("new", Files.readString(file));
        assertFalse(Files.exists(WholeFile.unfinished(file)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoeverHasTheOldFileOpenReadsTheOldContent(boolean isDurable) throws IOException {
        Path file = folder.resolve("file");
        write(isDurable, file, "old");
        try (Reader reader = Files.newBufferedReader(file)) {
            write(isDurable, file, "new");
            char[] read = new char[3];
            assertEquals(3, reader.read(read));
            assertArrayEquals(new char[] {'o', 'l', 'd'}, read);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoIsInterruptedWritesAllTheSame(boolean isDurable) throws IOException {
        Path file = folder.resolve("file");
        Thread.currentThread().interrupt();
        write(isDurable, file, "new");
        assertTrue(Thread.interrupted());
        assertEquals("new", Files.readString(file));
    }

    @Test
    void aFileThatCannotBeReplacedStaysAsItWas() throws IOException {
        Path file = folder.resolve("file");
        Path below = Files.createDirectories(file.resolve("below"));
        assertThrows(IOException.class, () -> WholeFile.write(file, "new"));
        assertTrue(Files.isDirectory(below));
    }

    @Test
    void anotherNameCanBeWrittenUnder() throws IOException {
        Path next = Files.createDirectory(folder.resolve("elsewhere")).resolve("next");
        Path file = folder.resolve("file");
        WholeFile.writeDurably(file, next, new byte[] {1, 2});
        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(file));
        assertFalse(Files.exists(next));
    }

    @Test
    void namesAndValuesAreReadAsTheyWereWritten() throws IOException {
        Properties written = new Properties();
        written.setProperty("a name", "ä = b\n");
        Path file = folder.resolve("file");
        WholeFile.write(file, written);
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            read.load(reader);
        }
        assertEquals(written, read);
    }

    @Test
    void aLinkLeadsElsewhere() throws IOException {
        Path link = folder.resolve("current");
        Path next = folder.resolve("next");
        WholeFile.linkDurably(link, next, "one");
        WholeFile.linkDurably(link, next, "other");
        assertEquals(Path.of("other"), Files.readSymbolicLink(link));
        assertFalse(Files.exists(next));
    }
}
