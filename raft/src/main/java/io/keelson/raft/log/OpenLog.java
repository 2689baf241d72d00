package io.keelson.raft.log;

import com.alipay.sofa.jraft.entity.LogEntry;
import io.keelson.raft.log.Chain.Link;
import io.keelson.raft.log.TailJudgement.Tail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log from its opening to its closing. {@link SegmentLogStorage} says what it does and why; it also sees to it that one
 * thread at a time changes it. Any thread may read.
 *
 * <p>A method that changes something throws {@link RefusedException} if it has changed nothing; after any other {@link
 * IOException} the log must not be changed any more.
 */
final class OpenLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenLog.class);

    static final int BACKGROUND_TASKS_MAX = 64;
    private static final int BACKGROUND_STOP_TIMEOUT_S = 30;

    /** How often per segment the preparation of the next one is told how far this one is. */
    private static final int PROGRESS_STEPS = 32;

    private final SegmentSizes sizes;
    private final boolean fsync;
    private final WriteObserver observer;
    private final LogDirectory directory;
    private final ThreadPoolExecutor background;
    private final SegmentSupply supply;
    private final FileRemoval removal;
    private final RecordBuffer buffer;
    private final IndexCache indexes = new IndexCache();
    private final List<ConfigurationPointer> configurations = new ArrayList<>();
    private volatile @Nullable Chain chain;
    private int progressMark;

    /** @param firstBytes of a log's first segment; each one is twice as large as the last, up to {@code bytesMax} */
    record SegmentSizes(int firstBytes, int bytesMax) {
        int after(int segmentBytes) {
            return (int) Math.max(firstBytes, Math.min(bytesMax, 2L * segmentBytes));
        }
    }

    private OpenLog(LogDirectory directory, boolean fsync, SegmentSizes sizes, WriteObserver observer) {
        this.directory = directory;
        this.fsync = fsync;
        this.observer = observer;
        this.sizes = sizes;
        this.background = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(BACKGROUND_TASKS_MAX),
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("log-files-" + directory.path().getFileName())
                        .unstarted(task),
                new ThreadPoolExecutor.CallerRunsPolicy());
        background.allowCoreThreadTimeOut(true);
        this.supply = new SegmentSupply(directory, fsync, background);
        this.removal = new FileRemoval(directory, indexes, background);
        this.buffer = new RecordBuffer(fsync);
    }

    /** Told of the configuration entries that an opened log holds, oldest first. */
    interface ConfigurationListener {
        void configuration(LogEntry entry);
    }

    static OpenLog open(
            Path path, boolean fsync, SegmentSizes sizes, WriteObserver observer, ConfigurationListener listener)
            throws IOException {
        OpenLog log = new OpenLog(LogDirectory.hold(path), fsync, sizes, observer);
        boolean opened = false;
        try {
            List<LogEntry> found = log.recover();
            found.forEach(listener::configuration);
            opened = true;
            return log;
        } finally {
            if (!opened) {
                log.close();
            }
        }
    }

    private List<LogEntry> recover() throws IOException {
        LogRecovery.Found found = LogRecovery.run(directory);
        Chain recovered = found.chain();
        chain = recovered;
        configurations.addAll(found.pointers());
        long spareSequence = 1;
        int spareBytes = sizes.firstBytes();
        if (recovered != null) {
            SegmentHeader newest = recovered.active().header();
            spareSequence = newest.sequence() + 1;
            spareBytes = sizes.after(newest.segmentBytes());
        }
        if (found.spare() != null) {
            supply.adopt(spareSequence, spareBytes, found.spare());
        } else {
            supply.begin(spareSequence, spareBytes);
        }
        if (recovered == null) {
            FileRemoval.remove(directory, found.leftovers(), fsync);
            start(null, List.of(), 1, 1, 0);
            return List.of();
        }
        if (fsync) {
            makeDurable(recovered);
        }
        FileRemoval.remove(directory, found.leftovers(), fsync);
        if (found.tail() == Tail.INTERRUPTED) {
            LOG.warn(
                    "The last write to {} was interrupted; the log ends with entry {}",
                    recovered.active().segment().path(),
                    recovered.nextIndex() - 1);
            start(recovered, sealed(recovered), recovered.nextIndex(), recovered.firstIndex(), 0);
        } else {
            tellProgress(recovered.active());
        }
        return found.configurations();
    }

    /**
     * What was found is reported as being on the disk, and raft counts on it from then on. A process that was killed
     * between its write and its sync has left entries that are not there yet.
     */
    private void makeDurable(Chain recovered) throws IOException {
        for (Link link : recovered.sealed()) {
            link.segment().file().force();
        }
        recovered.active().segment().file().force();
        directory.sync();
    }

    /** Which files are the log now. */
    Chain chain() {
        Chain now = chain;
        if (now == null) {
            throw new IllegalStateException("the log in " + directory.path() + " is closed");
        }
        return now;
    }

    interface Reading<T> {
        T from(Segment segment, SegmentIndex places, int end) throws IOException;
    }

    /** Reads something of an entry; null if the log does not have it. */
    <T> @Nullable T read(long index, Reading<T> reading) throws IOException {
        while (true) {
            Chain seen = chain();
            Link link = seen.find(index);
            if (link == null) {
                return null;
            }
            try {
                return reading.from(link.segment(), places(seen, link), link.end());
            } catch (ClosedChannelException e) {
                if (seen.equals(chain)) {
                    throw e;
                }
                // The segment has left the log since it was looked up; look again.
            }
        }
    }

    private SegmentIndex places(Chain seen, Link link) throws IOException {
        Segment segment = link.segment();
        if (segment == seen.active().segment()) {
            return seen.active().index();
        }
        SegmentIndex present = segment.index();
        SegmentIndex loaded = present != null ? present : segment.loadIndex(link.end(), link.endIndex());
        indexes.used(segment);
        return loaded;
    }

    /**
     * Appends as many entries as one write takes, and returns when they are on the disk.
     *
     * @return how many, at least 1
     */
    int append(List<LogEntry> entries) throws IOException {
        Chain now = chain();
        RecordBuffer.Fitting fitting = RecordBuffer.fitting(entries, now.nextIndex());
        if (fitting.bytes() > now.active().freeBytes()) {
            now = start(now, sealed(now), now.nextIndex(), now.firstIndex(), fitting.bytes());
        }
        ActiveSegment active = now.active();
        List<LogEntry> some = entries.subList(0, fitting.count());
        RecordBuffer.Encoded encoded = buffer.encode(active, some, fitting.bytes(), newestConfiguration());
        write(active, encoded.records(), fitting.count());
        configurations.addAll(encoded.configurations());
        return fitting.count();
    }

    private void writeControl(ActiveSegment active, int kind, ByteBuffer body) throws IOException {
        write(active, buffer.encodeControl(active, kind, body), 0);
    }

    /** Writes at the end of the newest segment, and lets readers see it once it is on the disk. */
    private void write(ActiveSegment active, ByteBuffer records, int entries) throws IOException {
        SegmentIndex before = active.index();
        int bytes = records.remaining();
        SegmentFile file = active.segment().file();
        long beganNs = System.nanoTime();
        file.writeFully(records, before.end());
        long writtenNs = System.nanoTime();
        observer.written(bytes, writtenNs - beganNs);
        if (fsync) {
            file.force();
            observer.synced(System.nanoTime() - writtenNs);
        }
        active.publish(before.entries() + entries, before.end() + bytes);
        tellProgress(active);
    }

    private void tellProgress(ActiveSegment active) {
        int end = active.end();
        if (end >= progressMark) {
            int size = active.header().segmentBytes();
            supply.progress((double) end / size);
            progressMark = end + size / PROGRESS_STEPS;
        }
    }

    /** Drops entries after an index that is in the log or just before it. */
    void truncateSuffix(long lastIndexKept) throws IOException {
        Chain now = chain();
        if (lastIndexKept < now.firstIndex() - 1) {
            throw new RefusedException("entry %d cannot be the last of a log that begins at %d"
                    .formatted(lastIndexKept, now.firstIndex()));
        }
        if (lastIndexKept < now.nextIndex() - 1) {
            start(now, sealedUpTo(now, lastIndexKept), lastIndexKept + 1, now.firstIndex(), 0);
        }
    }

    private List<Link> sealedUpTo(Chain now, long lastIndexKept) throws IOException {
        List<Link> kept = new ArrayList<>();
        Link last = now.find(lastIndexKept);
        if (last != null) {
            now.sealed().stream()
                    .takeWhile(link -> link.segment() != last.segment())
                    .forEach(kept::add);
            int end = last.segment().endOf(lastIndexKept, places(now, last), last.end());
            kept.add(new Link(last.segment(), end, lastIndexKept + 1));
        }
        return kept;
    }

    void truncatePrefix(long firstIndexKept) throws IOException {
        Chain now = chain();
        if (firstIndexKept <= now.firstIndex()) {
            return;
        }
        if (firstIndexKept >= now.nextIndex()) {
            reset(firstIndexKept);
            return;
        }
        List<Link> kept = new ArrayList<>(now.sealed());
        kept.removeIf(link -> link.endIndex() <= firstIndexKept);
        Chain shorter = new Chain(kept, now.active(), firstIndexKept);
        if (RecordFormat.totalBytes(Long.BYTES) > now.active().freeBytes()) {
            start(now, sealed(shorter), now.nextIndex(), firstIndexKept, 0);
            return;
        }
        ByteBuffer body = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        writeControl(
                now.active(),
                RecordFormat.KIND_FIRST_INDEX,
                body.putLong(firstIndexKept).flip());
        chain = shorter;
        configurations.removeIf(pointer -> pointer.index() < firstIndexKept);
        removal.after(now, shorter);
    }

    void reset(long nextIndex) throws IOException {
        start(chain(), List.of(), nextIndex, nextIndex, 0);
    }

    /** Notes that all is well, so that damage to the last write can be told from an interruption of it. */
    void recordShutdown() throws IOException {
        ActiveSegment active = chain().active();
        if (RecordFormat.totalBytes(0) <= active.freeBytes()) {
            writeControl(active, RecordFormat.KIND_SHUTDOWN, ByteBuffer.allocate(0));
        }
    }

    /** All segments, the newest one as if nothing more were to be written to it. */
    private static List<Link> sealed(Chain now) {
        ActiveSegment active = now.active();
        if (now.nextIndex() == active.firstIndex()) {
            return now.sealed();
        }
        List<Link> links = new ArrayList<>(now.sealed());
        links.add(new Link(active.segment(), active.end(), now.nextIndex()));
        return links;
    }

    /**
     * Starts a new segment. When this returns, the log is what the arguments say, also after a power cut.
     *
     * @param before the log until now, null for a new one
     * @param sealed the part of it that stays
     * @param firstIndex index of the next entry
     * @param recordBytes that the segment must take
     */
    private Chain start(@Nullable Chain before, List<Link> sealed, long firstIndex, long logFirstIndex, int recordBytes)
            throws IOException {
        SegmentFile file;
        try {
            file = supply.take(Segment.RECORDS_START + recordBytes);
        } catch (IOException e) {
            throw new RefusedException("the next segment cannot be made", e);
        }
        boolean started = false;
        try {
            configurations.removeIf(pointer -> pointer.index() >= firstIndex || pointer.index() < logFirstIndex);
            SegmentHeader header = header(file, before, sealed, firstIndex, logFirstIndex);
            file.writeFully(header.encode(), 0);
            if (fsync) {
                file.force();
            }
            started = true;
            return take(before, sealed, new Segment(file, header, null));
        } finally {
            if (!started) {
                file.close();
            }
        }
    }

    private SegmentHeader header(
            SegmentFile file, @Nullable Chain before, List<Link> sealed, long firstIndex, long logFirstIndex)
            throws IOException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Link previous = sealed.isEmpty() ? null : sealed.getLast();
        return new SegmentHeader(
                Math.toIntExact(file.sizeBytes()),
                before == null ? random.nextLong() : before.active().header().logId(),
                before == null ? 1 : before.active().header().sequence() + 1,
                random.nextLong(),
                firstIndex,
                logFirstIndex,
                previous == null ? 0 : previous.segment().sequence(),
                previous == null ? 0 : previous.end(),
                newestConfiguration());
    }

    /** Goes on with a segment whose header is on the disk. */
    private Chain take(@Nullable Chain before, List<Link> sealed, Segment segment) {
        SegmentHeader header = segment.header();
        if (before != null) {
            keepIndex(before.active(), sealed);
        }
        ActiveSegment active = new ActiveSegment(segment, new SegmentIndex.Builder(), 0, Segment.RECORDS_START);
        Chain now = new Chain(sealed, active, header.logFirstIndex());
        chain = now;
        supply.begin(header.sequence() + 1, sizes.after(header.segmentBytes()));
        progressMark = 0;
        tellProgress(active);
        if (before != null) {
            removal.after(before, now);
        }
        return now;
    }

    private void keepIndex(ActiveSegment last, List<Link> sealed) {
        if (!sealed.isEmpty() && sealed.getLast().segment() == last.segment()) {
            last.segment().publish(last.index());
            indexes.used(last.segment());
        }
    }

    private ConfigurationPointer newestConfiguration() {
        return configurations.isEmpty() ? ConfigurationPointer.NONE : configurations.getLast();
    }

    @Override
    public void close() {
        Chain last = chain;
        chain = null;
        close(supply);
        stopBackground();
        removal.close();
        if (last != null) {
            for (Link link : last.sealed()) {
                close(link.segment());
            }
            close(last.active().segment());
        }
        close(directory);
    }

    private void stopBackground() {
        background.shutdown();
        try {
            if (!background.awaitTermination(BACKGROUND_STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
                LOG.warn("Files in {} are still being removed", directory.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Interrupted while files in {} are being removed", directory.path());
        }
    }

    /** What matters has been synced; a file that cannot be closed is no more than a descriptor lost. */
    private void close(AutoCloseable file) {
        try {
            file.close();
        } catch (Exception e) {
            LOG.warn("A file in {} could not be closed", directory.path(), e);
        }
    }
}
