package io.keelson.raft.log;

import static io.keelson.raft.log.LogFixture.append;
import static io.keelson.raft.log.LogFixture.assertHolds;
import static io.keelson.raft.log.LogFixture.configuration;
import static io.keelson.raft.log.LogFixture.entries;
import static io.keelson.raft.log.LogFixture.entry;
import static io.keelson.raft.log.LogFixture.open;
import static io.keelson.raft.log.LogFixture.openSmall;
import static io.keelson.raft.log.LogFixture.options;
import static io.keelson.raft.log.LogFixture.required;
import static io.keelson.raft.log.LogFixture.segmentFiles;
import static io.keelson.raft.log.LogFixture.term;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentLogStorageTest {
    @TempDir
    Path directory;

    @Test
    void aNewLogIsEmptyAndBeginsAtOne() {
        SegmentLogStorage log = openSmall(directory);
        assertHolds(log, 1, List.of());
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1, List.of());
        again.shutdown();
    }

    @Test
    void entriesAreThereAfterTheyWereAppendedAndAfterAnotherStart() {
        SegmentLogStorage log = open(directory, true, LogFixture.SMALL_SEGMENT_BYTES);
        List<LogEntry> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            List<LogEntry> some = entries(all.size() + 1, 1 + i % 7, 1 + i / 10, i * 13 % 700);
            append(log, some);
            all.addAll(some);
        }
        assertHolds(log, 1, all);
        assertTrue(segmentFiles(directory).size() > 5, "many segments are in use");
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1, all);
        append(again, entries(all.size() + 1, 3, 99, 10));
        assertEquals(all.size() + 3, again.getLastLogIndex());
        again.shutdown();
    }

    @Test
    void everyPartOfAnEntryIsReadBack() {
        SegmentLogStorage log = openSmall(directory);
        LogEntry noop = new LogEntry(EntryType.ENTRY_TYPE_NO_OP);
        noop.setId(new LogId(1, 1));
        LogEntry full = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        full.setId(new LogId(2, 7));
        full.setPeers(List.of(new PeerId("10.0.0.1", 1, 2, 3), new PeerId("[::1]", 65535, 0, -1)));
        full.setOldPeers(List.of(new PeerId("ein-höchst-langer.name", 4)));
        full.setLearners(List.of(new PeerId("learner", 5)));
        full.setOldLearners(List.of(new PeerId("old", 6), new PeerId("older", 7)));
        full.setData(ByteBuffer.wrap(new byte[] {0, 0, 0}));
        full.setChecksum(full.checksum());
        LogEntry data = entry(3, 8, new byte[0]);
        LogEntry negative = entry(4, Long.MAX_VALUE, new byte[] {-1, 0});
        append(log, List.of(noop, full, data, negative));
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1, List.of(noop, full, data, negative));
        LogEntry read = required(again, 2);
        assertTrue(read.hasChecksum());
        assertFalse(read.isCorrupted());
        assertEquals(3, read.getPeers().get(0).getPriority());
        again.shutdown();
    }

    @Test
    void theBuffersOfAppendedEntriesAreLeftAsTheyWere() {
        SegmentLogStorage log = openSmall(directory);
        ByteBuffer direct = ByteBuffer.allocateDirect(100);
        direct.position(10).limit(20);
        direct.put(10, (byte) 42);
        LogEntry entry = entry(1, 1, new byte[0]);
        entry.setData(direct.asReadOnlyBuffer());
        assertTrue(log.appendEntry(entry));
        assertEquals(10, entry.getData().remaining());
        assertEquals(42, required(log, 1).getData().get(0));
        assertEquals(10, required(log, 1).getData().remaining());
        log.shutdown();
    }

    @Test
    void anEntryLargerThanASegmentGetsALargerOne() {
        SegmentLogStorage log = openSmall(directory);
        List<LogEntry> all = List.of(entry(1, 1, 10), entry(2, 1, 200_000), entry(3, 1, 10), entry(4, 1, 9_000_000));
        append(log, all);
        assertHolds(log, 1, all);
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1, all);
        again.shutdown();
    }

    @Test
    void aGapOrARepetitionIsRefusedAndNothingIsAppended() {
        SegmentLogStorage log = openSmall(directory);
        append(log, entries(1, 3, 1, 10));
        assertEquals(0, log.appendEntries(entries(5, 1, 1, 10)));
        assertEquals(0, log.appendEntries(entries(3, 1, 1, 10)));
        assertEquals(0, log.appendEntries(List.of()));
        assertHolds(log, 1, entries(1, 3, 1, 10));
        append(log, entries(4, 1, 1, 10));
        log.shutdown();
    }

    @Test
    void theTermOfAnEntryIsKnownWithoutReadingItsData() {
        SegmentLogStorage log = openSmall(directory);
        append(log, List.of(entry(1, 3, 5000), entry(2, 4, 10)));
        assertEquals(3, term(log, 1));
        assertEquals(4, term(log, 2));
        assertEquals(0, term(log, 3));
        assertEquals(0, term(log, 0));
        log.shutdown();
    }

    @Test
    void theTermOfAnEntryThatTookThePlaceOfAnotherIsTheNewOne() {
        SegmentLogStorage log = openSmall(directory);
        append(log, entries(1, 10, 3, 10));
        assertEquals(3, term(log, 10));
        assertTrue(log.truncateSuffix(7));
        assertEquals(0, term(log, 8));
        append(log, entries(8, 2, 5, 10));
        append(log, entries(10, 2, 5, 10));
        assertEquals(3, term(log, 7));
        assertEquals(5, term(log, 8));
        assertEquals(5, term(log, 11));
        assertTrue(log.truncatePrefix(9));
        assertEquals(0, term(log, 8));
        assertEquals(5, term(log, 9));
        assertTrue(log.reset(50));
        assertEquals(0, term(log, 11));
        append(log, entries(50, 1, 6, 10));
        assertEquals(6, term(log, 50));
        assertEquals(0, term(log, 49));
        log.shutdown();
    }

    @Test
    void theFirstIndexMovesOnAndFilesWithoutEntriesGo() throws Exception {
        SegmentLogStorage log = openSmall(directory);
        List<LogEntry> all = entries(1, 400, 1, 500);
        for (LogEntry entry : all) {
            assertTrue(log.appendEntry(entry));
        }
        int before = segmentFiles(directory).size();
        assertTrue(log.truncatePrefix(300));
        assertHolds(log, 300, all.subList(299, 400));
        assertTrue(log.truncatePrefix(100), "backwards changes nothing");
        assertEquals(300, log.getFirstLogIndex());
        awaitFewerFiles(before - 5);
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 300, all.subList(299, 400));
        again.shutdown();
    }

    private void awaitFewerFiles(int count) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (segmentFiles(directory).size() > count) {
            assertTrue(System.nanoTime() < deadline, () -> "still there: " + segmentFiles(directory));
            Thread.sleep(5);
        }
    }

    @Test
    void droppingEverythingLeavesAnEmptyLogThatGoesOnWhereItShould() {
        SegmentLogStorage log = openSmall(directory);
        append(log, entries(1, 10, 1, 500));
        assertTrue(log.truncatePrefix(1000));
        assertHolds(log, 1000, List.of());
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1000, List.of());
        append(again, entries(1000, 2, 2, 10));
        assertHolds(again, 1000, entries(1000, 2, 2, 10));
        again.shutdown();
        assertTrue(segmentFiles(directory).size() <= 2, "one in use and perhaps one made ahead");
    }

    @Test
    void resetLeavesAnEmptyLogAndNoEntryOfTheOldOne() {
        SegmentLogStorage log = openSmall(directory);
        append(log, entries(1, 10, 1, 500));
        assertTrue(log.reset(5));
        assertHolds(log, 5, List.of());
        append(log, entries(5, 1, 9, 10));
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 5, entries(5, 1, 9, 10));
        assertThrows(IllegalArgumentException.class, () -> again.reset(0));
        again.shutdown();
    }

    @Test
    void entriesTakenBackDoNotReturnEvenIfNewOnesEndWhereOldOnesBegin() {
        SegmentLogStorage log = openSmall(directory);
        append(log, entries(1, 5, 1, 100));
        assertTrue(log.truncateSuffix(3));
        append(log, entries(4, 1, 2, 100));
        List<LogEntry> expected = new ArrayList<>(entries(1, 3, 1, 100));
        expected.addAll(entries(4, 1, 2, 100));
        assertHolds(log, 1, expected);
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1, expected);
        assertTrue(again.truncateSuffix(10), "beyond the end changes nothing");
        assertTrue(again.truncateSuffix(0));
        assertHolds(again, 1, List.of());
        assertFalse(again.truncateSuffix(-1));
        again.shutdown();
    }

    @Test
    void aSuffixOfManySegmentsIsTakenBack() {
        SegmentLogStorage log = openSmall(directory);
        List<LogEntry> all = entries(1, 200, 1, 700);
        for (LogEntry entry : all) {
            assertTrue(log.appendEntry(entry));
        }
        assertTrue(log.truncateSuffix(31));
        assertHolds(log, 1, all.subList(0, 31));
        append(log, entries(32, 100, 2, 700));
        assertTrue(log.truncateSuffix(20));
        assertHolds(log, 1, all.subList(0, 20));
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1, all.subList(0, 20));
        again.shutdown();
    }

    @Test
    void configurationEntriesAreHandedToTheManagerAtAStart() {
        SegmentLogStorage log = openSmall(directory);
        List<LogEntry> all = new ArrayList<>();
        for (int i = 1; i <= 120; i++) {
            all.add(i % 10 == 3 ? configuration(i, 1, 3) : entry(i, 1, 400));
        }
        append(log, all);
        assertTrue(log.truncatePrefix(20));
        assertTrue(log.truncateSuffix(104));
        assertTrue(log.appendEntry(configuration(105, 2, 4)));
        log.shutdown();

        ConfigurationManager manager = new ConfigurationManager();
        SegmentLogStorage again =
                new SegmentLogStorage(directory, false, LogFixture.SMALL_SEGMENT_BYTES, LogFixture.SMALL_SEGMENT_BYTES);
        assertTrue(again.init(options(manager)));
        assertEquals(105, manager.getLastConfiguration().getId().getIndex());
        assertEquals(4, manager.getLastConfiguration().getConf().size());
        assertEquals(103, manager.get(104).getId().getIndex());
        assertEquals(23, manager.get(32).getId().getIndex());
        assertEquals(0, manager.get(22).getId().getIndex(), "13 is before the first index");
        assertEquals(
                List.of(
                        new PeerId("member-93", 7000, 0),
                        new PeerId("member-93", 7001, 1),
                        new PeerId("member-93", 7002, 2)),
                manager.get(99).getConf().listPeers());
        again.shutdown();
    }

    @Test
    void twoCannotHoldTheSameDirectory() {
        SegmentLogStorage log = openSmall(directory);
        SegmentLogStorage second = new SegmentLogStorage(directory, false);
        assertFalse(second.init(options(new ConfigurationManager())));
        assertTrue(
                second.failure().orElseThrow().contains("already open"),
                second.failure().toString());
        append(log, entries(1, 1, 1, 1));
        log.shutdown();
    }

    @Test
    void aClosedLogRefusesToWork() {
        SegmentLogStorage log = openSmall(directory);
        log.shutdown();
        log.shutdown();
        assertEquals(0, log.appendEntries(entries(1, 1, 1, 1)));
        assertThrows(IllegalStateException.class, () -> log.getEntry(1));
        assertThrows(IllegalStateException.class, log::getLastLogIndex);
    }

    @Test
    void filesOfOtherNamesAreLeftAlone() throws Exception {
        Path other = Files.writeString(directory.resolve("notes.txt"), "mine");
        SegmentLogStorage log = openSmall(directory);
        append(log, entries(1, 100, 1, 500));
        log.reset(1);
        log.shutdown();
        assertEquals("mine", Files.readString(other));
    }

    @Test
    void anInterruptedReaderDisturbsNobody() {
        SegmentLogStorage log = openSmall(directory);
        List<LogEntry> all = entries(1, 100, 1, 500);
        append(log, all);
        Thread.currentThread().interrupt();
        assertEquals(all.get(2), required(log, 3));
        assertTrue(Thread.interrupted(), "the interrupt is still there");
        Thread.currentThread().interrupt();
        append(log, entries(101, 1, 1, 10));
        assertTrue(Thread.interrupted());
        assertEquals(101, log.getLastLogIndex());
        log.shutdown();
    }

    @Test
    void readersSeeOnlyWholeEntriesWhileTheLogIsAppendedToAndCut() throws Exception {
        SegmentLogStorage log = openSmall(directory);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<@Nullable Throwable> problem = new AtomicReference<>();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(Thread.ofPlatform().start(() -> {
                try {
                    while (!stop.get()) {
                        readAll(log);
                    }
                } catch (Throwable t) {
                    problem.set(t);
                }
            }));
        }
        long next = 1;
        for (int round = 0; round < 60; round++) {
            append(log, entries(next, 40, 1, 300));
            next += 40;
            switch (round % 5) {
                case 1 -> {
                    next -= 25;
                    assertTrue(log.truncateSuffix(next - 1));
                }
                case 3 -> assertTrue(log.truncatePrefix(Math.max(log.getFirstLogIndex(), next - 60)));
                case 4 -> {
                    next += round;
                    assertTrue(log.reset(next));
                }
                default -> {}
            }
        }
        stop.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertNull(problem.get());
        assertTrue(log.failure().isEmpty());
        log.shutdown();
    }

    private static void readAll(SegmentLogStorage log) {
        long last = log.getLastLogIndex();
        for (long index = log.getFirstLogIndex(); index <= last; index++) {
            LogEntry read = log.getEntry(index);
            if (read != null) {
                assertEquals(entry(index, 1, 300), read);
            }
        }
    }
}
