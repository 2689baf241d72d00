package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FileSetTest {
    private static final FileContent EMPTY = new FileContent(new byte[0], 0644);

    private static String refused(String path) {
        return assertThrows(VolumeException.class, () -> FileSet.of(Map.of(path, EMPTY)), path)
                .message();
    }

    @Test
    void hostilePathsAreRefusedWithAReason() {
        assertEquals("invalid path: must not be empty: \"\"", refused(""));
        assertEquals("invalid path: must be relative path: /etc/passwd", refused("/etc/passwd"));
        assertEquals("invalid path: must not contain '..': a/../../b", refused("a/../../b"));
        assertEquals("invalid path: must not contain '..': ..", refused(".."));
        assertEquals("invalid path: must not start with '..': ..data", refused("..data"));
        assertEquals("invalid path: must not start with '..': ./..data/x", refused("./..data/x"));
        assertEquals("invalid path: must not start with '..': ..data_tmp", refused("..data_tmp"));
        assertEquals("invalid path: filenames must be less than or equal to 255 characters", refused("x".repeat(256)));
        assertEquals("invalid path: must be less than or equal to 4096 characters", refused("a/".repeat(2100)));
        for (String path : List.of(".", "./", "a\0b")) {
            refused(path);
        }
    }

    @Test
    void pathsAreCleaned() throws VolumeException {
        assertEquals(
                Set.of("a/b", "c", "d/..e"),
                FileSet.of(Map.of("./a//b", EMPTY, "c", EMPTY, "d/./..e", EMPTY))
                        .files()
                        .keySet());
    }

    @Test
    void aFileCannotBeAFolderToo() {
        String message = assertThrows(
                        VolumeException.class, () -> FileSet.of(Map.of("a", EMPTY, "a/b", EMPTY, "a-", EMPTY)))
                .message();
        assertTrue(message.contains("\"a\" is to be a file, and a folder with \"a/b\" in it"), message);
    }

    @Test
    void aSetHasABound() {
        FileContent large = new FileContent(new byte[(32 << 20) + 1], 0644);
        assertThrows(VolumeException.class, () -> FileSet.of(Map.of("a", large, "b", large)));
    }
}
