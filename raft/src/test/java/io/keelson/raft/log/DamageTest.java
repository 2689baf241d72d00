package io.keelson.raft.log;

import static io.keelson.raft.log.LogFixture.append;
import static io.keelson.raft.log.LogFixture.assertHolds;
import static io.keelson.raft.log.LogFixture.entries;
import static io.keelson.raft.log.LogFixture.entry;
import static io.keelson.raft.log.LogFixture.open;
import static io.keelson.raft.log.LogFixture.openSmall;
import static io.keelson.raft.log.LogFixture.options;
import static io.keelson.raft.log.LogFixture.segmentFiles;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.error.LogEntryCorruptedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not what was written: the log says so, or gives what was written; it never gives anything else. */
class DamageTest {
    @TempDir
    Path root;

    private enum Outcome {
        REFUSED,
        UNHARMED
    }

    /** A log of several files, synced after every three entries, as a crash or as a shutdown would leave it. */
    private Path madeLog(List<LogEntry> all, boolean shutDown) throws IOException {
        Path directory = root.resolve("made");
        LogFixture.delete(directory);
        SegmentLogStorage log = open(directory, true, LogFixture.SMALL_SEGMENT_BYTES);
        appendInThrees(log, all);
        Path image = root.resolve("image");
        LogFixture.delete(image);
        if (!shutDown) {
            LogFixture.copy(directory, image);
        }
        log.shutdown();
        if (shutDown) {
            LogFixture.copy(directory, image);
        }
        return image;
    }

    /** Several syncs make several files; what is appended at once lies in one, however large. */
    private static void appendInThrees(SegmentLogStorage log, List<LogEntry> all) {
        for (int at = 0; at < all.size(); at += 3) {
            append(log, all.subList(at, Math.min(at + 3, all.size())));
        }
    }

    /** Opens and reads everything. Fails if anything is missing or not what it was. */
    private static Outcome outcome(Path directory, List<LogEntry> all) {
        SegmentLogStorage log =
                new SegmentLogStorage(directory, false, LogFixture.SMALL_SEGMENT_BYTES, LogFixture.SMALL_SEGMENT_BYTES);
        if (!log.init(options(new ConfigurationManager()))) {
            assertTrue(log.failure().isPresent());
            return Outcome.REFUSED;
        }
        try {
            assertHolds(log, 1, all);
            return Outcome.UNHARMED;
        } catch (LogEntryCorruptedException expected) {
            assertTrue(log.failure().isPresent());
            assertEquals(0, log.appendEntries(entries(all.size() + 1, 1, 1, 1)), "nothing is appended after damage");
            return Outcome.REFUSED;
        } finally {
            log.shutdown();
        }
    }

