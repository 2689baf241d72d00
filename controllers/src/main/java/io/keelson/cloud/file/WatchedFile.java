package io.keelson.cloud.file;

import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.config.ConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file, read again each second. It is read and not watched, as a file that is put in place of another one, or a
 * link that is turned to another folder, as Kubernetes does with mounted ConfigMaps, tells nobody.
 *
 * <p>Half a file may be a whole one that lacks machines, so a version counts once it was read twice the same, a second
 * apart: one that is being written is another one then.
 */
final class WatchedFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    /** After how many versions one after the other people are told that none of them counts. */
    private static final int CHANGES_MAX = 30;

    private final Path file;
    private final Duration period;
    private final Thread thread;
    private volatile Inventory inventory;
    private volatile boolean sure;
    /** What was read last, good or not; this and the next two are the thread's own once that runs. */
    private byte[] seen;

    private boolean fresh = true;
    private int changes;

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

    /** Whether that is all that stood in it. Until it was read a second time it may have been only the beginning. */
    boolean isSure() {
        return sure;
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

    /** Reads it once more. */
    void look() {
        byte[] now;
        try {
            now = ConfigFile.bytes(file);
        } catch (ConfigException e) {
            fresh = true;
            complain(e);
            return;
        }
        if (!Arrays.equals(now, seen)) {
            seen = now;
            fresh = true;
            changes++;
            if (changes == CHANGES_MAX) {
                complain(new ConfigException(file + ": is another one each time that it is read, and none counts"));
            }
        } else if (fresh) {
            fresh = false;
            changes = 0;
            take(now);
        }
    }

    private void take(byte[] version) {
        try {
            Inventory next = Inventory.parse(file.toString(), version);
            complaint = "";
            inventory = next;
            sure = true;
            LOG.info("{} was read", file);
        } catch (ConfigException e) {
            complain(e);
        }
    }

    /** Once, and not each second. */
    private void complain(ConfigException problem) {
        if (!complaint.equals(problem.getMessage())) {
            complaint = String.valueOf(problem.getMessage());
            LOG.error("what was known before holds on: {}", complaint);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
