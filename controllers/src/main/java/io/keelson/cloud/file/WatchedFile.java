package io.keelson.cloud.file;

import io.keelson.cloud.config.ConfigException;
import io.keelson.cloud.config.ConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file, read again each second. It is read and not watched, as a file that is put in place of another one, or a
 * link that is turned to another folder, as Kubernetes does with mounted ConfigMaps, tells nobody.
 */
final class WatchedFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);

    private final Path file;
    private final Duration period;
    private final Thread thread;
    private volatile Inventory inventory;
    /** What was read last, good or not; the thread's own once that runs. */
    private byte[] seen;

    private volatile String complaint = "";

    /**
     * Reads it.
     *
     * @throws ConfigException if it is not as it has to be
     */
    WatchedFile(Path file, Duration period) throws ConfigException {
        this.file = file;
        this.period = period;
        seen = ConfigFile.bytes(file);
        inventory = Inventory.parse(file.toString(), seen);
        thread = Thread.ofVirtual().name("file " + file).start(this::watch);
    }

    /** What stood in it the last time that it was as it has to be. */
    Inventory inventory() {
        return inventory;
    }

    /** What is wrong with what stands in it now; empty if nothing is. */
    String complaint() {
        return complaint;
    }

    Path file() {
        return file;
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(period);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            byte[] now = ConfigFile.bytes(file);
            if (!Arrays.equals(now, seen)) {
                seen = now;
                inventory = Inventory.parse(file.toString(), now);
                complaint = "";
                LOG.info("{} was read again", file);
            }
        } catch (ConfigException e) {
            // Once, and not each second.
            if (!complaint.equals(e.getMessage())) {
                complaint = String.valueOf(e.getMessage());
                LOG.error("what was known before holds on: {}", complaint);
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
