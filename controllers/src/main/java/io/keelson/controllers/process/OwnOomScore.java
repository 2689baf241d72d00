package io.keelson.controllers.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How likely the kernel kills this process when the machine is out of memory: {@code oom_score_adj}. */
public final class OwnOomScore {
    private static final Logger LOG = LoggerFactory.getLogger(OwnOomScore.class);
    private static final Path FILE = Path.of("/proc/self/oom_score_adj");

    private OwnOomScore() {}

    /**
     * Asks the kernel for a value. One that is lower than it was needs a right that the process may not have: it stays then,
     * which the log tells.
     *
     * @param score from -1000, never, to 1000, first of all
     */
    public static void set(int score) {
        set(FILE, score);
    }

    static void set(Path file, int score) {
        try {
            Files.writeString(file, Integer.toString(score));
        } catch (IOException e) {
            LOG.info("{} stays as it is: {}", file, e.getMessage());
        }
    }
}
