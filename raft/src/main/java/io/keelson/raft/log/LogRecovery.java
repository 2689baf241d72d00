package io.keelson.raft.log;

import com.alipay.sofa.jraft.entity.LogEntry;
import io.keelson.raft.log.Chain.Link;
import io.keelson.raft.log.TailJudgement.Tail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds out at a start which files are the log, and how far it goes. Changes nothing on the disk.
 *
 * <p>The newest segment with a header is read from front to back; it says, and the headers before it say, which others
 * belong to the log and where each of them ends. Those others are read when an entry of theirs is asked for, except
 * their configuration entries.
 */
final class LogRecovery implements AutoCloseable {
    /**
     * What was found.
     *
     * @param chain null if the directory holds no log yet
     * @param tail what follows the last record
     * @param pointers to the configuration entries of the log, oldest first
     * @param configurations those entries
     * @param spare a file of zeros that can be the next segment
     * @param leftovers files that are not part of the log any more
     */
    record Found(
            @Nullable Chain chain,
            Tail tail,
            List<ConfigurationPointer> pointers,
            List<LogEntry> configurations,
            @Nullable SegmentFile spare,
            List<Path> leftovers) {}

    private final NavigableMap<Long, Path> files;
    private final Map<Long, SegmentFile> open = new HashMap<>();
    private final List<Path> leftovers = new ArrayList<>();
    private @Nullable SegmentFile spare;
    private boolean done;

    private LogRecovery(NavigableMap<Long, Path> files) {
        this.files = files;
    }

    static Found run(LogDirectory directory) throws IOException {
        try (LogRecovery recovery = new LogRecovery(new TreeMap<>(directory.segments()))) {
            Found found = recovery.run();
            recovery.done = true;
            return found;
        }
    }

    private Found run() throws IOException {
        setAsideUnused();
        if (files.isEmpty()) {
            return new Found(null, Tail.UNWRITTEN, List.of(), List.of(), spare, leftovers);
        }
        SegmentFile newest = openFile(files.lastKey());
        SegmentHeader header = readHeader(newest, files.lastKey(), 0);
        requireSize(newest, header.segmentBytes(), header.firstIndex());

        NewestScan scan = new NewestScan(header);
        SegmentScan.Result result = SegmentScan.run(newest, header, header.segmentBytes(), scan);
        Tail tail = TailJudgement.judge(newest, header, result.end(), header.firstIndex() + result.entries());
        ActiveSegment active =
                new ActiveSegment(new Segment(newest, header, null), scan.places, result.entries(), result.end());

        Chain chain = new Chain(linksBefore(active, scan.logFirstIndex), active, scan.logFirstIndex);
        List<ConfigurationPointer> pointers = new ArrayList<>();
        List<LogEntry> configurations = new ArrayList<>();
        collectConfigurations(chain, scan.newestConfiguration, pointers, configurations);
        collectLeftovers(chain);
        return new Found(chain, tail, pointers, configurations, spare, leftovers);
    }

    /** The file after the newest segment, made ahead and not begun. */
    private void setAsideUnused() throws IOException {
        if (files.isEmpty()) {
            return;
        }
        long sequence = files.lastKey();
        SegmentFile last = openFile(sequence);
        ByteBuffer block = headerBlock(last);
        if (!SegmentHeader.isCutShort(block)) {
            return;
        }
        long size = last.sizeBytes();
        if (size > Integer.MAX_VALUE
                || (size > SegmentHeader.BYTES
                        && TailJudgement.lastNonZero(last, SegmentHeader.BYTES, (int) size) >= 0)) {
            throw new LogCorruptedException(last.path(), 0, 0, "records follow, but the segment's header is missing");
        }
        files.remove(sequence);
        if (sequence != 1 && !files.containsKey(sequence - 1)) {
            throw new IOException("log file %016x.log is missing in %s: the file made to follow it is there"
                    .formatted(sequence - 1, last.path().getParent()));
        }
        open.remove(sequence);
        if (TailJudgement.lastNonZero(last, 0, (int) size) < 0) {
            spare = last;
        } else {
            last.close();
            leftovers.add(last.path());
        }
    }

    /** What the newest segment's records say besides their entries. */
    private final class NewestScan implements SegmentScan.Visitor {
        private final SegmentHeader header;
        private final SegmentIndex.Builder places = new SegmentIndex.Builder();
        private long logFirstIndex;
        private ConfigurationPointer newestConfiguration;

        NewestScan(SegmentHeader header) {
            this.header = header;
            this.logFirstIndex = header.logFirstIndex();
            this.newestConfiguration = header.configuration();
        }

        @Override
        public void record(RecordFormat.Header found, int offset, ByteBuffer body) throws IOException {
            long index = header.firstIndex() + found.relativeIndex();
            if (found.isEntry()) {
                places.add(found.relativeIndex(), offset);
                if (EntryCodec.isConfiguration(found)) {
                    newestConfiguration = new ConfigurationPointer(header.sequence(), offset, index);
                }
            } else if (found.kind() == RecordFormat.KIND_FIRST_INDEX) {
                logFirstIndex = Math.max(
                        logFirstIndex, body.order(ByteOrder.LITTLE_ENDIAN).getLong());
            } else if (found.kind() != RecordFormat.KIND_SHUTDOWN) {
                throw new LogCorruptedException(
                        files.lastEntry().getValue(), offset, index, "a record of unknown kind " + found.kind());
            }
        }
    }

