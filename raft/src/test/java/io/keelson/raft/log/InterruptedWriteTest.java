package io.keelson.raft.log;

import static io.keelson.raft.log.LogFixture.append;
import static io.keelson.raft.log.LogFixture.assertHolds;
import static io.keelson.raft.log.LogFixture.entries;
import static io.keelson.raft.log.LogFixture.open;
import static io.keelson.raft.log.LogFixture.openSmall;
import static io.keelson.raft.log.LogFixture.segmentFiles;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.entity.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The last write is cut in every way a power cut can cut it. What was acknowledged before it is there afterwards; of the
 * write itself a front part, in whole entries, or nothing.
 */
class InterruptedWriteTest {
    private static final int SECTOR_BYTES = 512;

    @TempDir
    Path root;

    /** The bytes of the log's files at one moment. */
    private record Image(Map<String, byte[]> files) {
        static Image of(Path directory) throws IOException {
            Map<String, byte[]> files = new HashMap<>();
            for (Path file : segmentFiles(directory)) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
            return new Image(files);
        }

        byte[] bytes(String file) {
            return Objects.requireNonNull(files.get(file), file);
        }

        void restore(Path directory) throws IOException {
            LogFixture.delete(directory);
            Files.createDirectories(directory);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(directory.resolve(file.getKey()), file.getValue());
            }
        }
    }

    /** A write to one file, known by the file's bytes before and after. */
    private record Write(String file, byte[] before, byte[] after) {
        int from() {
            return Arrays.mismatch(before, after);
        }

        int to() {
            int last = after.length - 1;
            while (after[last] == before[last]) {
                last--;
            }
            return last + 1;
        }

        byte[] cutAt(int offset) {
            byte[] cut = before.clone();
            System.arraycopy(after, 0, cut, 0, offset);
            return cut;
        }

        int sectors() {
            return (to() - 1) / SECTOR_BYTES - from() / SECTOR_BYTES + 1;
        }

        byte[] withSectors(long chosen) {
            byte[] some = before.clone();
            int first = from() / SECTOR_BYTES;
            for (int i = 0; i < sectors(); i++) {
                if ((chosen >>> i & 1) != 0) {
                    int at = (first + i) * SECTOR_BYTES;
                    System.arraycopy(after, at, some, at, Math.min(SECTOR_BYTES, after.length - at));
                }
            }
            return some;
        }
    }

    private static Write between(Image before, Image after) {
        Write found = null;
        for (Map.Entry<String, byte[]> file : before.files().entrySet()) {
            byte[] now = after.files().get(file.getKey());
            if (now != null && !Arrays.equals(file.getValue(), now)) {
                assertEquals(null, found, "more than one file was written");
                found = new Write(file.getKey(), file.getValue(), now);
            }
        }
        assertTrue(found != null, "nothing was written");
        return found;
    }

    private interface Change {
        void on(SegmentLogStorage log);
    }

    /** Makes a log, does something to it, and gives the files with and without the write that this was. */
    private Image[] around(List<LogEntry> first, Change change) throws IOException {
        Path directory = root.resolve("made");
        LogFixture.delete(directory);
        SegmentLogStorage log = open(directory, true, LogFixture.SMALL_SEGMENT_BYTES);
        for (int at = 0; at < first.size(); at += 3) {
            append(log, first.subList(at, Math.min(at + 3, first.size())));
        }
        awaitSpare(directory);
        Image before = Image.of(directory);
        change.on(log);
        Image after = Image.of(directory);
        log.shutdown();
        return new Image[] {before, after};
    }

    /** The next file is begun in the background and grows to a quarter at once; it is wanted in both images. */
    private static void awaitSpare(Path directory) throws IOException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (Files.size(segmentFiles(directory).getLast()) != LogFixture.SMALL_SEGMENT_BYTES
                || segmentFiles(directory).size() < 2) {
            assertTrue(System.nanoTime() < deadline, "the next file was not made");
            Thread.onSpinWait();
        }
    }

    private void tryCut(Image before, Write write, byte[] content, List<LogEntry> acknowledged, List<LogEntry> last)
            throws IOException {
        Path directory = root.resolve("cut");
        before.restore(directory);
        Files.write(directory.resolve(write.file()), content);

        SegmentLogStorage log = openSmall(directory);
        int survived = (int) log.getLastLogIndex() - acknowledged.size();
        assertTrue(survived >= 0 && survived <= last.size(), () -> "the log ends at " + log.getLastLogIndex());
        List<LogEntry> expected = new ArrayList<>(acknowledged);
        expected.addAll(last.subList(0, survived));
        assertHolds(log, 1, expected);
        if (Arrays.equals(content, write.after())) {
            assertEquals(last.size(), survived);
        }

        List<LogEntry> more = entries(expected.size() + 1, 2, 77, 130);
        append(log, more);
        expected.addAll(more);
        log.shutdown();
        SegmentLogStorage again = openSmall(directory);
        assertHolds(again, 1, expected);
        again.shutdown();
    }

    @Test
    void anAppendIsCutAtEveryByte() throws IOException {
        List<LogEntry> acknowledged = entries(1, 7, 1, 150);
        List<LogEntry> last = entries(8, 3, 2, 171);
        Image[] images = around(acknowledged, log -> append(log, last));
        Write write = between(images[0], images[1]);
        for (int at = write.from(); at <= write.to(); at++) {
            tryCut(images[0], write, write.cutAt(at), acknowledged, last);
        }
    }

    @Test
    void anAppendLosesAnySetOfSectors() throws IOException {
        Random random = new Random(1);
        for (int dataBytes : new int[] {40, 900, 3000}) {
            List<LogEntry> acknowledged = entries(1, 7, 1, 150);
            List<LogEntry> last = entries(8, 4200 / (dataBytes + 40), 2, dataBytes);
            Image[] images = around(acknowledged, log -> append(log, last));
            Write write = between(images[0], images[1]);
            for (int round = 0; round < 120; round++) {
                tryCut(images[0], write, write.withSectors(random.nextLong()), acknowledged, last);
            }
        }
    }

    @Test
    void anEntryOfZerosLosesAnySetOfSectors() throws IOException {
        List<LogEntry> acknowledged = entries(1, 7, 1, 150);
        List<LogEntry> last = List.of(LogFixture.entry(8, 2, new byte[2000]), LogFixture.entry(9, 2, new byte[700]));
        Image[] images = around(acknowledged, log -> append(log, last));
        Write write = between(images[0], images[1]);
        for (long chosen = 0; chosen < 1L << write.sectors(); chosen++) {
            tryCut(images[0], write, write.withSectors(chosen), acknowledged, last);
        }
    }

    @Test
    void takingEntriesBackHappensOrDoesNot() throws IOException {
        List<LogEntry> all = entries(1, 30, 1, 150);
        Image[] images = around(all, log -> assertTrue(log.truncateSuffix(11)));
        for (int at = 0; at <= SegmentHeader.BYTES; at++) {
            int last = openedWithHeaderCutAt(images[0], images[1], at, 1);
            assertEquals(at == SegmentHeader.BYTES ? 11 : 30, last, "header cut at " + at);
        }
    }

    @Test
    void aResetHappensOrDoesNot() throws IOException {
        List<LogEntry> all = entries(1, 12, 1, 150);
        Image[] images = around(all, log -> assertTrue(log.reset(500)));
        for (int at = 0; at <= SegmentHeader.BYTES; at++) {
            boolean whole = at == SegmentHeader.BYTES;
            int last = openedWithHeaderCutAt(images[0], images[1], at, whole ? 500 : 1);
            assertEquals(whole ? 0 : 12, last, "header cut at " + at);
        }
    }

    private int openedWithHeaderCutAt(Image before, Image after, int at, long firstIndex) throws IOException {
        Path directory = root.resolve("cut");
        before.restore(directory);
        String newest = before.files().keySet().stream().max(String::compareTo).orElseThrow();
        byte[] content = before.bytes(newest).clone();
        System.arraycopy(after.bytes(newest), 0, content, 0, at);
        Files.write(directory.resolve(newest), content);
        SegmentLogStorage log = openSmall(directory);
        int last = (int) log.getLastLogIndex();
        assertHolds(log, firstIndex, last == 0 ? List.of() : entries(1, last, 1, 150));
        log.shutdown();
        return last;
    }

    @Test
    void movingTheFirstIndexHappensOrDoesNot() throws IOException {
        List<LogEntry> all = entries(1, 12, 1, 150);
        Image[] images = around(all, log -> assertTrue(log.truncatePrefix(5)));
        Write write = between(images[0], images[1]);
        for (int at = write.from(); at <= write.to(); at++) {
            Path directory = root.resolve("cut");
            images[0].restore(directory);
            Files.write(directory.resolve(write.file()), write.cutAt(at));
            SegmentLogStorage log = openSmall(directory);
            int first = (int) log.getFirstLogIndex();
            assertEquals(at == write.to() ? 5 : 1, first);
            assertHolds(log, first, all.subList(first - 1, 12));
            log.shutdown();
        }
    }

    @Test
    void anUnfinishedNextFileIsNoHindrance() throws IOException {
        List<LogEntry> all = entries(1, 12, 1, 150);
        Image[] images = around(all, log -> assertEquals(12, log.getLastLogIndex()));
        String newest =
                images[0].files().keySet().stream().max(String::compareTo).orElseThrow();
        for (int bytes : new int[] {0, 1, 127, 128, 4096, 5000, LogFixture.SMALL_SEGMENT_BYTES}) {
            Path directory = root.resolve("cut");
            images[0].restore(directory);
            Files.write(directory.resolve(newest), new byte[bytes]);
            SegmentLogStorage log = openSmall(directory);
            assertHolds(log, 1, all);
            append(log, entries(13, 50, 1, 600));
            log.shutdown();
            SegmentLogStorage again = openSmall(directory);
            assertEquals(62, again.getLastLogIndex());
            again.shutdown();
        }
    }
}
