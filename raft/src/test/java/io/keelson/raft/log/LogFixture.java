package io.keelson.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Entries and logs to try things on. */
final class LogFixture {
    static final int SMALL_SEGMENT_BYTES = 16 << 10;

    private LogFixture() {}

    /** A log with small segments, so that a test meets many of them. */
    static SegmentLogStorage openSmall(Path directory) {
        return open(directory, false, SMALL_SEGMENT_BYTES);
    }

    static SegmentLogStorage open(Path directory, boolean fsync, int segmentBytes) {
        SegmentLogStorage log = new SegmentLogStorage(directory, fsync, segmentBytes, segmentBytes);
        assertTrue(log.init(options(new ConfigurationManager())), () -> String.valueOf(log.failure()));
        return log;
    }

    static LogStorageOptions options(ConfigurationManager manager) {
        LogStorageOptions options = new LogStorageOptions();
        options.setGroupId("test");
        options.setConfigurationManager(manager);
        options.setLogEntryCodecFactory(com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory.getInstance());
        return options;
    }

    static LogEntry entry(long index, long term, byte[] data) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_DATA);
        entry.setId(new LogId(index, term));
        entry.setData(ByteBuffer.wrap(data));
        return entry;
    }

    /** An entry whose data says which one it is. */
    static LogEntry entry(long index, long term, int dataBytes) {
        byte[] data = new byte[dataBytes];
        new Random(index * 31 + term).nextBytes(data);
        return entry(index, term, data);
    }

    static List<LogEntry> entries(long firstIndex, int count, long term, int dataBytes) {
        List<LogEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(firstIndex + i, term, dataBytes));
        }
        return entries;
    }

    static LogEntry configuration(long index, long term, int members) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(index, term));
        List<PeerId> peers = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            peers.add(new PeerId("member-" + index, 7000 + i, i, i - 1));
        }
        entry.setPeers(peers);
        return entry;
    }

    static void append(LogStorage log, List<LogEntry> entries) {
        assertEquals(entries.size(), log.appendEntries(entries));
    }

    static LogEntry required(LogStorage log, long index) {
        LogEntry entry = log.getEntry(index);
        assertEquals(entry == null ? 0 : entry.getId().getTerm(), term(log, index), "term of entry " + index);
        assertNotNull(entry, () -> "entry " + index + " is missing");
        return entry;
    }

    /** That the log holds these entries and no others. */
    static void assertHolds(LogStorage log, long firstIndex, List<LogEntry> expected) {
        assertEquals(firstIndex, log.getFirstLogIndex());
        assertEquals(expected.isEmpty() ? 0 : firstIndex + expected.size() - 1, log.getLastLogIndex());
        assertNull(log.getEntry(firstIndex - 1));
        for (LogEntry entry : expected) {
            assertEquals(entry, required(log, entry.getId().getIndex()));
        }
        assertNull(log.getEntry(firstIndex + expected.size()));
    }

    static List<Path> segmentFiles(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies what is there; the log may be removing files meanwhile. */
    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                try {
                    Files.copy(file, to.resolve(file.getFileName()));
                } catch (NoSuchFileException removedMeanwhile) {
                    Files.deleteIfExists(to.resolve(file.getFileName()));
                }
            }
        }
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    Path visited, java.io.@org.jspecify.annotations.Nullable IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @SuppressWarnings("deprecation") // sofa-jraft's interface still has it
    static long term(LogStorage log, long index) {
        return log.getTerm(index);
    }
}