    private List<Link> linksBefore(ActiveSegment active, long logFirstIndex) throws IOException {
        List<Link> links = new ArrayList<>();
        SegmentHeader next = active.header();
        while (next.firstIndex() > logFirstIndex) {
            long index = next.firstIndex() - 1;
            long sequence = next.previousSequence();
            Path nextPath = openFile(next.sequence()).path();
            if (!files.containsKey(sequence)) {
                throw new LogCorruptedException(
                        nextPath,
                        0,
                        index,
                        "the entries up to this one are in file %016x.log, which is missing".formatted(sequence));
            }
            SegmentFile file = openFile(sequence);
            SegmentHeader header = readHeader(file, sequence, index);
            if (header.logId() != active.header().logId()
                    || header.firstIndex() >= next.firstIndex()
                    || sequence >= next.sequence()) {
                throw new LogCorruptedException(
                        file.path(), 0, index, "the segment does not belong before " + nextPath.getFileName());
            }
            requireSize(file, next.previousEnd(), index);
            links.add(new Link(new Segment(file, header, null), next.previousEnd(), next.firstIndex()));
            next = header;
        }
        Collections.reverse(links);
        return links;
    }

    private void collectConfigurations(
            Chain chain,
            ConfigurationPointer newest,
            List<ConfigurationPointer> pointers,
            List<LogEntry> configurations)
            throws IOException {
        Map<Long, Link> bySequence = new HashMap<>();
        chain.sealed().forEach(link -> bySequence.put(link.segment().sequence(), link));
        Segment active = chain.active().segment();
        bySequence.put(active.sequence(), new Link(active, chain.active().end(), chain.nextIndex()));

        ConfigurationPointer pointer = newest;
        while (pointer.exists() && pointer.index() >= chain.firstIndex()) {
            Link link = bySequence.get(pointer.sequence());
            if (link == null || pointer.index() >= link.endIndex()) {
                throw new LogCorruptedException(
                        active.path(),
                        0,
                        pointer.index(),
                        "the configuration entry should be in segment %016x, which is not part of the log"
                                .formatted(pointer.sequence()));
            }
            Segment.Configured configured = link.segment().readConfiguration(pointer, link.end());
            if (configured.before().exists() && configured.before().index() >= pointer.index()) {
                throw new LogCorruptedException(
                        link.segment().path(),
                        pointer.offset(),
                        pointer.index(),
                        "the configuration entry points to a later one");
            }
            pointers.add(pointer);
            configurations.add(configured.entry());
            pointer = configured.before();
        }
        Collections.reverse(pointers);
        Collections.reverse(configurations);
    }

    private void collectLeftovers(Chain chain) {
        Map<Long, Path> rest = new TreeMap<>(files);
        rest.remove(chain.active().segment().sequence());
        chain.sealed().forEach(link -> rest.remove(link.segment().sequence()));
        leftovers.addAll(rest.values());
    }

    private SegmentFile openFile(long sequence) throws IOException {
        SegmentFile present = open.get(sequence);
        if (present == null) {
            Path path = files.get(sequence);
            if (path == null) {
                throw new IOException("log file %016x.log is missing".formatted(sequence));
            }
            present = SegmentFile.open(path);
            open.put(sequence, present);
        }
        return present;
    }

    private static ByteBuffer headerBlock(SegmentFile file) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(SegmentHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        block.limit((int) Math.min(block.capacity(), file.sizeBytes()));
        file.readFully(block, 0);
        return block.clear();
    }

    private static SegmentHeader readHeader(SegmentFile file, long sequence, long index) throws IOException {
        ByteBuffer block = headerBlock(file);
        SegmentHeader header = SegmentHeader.decode(block);
        if (header == null) {
            throw new LogCorruptedException(file.path(), 0, index, "the segment's header does not match its checksum");
        }
        if (SegmentHeader.isOfUnknownVersion(block)) {
            throw new IOException(file.path() + " was written by a newer version");
        }
        if (header.sequence() != sequence
                || header.firstIndex() < 1
                || header.logFirstIndex() < 1
                || header.logFirstIndex() > header.firstIndex()
                || header.segmentBytes() < Segment.RECORDS_START) {
            throw new LogCorruptedException(
                    file.path(), 0, index, "the segment's header contradicts itself or its name");
        }
        return header;
    }

    private static void requireSize(SegmentFile file, long bytes, long index) throws IOException {
        long size = file.sizeBytes();
        if (size < bytes) {
            throw new LogCorruptedException(
                    file.path(), size, index, "the file ends here, but should have at least " + bytes + " bytes");
        }
    }

    /** Closes what was opened, unless it has been handed over. */
    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        for (SegmentFile file : open.values()) {
            file.close();
        }
        if (spare != null) {
            spare.close();
        }
    }
}
