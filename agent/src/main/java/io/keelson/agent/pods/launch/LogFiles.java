package io.keelson.agent.pods.launch;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log files of a container's runs, by which runs are counted that the runtime has forgotten. */
final class LogFiles {
    private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

    private LogFiles() {}

    /** How many runs left a log, as far as the highest number tells; 0 for none. */
    static int runs(Path folder) {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        int runs = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                runs = Math.max(runs, number(file.getFileName().toString()) + 1);
            }
        } catch (IOException e) {
            LOG.warn("runs before cannot be counted in {}: {}", folder, e.toString());
        }
        return runs;
    }

    /** The number of {@code 3.log} or {@code 3.log.20260101-000000}; -1 for another file. */
    private static int number(String name) {
        int end = name.indexOf(".log");
        if (end < 1 || end > 9) {
            return -1;
        }
        try {
            return Integer.parseInt(name, 0, end, 10);
        } catch (NumberFormatException e) {
            // Not a run's.
            return -1;
        }
    }
}
