package io.keelson.raft.log;

import static io.keelson.raft.log.LogFixture.append;
import static io.keelson.raft.log.LogFixture.assertHolds;
import static io.keelson.raft.log.LogFixture.entries;
import static io.keelson.raft.log.LogFixture.options;
import static io.keelson.raft.log.LogFixture.segmentFiles;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sync fails: what the disk holds of the write is not known, and a second sync that succeeds would say nothing of it. */
class FailedSyncTest {
    @TempDir
    Path root;

    /** On demand takes the file away between a write and its sync, and has the sync open it again: an interrupt does that. */
    private static final class FileTaker implements WriteObserver {
        private final Path directory;
        private final Path aside;
        private boolean armed;

        FileTaker(Path directory, Path aside) {
            this.directory = directory;
            this.aside = aside;
        }

        @Override
        public void written(int bytes, long nanos) {
            if (armed) {
                armed = false;
                move(segmentFiles(directory).getFirst(), aside);
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void synced(long nanos) {}

        void giveBack() {
            move(aside, directory.resolve("0000000000000001.log"));
        }

        private static void move(Path from, Path to) {
            try {
                Files.move(from, to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void nothingIsAcknowledgedAfterwardsUntilAStartHasLookedAtWhatIsThere() {
        Path directory = root.resolve("log");
        FileTaker taker = new FileTaker(directory, root.resolve("aside"));
        SegmentLogStorage log = new SegmentLogStorage(directory, true, taker);
        assertTrue(log.init(options(new ConfigurationManager())), () -> String.valueOf(log.failure()));
        List<LogEntry> all = entries(1, 10, 1, 300);
        append(log, all.subList(0, 5));

        taker.armed = true;
        assertEquals(0, log.appendEntries(all.subList(5, 10)));
        assertTrue(Thread.interrupted());
        String failure = log.failure().orElse("");
        assertTrue(failure.startsWith("Could not append to the log in " + directory + ": "), failure);

        // The disk works again, and is not believed.
        taker.giveBack();
        assertHolds(log, 1, all.subList(0, 5));
        assertEquals(0, log.appendEntries(all.subList(5, 10)));
        assertFalse(log.truncateSuffix(2));
        assertFalse(log.truncatePrefix(2));
        assertFalse(log.reset(20));
        log.shutdown();

        SegmentLogStorage again = new SegmentLogStorage(directory, true);
        assertTrue(again.init(options(new ConfigurationManager())), () -> String.valueOf(again.failure()));
        long last = again.getLastLogIndex();
        assertTrue(last == 5 || last == 10, "the log ends with entry " + last);
        assertHolds(again, 1, all.subList(0, (int) last));
        append(again, entries(last + 1, 3, 1, 300));
        again.shutdown();
    }
}
