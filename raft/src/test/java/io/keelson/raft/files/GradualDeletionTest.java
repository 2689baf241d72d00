package io.keelson.raft.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GradualDeletionTest {
    private static final int FILE_BYTES = 64 << 10;

    @TempDir
    Path directory;

    private Path tree(int files) throws IOException {
        Path tree = directory.resolve("tree");
        Files.createDirectories(tree.resolve("below"));
        for (int i = 0; i < files; i++) {
            Files.write(tree.resolve("below").resolve("file-" + i), new byte[FILE_BYTES]);
        }
        return tree;
    }

    private static int filesIn(Path tree) {
        String @Nullable [] names = tree.resolve("below").toFile().list();
        return names == null ? 0 : names.length;
    }

    @Test
    void takesItsTime() throws IOException {
        Path tree = tree(8);
        long begin = System.nanoTime();
        try (GradualDeletion deletion = new GradualDeletion("deletion", 8 * FILE_BYTES)) {
            deletion.delete(tree);
            Await.until("the tree is gone", () -> Files.notExists(tree));
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        assertTrue(millis >= 900, () -> "gone after " + millis + " ms");
    }

    @Test
    void countsOnlyWhatBecomesFree() throws IOException {
        Path tree = tree(3);
        Path kept = Files.createDirectories(directory.resolve("kept"));
        for (int i = 0; i < 3; i++) {
            Files.createLink(kept.resolve("file-" + i), tree.resolve("below").resolve("file-" + i));
        }
        try (GradualDeletion deletion = new GradualDeletion("deletion", 1)) {
            deletion.delete(tree);
            Await.until("the tree is gone", () -> Files.notExists(tree));
        }
        assertEquals(FILE_BYTES, Files.size(kept.resolve("file-2")));
    }

    @Test
    void leavesTheRestWhenItIsClosed() throws IOException {
        Path tree = tree(4);
        GradualDeletion deletion = new GradualDeletion("deletion", 1);
        deletion.delete(tree);
        Await.until("one file is gone", () -> filesIn(tree) < 4);
        deletion.close();
        assertEquals(3, filesIn(tree));
        deletion.delete(tree);
        assertEquals(3, filesIn(tree));
    }

    @Test
    void removesSingleFilesAndIsContentWithNothing() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[1]);
        try (GradualDeletion deletion = new GradualDeletion("deletion")) {
            deletion.delete(directory.resolve("missing"));
            deletion.delete(file);
            Await.until("the file is gone", () -> Files.notExists(file));
        }
    }
}
