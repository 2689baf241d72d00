package io.keelson.agent.resources.placement;

import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A file that says who has what; there as a whole or not at all, also when the machine dies. */
record CheckpointFile(Path path) {
    private static final long BYTES_MAX = 64 << 20;

    /** What it says; empty if it is not there. */
    Optional<String> read() throws IOException {
        try {
            if (Files.size(path) > BYTES_MAX) {
                throw new IOException(path + " is larger than " + BYTES_MAX + " bytes");
            }
            return Optional.of(Files.readString(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    void write(String text) throws IOException {
        WholeFile.writeDurably(path, text);
    }
}
