package io.keelson.dist;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project lies that these tests are of. */
final class ProjectFolder {
    private ProjectFolder() {}

    static Path top() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("scripts/keelson"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new AssertionError("this test runs inside the project");
        }
        return folder;
    }
}
