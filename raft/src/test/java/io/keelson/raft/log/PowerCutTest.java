package io.keelson.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process writes, the power goes, and what the process was told to be durable is there. The same log goes through
 * all rounds: {@code -Dlog.powercut.rounds=N} (20), {@code -Dlog.powercut.seed=N}.
 */
@Tag("long")
class PowerCutTest {
    @TempDir
    Path directory;

    /** What the log must hold: the term of every entry. */
    private static final class Expected {
        private final TreeMap<Long, Long> terms = new TreeMap<>();
        private long first = 1;
        private long next = 1;
        private long acknowledged;

        Expected copy() {
            Expected copy = new Expected();
            copy.terms.putAll(terms);
            copy.first = first;
            copy.next = next;
            return copy;
        }

        long term(long index) {
            return terms.getOrDefault(index, -1L);
        }

        /** @param entries how many entries of an append are carried out */
        void carryOut(String[] step, int entries) {
            long index = Long.parseLong(step[1]);
            switch (step[0]) {
                case "append" -> {
                    for (int i = 0; i < entries; i++) {
                        terms.put(index + i, Long.parseLong(step[3]));
                    }
                    next = index + entries;
                }
                case "suffix" -> {
                    terms.tailMap(index, false).clear();
                    next = index + 1;
                }
                case "prefix" -> {
                    terms.headMap(index).clear();
                    first = index;
                }
                case "reset" -> {
                    terms.clear();
                    first = index;
                    next = index;
                }
                default -> fail("the writer said " + String.join(" ", step));
            }
        }
    }

    @Test
    void whatWasAcknowledgedSurvives() throws Exception {
        PowerCutDisk.assumePossible();
        int rounds = Integer.getInteger("log.powercut.rounds", 20);
        long seed = Long.getLong("log.powercut.seed", System.nanoTime());
        Random random = new Random(seed);
        Expected expected = new Expected();
        long acknowledged = 0;
        try (PowerCutDisk disk = PowerCutDisk.create(directory, 256)) {
            for (int round = 0; round < rounds; round++) {
                List<String> said = writeUntilPowerGoes(disk, random, 1 + round * 1_000_000L, true);
                String[] open = follow(said, expected);
                acknowledged += expected.acknowledged;
                expected.acknowledged = 0;
                expected = check(disk.path().resolve("log"), expected, open, "seed " + seed + ", round " + round);
            }
        }
        System.out.printf("%d power cuts, %d acknowledged steps%n", rounds, acknowledged);
        assertTrue(acknowledged > rounds, "too little was written: " + acknowledged);
    }

    @Test
    void aLogThatDoesNotSyncIsCaught() throws Exception {
        PowerCutDisk.assumePossible();
        try (PowerCutDisk disk = PowerCutDisk.create(directory, 256)) {
            List<String> said = writeUntilPowerGoes(disk, new Random(1), 1, false);
            Expected expected = new Expected();
            String[] open = follow(said, expected);
            assertThrows(
                    AssertionError.class, () -> check(disk.path().resolve("log"), expected, open, "without a sync"));
        }
    }

    @Test
    void whatAStartHasReportedSurvivesEvenIfTheProcessBeforeHadNotSyncedIt() throws Exception {
        PowerCutDisk.assumePossible();
        try (PowerCutDisk disk = PowerCutDisk.create(directory, 256)) {
            Path log = disk.path().resolve("log");
            SegmentLogStorage killed = LogFixture.open(log, false, PowerCutWriter.SEGMENT_BYTES);
            List<LogEntry> all = LogFixture.entries(1, 2000, 1, 400);
            LogFixture.append(killed, all);
            killed.shutdown();

            SegmentLogStorage started = LogFixture.open(log, true, PowerCutWriter.SEGMENT_BYTES);
            assertEquals(2000, started.getLastLogIndex());
            disk.cutPower();
            started.shutdown();
            disk.unmount();
            disk.mount();

            SegmentLogStorage again = LogFixture.open(log, true, PowerCutWriter.SEGMENT_BYTES);
            LogFixture.assertHolds(again, 1, all);
            again.shutdown();
        }
    }

    private static List<String> writeUntilPowerGoes(PowerCutDisk disk, Random random, long term, boolean fsync)
            throws Exception {
        return PowerCutProcess.run(
                        disk,
                        100 + random.nextInt(800),
                        random.nextInt(3_000_000),
                        PowerCutWriter.class,
                        disk.path().resolve("log").toString(),
                        String.valueOf(random.nextLong()),
                        String.valueOf(term),
                        String.valueOf(fsync))
                .lines();
    }

    /** Carries out what was acknowledged, and gives what was begun and not. */
    private static String[] follow(List<String> said, Expected expected) {
        String[] open = new String[0];
        for (String line : said) {
            String[] step = line.split(" ");
            switch (step[0]) {
                case "done" -> {
                    expected.carryOut(open, open[0].equals("append") ? Integer.parseInt(open[2]) : 0);
                    expected.acknowledged++;
                    open = new String[0];
                }
                case "refused" -> fail(line);
                case "failed" -> {}
                default -> open = step;
            }
        }
        return open;
    }

    private static Expected check(Path log, Expected expected, String[] open, String where) {
        ConfigurationManager manager = new ConfigurationManager();
        SegmentLogStorage storage =
                new SegmentLogStorage(log, true, PowerCutWriter.SEGMENT_BYTES, PowerCutWriter.SEGMENT_BYTES);
        assertTrue(storage.init(LogFixture.options(manager)), () -> where + ": " + storage.failure());
        try {
            long first = storage.getFirstLogIndex();
            long next = Math.max(first, storage.getLastLogIndex() + 1);
            Expected now = expected;
            if (open.length > 0 && (first != expected.first || next != expected.next)) {
                now = expected.copy();
                now.carryOut(open, open[0].equals("append") ? (int) (next - Long.parseLong(open[1])) : 0);
            }
            assertEquals(now.first, first, where);
            assertEquals(now.next, next, where);
            long newestConfiguration = 0;
            for (long index = first; index < next; index++) {
                LogEntry found = storage.getEntry(index);
                assertNotNull(found, where + ": entry " + index);
                assertEquals(PowerCutWriter.entry(index, now.term(index)), found, where);
                if (found.getPeers() != null) {
                    newestConfiguration = index;
                }
            }
            assertEquals(
                    newestConfiguration, manager.getLastConfiguration().getId().getIndex(), where);
            return now;
        } finally {
            storage.shutdown();
        }
    }
}
