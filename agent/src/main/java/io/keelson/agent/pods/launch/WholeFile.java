package io.keelson.agent.pods.launch;

import io.keelson.agent.pods.PodFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Files that are there as a whole or not at all, whenever the agent dies. When the machine does they may be lost: what
 * they tell of is gone then, too.
 */
public final class WholeFile {
    private WholeFile() {}

    /** Writes a file, and makes its folder if that is not there, of which others see nothing. */
    public static void write(Path file, byte[] content) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("no name of a file: " + file);
        }
        PodFolders.make(folder);
        Path next = folder.resolve("." + file.getFileName() + ".next");
        Files.write(next, content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
