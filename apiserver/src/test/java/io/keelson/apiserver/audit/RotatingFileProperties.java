package io.keelson.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever is written, in whatever pieces: all of it is there, once, in its order, and no file but for one line is too large. */
class RotatingFileProperties {
    @Property(tries = 60)
    void nothingIsLost(
            @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 40) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 100) int bytesMax)
            throws IOException {
        Path folder = Files.createTempDirectory("audit");
        try {
            AtomicLong seconds = new AtomicLong();
            StringBuilder written = new StringBuilder();
            try (RotatingFile file = RotatingFile.open(
                    folder.resolve("audit.log"),
                    new RotatingFile.Limits(bytesMax, 0, Duration.ZERO, false),
                    () -> Instant.ofEpochSecond(seconds.incrementAndGet()))) {
                for (int i = 0; i < lengths.size(); i++) {
                    String line = i + "x".repeat(lengths.get(i)) + "\n";
                    file.write(line.getBytes(StandardCharsets.UTF_8));
                    written.append(line);
                }
            }
            StringBuilder read = new StringBuilder();
            for (Path part : files(folder)) {
                String content = Files.readString(part);
                assertTrue(content.length() <= bytesMax || content.indexOf('\n') == content.length() - 1, content);
                read.append(content);
            }
            assertEquals(written.toString(), read.toString());
        } finally {
            for (Path part : files(folder)) {
                Files.delete(part);
            }
            Files.delete(folder);
        }
    }

    /** The oldest first: the one that is written to has no time in its name, and a dot comes after a dash. */
    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
