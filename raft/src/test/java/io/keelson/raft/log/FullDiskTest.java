package io.keelson.raft.log;

import static io.keelson.raft.log.LogFixture.append;
import static io.keelson.raft.log.LogFixture.assertHolds;
import static io.keelson.raft.log.LogFixture.entries;
import static io.keelson.raft.log.LogFixture.open;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.alipay.sofa.jraft.entity.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk fills up under the log. */
@Tag("long")
class FullDiskTest {
    private static final int SEGMENT_BYTES = 64 << 10;

    @TempDir
    Path mountPoint;

    @Test
    void anAppendFailsAndWhatWasAcknowledgedStays() throws IOException {
        assumeTrue(PowerCutDisk.isRoot(), "mounting a small disk needs root");
        PowerCutDisk.run("mount", "-t", "tmpfs", "-o", "size=2m", "none", mountPoint.toString());
        try {
            Path directory = mountPoint.resolve("log");
            Path filler = Files.write(mountPoint.resolve("filler"), new byte[1 << 20]);
            SegmentLogStorage log = open(directory, true, SEGMENT_BYTES);
            List<LogEntry> all = new ArrayList<>();
            while (true) {
                List<LogEntry> some = entries(all.size() + 1, 5, 1, 700);
                int appended = log.appendEntries(some);
                if (appended == 0) {
                    break;
                }
                assertEquals(5, appended);
                all.addAll(some);
                assertTrue(all.size() < 10_000, "the disk never fills");
            }
            assertTrue(all.size() > 500, "too early: " + all.size());
            assertHolds(log, 1, all);
            assertEquals(0, log.appendEntries(entries(all.size() + 1, 5, 1, 700)), "still full");

            log.shutdown();
            SegmentLogStorage again = open(directory, true, SEGMENT_BYTES);
            assertHolds(again, 1, all);
            assertEquals(0, again.appendEntries(entries(all.size() + 1, 100, 1, 700)), "still full");
            assertHolds(again, 1, all);

            Files.delete(filler);
            append(again, entries(all.size() + 1, 100, 1, 700));
            all.addAll(entries(all.size() + 1, 100, 1, 700));
            assertHolds(again, 1, all);
            assertTrue(again.truncatePrefix(400));
            assertHolds(again, 400, all.subList(399, all.size()));
            again.shutdown();
        } finally {
            PowerCutDisk.run("umount", mountPoint.toString());
        }
    }
}
