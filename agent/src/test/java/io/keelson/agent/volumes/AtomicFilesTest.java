package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {
    private static final Instant NOW = Instant.parse("2026-02-01T15:04:05Z");

    @TempDir
    private Path folder;

    private static FileSet set(String... pathsAndTexts) throws VolumeException {
        Map<String, FileContent> files = new HashMap<>();
        for (int i = 0; i < pathsAndTexts.length; i += 2) {
            files.put(pathsAndTexts[i], new FileContent(pathsAndTexts[i + 1].getBytes(StandardCharsets.UTF_8), 0640));
        }
        return FileSet.of(files);
    }

    private boolean write(FileSet set) throws IOException {
        return AtomicFiles.write(folder, set, Ownership.NONE, NOW);
    }

    private Set<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(path -> path.getFileName().toString())
                    .map(name -> name.replaceAll("\\.[0-9]+$", ".*"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void aFolderLooksAsTheKubeletMakesIt() throws IOException, VolumeException {
        assertTrue(write(set("pod", "p", "user/labels", "l", "user/deep/x", "d")));
        assertEquals(Set.of("..2026_02_01_15_04_05.*", "..data", "pod", "user"), names());
        assertEquals(Path.of("..data/pod"), Files.readSymbolicLink(folder.resolve("pod")));
        assertEquals(Path.of("..data/user"), Files.readSymbolicLink(folder.resolve("user")));
        assertEquals("d", Files.readString(folder.resolve("user/deep/x")));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("pod"))));
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("user"))));
    }

    @Test
    void nothingIsWrittenThatIsThere() throws IOException, VolumeException {
        write(set("a", "1", "b/c", "2"));
        Path before = Files.readSymbolicLink(folder.resolve("..data"));
        assertFalse(write(set("a", "1", "b/c", "2")));
        assertEquals(before, Files.readSymbolicLink(folder.resolve("..data")));
    }

    @Test
    void whatIsGoneFromTheSetIsGoneFromTheFolder() throws IOException, VolumeException {
        write(set("a", "1", "b/c", "2", "b/d", "3"));
        assertTrue(write(set("b/c", "2", "e", "4")));
        assertEquals(Set.of("..2026_02_01_15_04_05.*", "..data", "b", "e"), names());
        assertFalse(Files.exists(folder.resolve("b/d")));
        assertTrue(write(set()));
        assertEquals(Set.of("..2026_02_01_15_04_05.*", "..data"), names());
    }

    @Test
    void whatACrashLeftIsRemoved() throws IOException, VolumeException {
        write(set("a", "1"));
        Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2026_01_01_00_00_00.1"));
        Files.createDirectories(folder.resolve("..2026_01_01_00_00_00.1/half"));
        Files.createSymbolicLink(folder.resolve("never-shown"), Path.of("..data/never-shown"));
        Files.delete(folder.resolve("a"));
        assertFalse(write(set("a", "1")), "the content is what it should be");
        assertEquals(Set.of("..2026_02_01_15_04_05.*", "..data", "a"), names());
        assertEquals("1", Files.readString(folder.resolve("a")));
    }

    @Test
    void aLinkThatLeadsAwayIsNotFollowed() throws IOException, VolumeException {
        Path elsewhere = Files.createTempDirectory("elsewhere");
        Path kept = Files.writeString(elsewhere.resolve("kept"), "kept");
        Files.createSymbolicLink(folder.resolve("..data"), elsewhere);
        write(set("a", "1"));
        assertEquals("kept", Files.readString(kept));
        assertEquals("1", Files.readString(folder.resolve("a")));
        TreeRemoval.remove(elsewhere);
    }

    @Test
    void aReaderNeverSeesAMixOfTwoSets() throws Exception {
        write(set("first", "0", "second", "0"));
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger seen = new AtomicInteger();
        AtomicInteger mixed = new AtomicInteger();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                try {
                    Path data = folder.resolve(Files.readSymbolicLink(folder.resolve("..data")));
                    String first = Files.readString(data.resolve("first"));
                    if (first.equals(Files.readString(data.resolve("second")))) {
                        seen.incrementAndGet();
                    } else {
                        mixed.incrementAndGet();
                    }
                } catch (NoSuchFileException e) {
                    // It was replaced between two reads, which a reader notices.
                } catch (IOException e) {
                    mixed.incrementAndGet();
                }
            }
        });
        for (int version = 1; version <= 300; version++) {
            String text = Integer.toString(version).repeat(1 + version % 7);
            write(set("first", text, "second", text));
        }
        ended.set(true);
        reader.join();
        assertEquals(0, mixed.get());
        assertTrue(seen.get() > 0, "it has seen something");
    }
}
