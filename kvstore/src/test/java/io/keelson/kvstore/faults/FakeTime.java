package io.keelson.kvstore.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where libfaketime is, which shifts the wall clock of a process. */
final class FakeTime {
    private FakeTime() {}

    static Path library() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
            return folders.map(folder -> folder.resolve("faketime/libfaketimeMT.so.1"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new IOException("libfaketime is not installed: apt-get install libfaketime"));
        }
    }

    /** Removes what a process that was killed shared with its children. */
    static void removeLeftovers(long pid) {
        for (String name : new String[] {"faketime_shm_", "sem.faketime_sem_"}) {
            try {
                Files.deleteIfExists(Path.of("/dev/shm", name + pid));
            } catch (IOException e) {
                System.err.println("left over: " + e.getMessage());
            }
        }
    }
}