    @Test
    void aFlippedBitIsFoundWhereverItIs() throws IOException {
        List<LogEntry> all = entries(1, 61, 1, 700);
        for (boolean shutDown : new boolean[] {true, false}) {
            Path image = madeLog(all, shutDown);
            Random random = new Random(7);
            int refused = 0;
            for (int round = 0; round < 120; round++) {
                Path directory = root.resolve("flipped");
                LogFixture.delete(directory);
                LogFixture.copy(image, directory);
                List<Path> files = segmentFiles(directory);
                Path file = files.get(random.nextInt(files.size()));
                byte[] bytes = Files.readAllBytes(file);
                int at = random.nextInt(bytes.length);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bytes);
                if (outcome(directory, all) == Outcome.REFUSED) {
                    refused++;
                }
            }
            assertTrue(refused > 60, "most bits of the files are part of the log; refused " + refused);
        }
    }

    @Test
    void everyByteOfTheLastEntryIsGuarded() throws IOException {
        List<LogEntry> all = entries(1, 5, 1, 90);
        Path image = madeLog(all, false);
        Path file = segmentFiles(image).getFirst();
        byte[] intact = Files.readAllBytes(file);
        int end = intact.length;
        while (intact[end - 1] == 0) {
            end--;
        }
        for (int at = end - (int) RecordFormat.totalBytes(90); at < end; at++) {
            Path directory = root.resolve("flipped");
            LogFixture.delete(directory);
            LogFixture.copy(image, directory);
            byte[] bytes = intact.clone();
            bytes[at] ^= 0x10;
            Files.write(segmentFiles(directory).getFirst(), bytes);
            assertEquals(Outcome.REFUSED, outcome(directory, all), "offset " + at);
        }
    }

    @Test
    void aLostSectorOfAnAcknowledgedWriteIsFound() throws IOException {
        List<LogEntry> all = entries(1, 61, 1, 700);
        Path image = madeLog(all, true);
        Random random = new Random(8);
        for (int round = 0; round < 80; round++) {
            Path directory = root.resolve("lost");
            LogFixture.delete(directory);
            LogFixture.copy(image, directory);
            List<Path> files = segmentFiles(directory);
            Path file = files.get(random.nextInt(files.size()));
            byte[] bytes = Files.readAllBytes(file);
            int sector = random.nextInt(Math.max(1, bytes.length / 512));
            boolean zero = true;
            for (int i = sector * 512; i < Math.min(bytes.length, sector * 512 + 512); i++) {
                zero &= bytes[i] == 0;
                bytes[i] = 0;
            }
            Files.write(file, bytes);
            Outcome outcome = outcome(directory, all);
            assertEquals(zero ? Outcome.UNHARMED : outcome, outcome);
        }
    }

    @Test
    void theErrorNamesFileOffsetAndEntry() throws IOException {
        List<LogEntry> all = entries(1, 9, 1, 100);
        Path image = madeLog(all, false);
        Path file = segmentFiles(image).getFirst();
        byte[] bytes = Files.readAllBytes(file);
        long record = RecordFormat.totalBytes(100);
        int offset = (int) (Segment.RECORDS_START + 4 * record);
        bytes[offset + 50] ^= 1;
        Files.write(file, bytes);
        SegmentLogStorage log = new SegmentLogStorage(image, false);
        assertFalse(log.init(options(new ConfigurationManager())));
        String failure = log.failure().orElseThrow();
        assertTrue(failure.contains(file.toString()), failure);
        assertTrue(failure.contains("offset " + offset + ", entry 5:"), failure);
    }

    @Test
    void aDamagedEntryOfAnOlderSegmentIsNeitherReadNorTakenForMissing() throws IOException {
        List<LogEntry> all = entries(1, 61, 1, 700);
        Path image = madeLog(all, true);
        Path file = segmentFiles(image).getFirst();
        byte[] bytes = Files.readAllBytes(file);
        bytes[Segment.RECORDS_START + 200] ^= 1;
        Files.write(file, bytes);
        SegmentLogStorage log = openSmall(image);
        assertEquals(all.get(60), log.getEntry(61));
        LogEntryCorruptedException refused = assertThrows(LogEntryCorruptedException.class, () -> log.getEntry(1));
        assertTrue(String.valueOf(refused.getMessage()).contains("offset 4096, entry 1:"), refused.getMessage());
        assertThrows(LogEntryCorruptedException.class, () -> log.getEntry(1));
        assertFalse(log.truncateSuffix(5));
        assertFalse(log.truncatePrefix(50));
        assertFalse(log.reset(1));
        log.shutdown();
    }

    @Test
    void aMissingOrForeignOrShortenedFileIsFound() throws IOException {
        List<LogEntry> all = entries(1, 61, 1, 700);
        Path image = madeLog(all, true);
        Path foreign = root.resolve("foreign");
        SegmentLogStorage other = open(foreign, true, LogFixture.SMALL_SEGMENT_BYTES);
        appendInThrees(other, all);
        other.shutdown();
        int files = Math.min(segmentFiles(image).size(), segmentFiles(foreign).size());
        for (int i = 0; i < files; i++) {
            int chosen = i;
            if (i < files - 1) {
                assertEquals(
                        Outcome.REFUSED,
                        outcomeAfter(
                                image, all, d -> Files.delete(segmentFiles(d).get(chosen))));
                assertEquals(
                        Outcome.REFUSED,
                        outcomeAfter(
                                image,
                                all,
                                d -> Files.copy(
                                        segmentFiles(foreign).get(chosen),
                                        replaced(segmentFiles(d).get(chosen)))));
                assertEquals(Outcome.REFUSED, outcomeAfter(image, all, d -> {
                    byte[] bytes = Files.readAllBytes(segmentFiles(d).get(chosen));
                    Files.write(segmentFiles(d).get(chosen), java.util.Arrays.copyOf(bytes, 4100));
                }));
            }
            int neighbour = (i + 1) % (files - 1);
            if (neighbour != i) {
                assertEquals(
                        Outcome.REFUSED,
                        outcomeAfter(
                                image,
                                all,
                                d -> Files.copy(
                                        segmentFiles(image).get(neighbour),
                                        replaced(segmentFiles(d).get(chosen)))));
            }
        }
    }

    private interface Sabotage {
        void on(Path directory) throws IOException;
    }

    private Outcome outcomeAfter(Path image, List<LogEntry> all, Sabotage sabotage) throws IOException {
        Path directory = root.resolve("sabotaged");
        LogFixture.delete(directory);
        LogFixture.copy(image, directory);
        sabotage.on(directory);
        return outcome(directory, all);
    }

    private static Path replaced(Path file) throws IOException {
        Files.delete(file);
        return file;
    }

    @Test
    void garbageUnderTheNameOfASegmentIsRefused() throws IOException {
        Random random = new Random(9);
        for (int round = 0; round < 200; round++) {
            Path directory = root.resolve("garbage");
            LogFixture.delete(directory);
            Files.createDirectories(directory);
            byte[] garbage = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(garbage);
            garbage[Math.min(garbage.length - 1, SegmentHeader.BYTES - 1)] |= 1;
            Files.write(directory.resolve("%016x.log".formatted(random.nextInt(5))), garbage);
            SegmentLogStorage log = new SegmentLogStorage(directory, false);
            if (log.init(options(new ConfigurationManager()))) {
                fail("garbage of " + garbage.length + " bytes was opened as a log up to " + log.getLastLogIndex());
            }
        }
    }

    @Test
    void aDirectoryUnderTheNameOfASegmentIsRefused() throws IOException {
        Files.createDirectories(root.resolve("odd").resolve("0000000000000001.log"));
        SegmentLogStorage log = new SegmentLogStorage(root.resolve("odd"), false);
        assertFalse(log.init(options(new ConfigurationManager())));
    }

    @Test
    void aLogInsideAnEntryIsNotTakenForTheLog() throws IOException {
        List<LogEntry> inner = entries(1, 5, 1, 300);
        Path image = madeLog(inner, false);
        byte[] log = Files.readAllBytes(segmentFiles(image).getFirst());
        byte[] data = java.util.Arrays.copyOfRange(log, Segment.RECORDS_START, Segment.RECORDS_START + 1700);
        List<LogEntry> outer = List.of(entry(1, 1, data), entry(2, 1, data));
        Path outerImage = madeLog(outer, false);
        Path file = segmentFiles(outerImage).getFirst();
        byte[] bytes = Files.readAllBytes(file);
        int second = (int) (Segment.RECORDS_START + RecordFormat.totalBytes(1700));
        java.util.Arrays.fill(bytes, second, second / 512 * 512 + 512, (byte) 0);
        Files.write(file, bytes);
        SegmentLogStorage opened = openSmall(outerImage);
        assertHolds(opened, 1, outer.subList(0, 1));
        opened.shutdown();
    }
}
