package io.keelson.raft.log;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.error.LogEntryCorruptedException;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import io.keelson.raft.log.Chain.Link;
import io.keelson.raft.log.EntryCodec.Preamble;
import io.keelson.raft.log.TailJudgement.Tail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a member, as files that are only ever appended to.
 *
 * <h2>The problem</h2>
 *
 * What {@link #appendEntries} has returned for must be there after a power cut, whole and in order, or the member must
 * say that it is not. It should cost one write and one wait for the disk per call, whatever the number of entries.
 *
 * <h2>Why it is hard</h2>
 *
 * <ul>
 *   <li>A power cut leaves any part of the last write, in units of sectors and in any order. That part was never
 *       acknowledged and may go. A disk that has flipped a bit in an acknowledged entry looks nearly the same; cutting
 *       the log there would lose what others count on, and raft would elect a leader without it.
 *   <li>Raft takes back entries that were not committed ({@link #truncateSuffix}) and writes others under the same
 *       indexes. The old ones must not come back, also if the power is cut in the middle, also if the new ones end, by
 *       chance, at the very byte where an old one begins.
 *   <li>Growing a file changes its metadata, and waiting for that costs the disk a second write each time.
 * </ul>
 *
 * <h2>The sketch</h2>
 *
 * The log is a chain of segments, {@code 0000000000000001.log} and on. A segment is filled with zeros before it is used,
 * begins with a header, and is written from front to back, once. <i>Nothing is ever overwritten, and only the newest
 * segment is written.</i> Whatever is more than appending is starting a new segment, whose header says what the log is
 * up to there: the segment before it and the offset where the log ends in that one. What stands behind that offset is
 * not part of the log, whatever it is. The header is durable before anything follows, and it lies in one sector, so it
 * is there or it is not: that is the moment of every change.
 *
 * <ul>
 *   <li>full segment: header says previous = the full one, at its end
 *   <li>{@link #truncateSuffix}: previous = the segment of the last entry kept, at the end of that entry
 *   <li>{@link #reset}, or {@link #truncatePrefix} of everything: no previous
 *   <li>a start that finds an interrupted write: previous = the segment with it, where it begins
 *   <li>{@link #truncatePrefix} of less: a control record in the newest segment; the next header repeats it. Segments
 *       that it leaves without entries are removed later.
 * </ul>
 *
 * A worked example. Entries 1 to 5 are appended by three calls; 4 and 5 are taken back; 4' is appended; the power is cut
 * while 5' is written:
 *
 * <pre>
 *  1.log  [header: first index 1, no previous]
 *         [1][2]           first call.  The records say: durable up to 4096
 *         [3]              second call. The record says: durable up to the end of 2
 *         [4][5]           third call.  The records say: durable up to the end of 3
 *
 *         truncateSuffix(3)
 *
 *  2.log  [header: first index 4, previous = 1.log up to the end of 3]
 *         [4']             its sector also takes the beginning of 5'
 *         [5' first half]  the sector of the second half was not written: zeros
 *  3.log  zeros            made ahead, to be used when 2.log is full
 *
 *         start
 *
 *  3.log  is not begun. 2.log is the newest. 4' is intact, the record after it is not. Nothing behind it says that it
 *         was durable, and a sector of it is zeros: an interrupted write. The log ends with 4'. As 2.log must not be
 *         overwritten, 3.log begins:
 *         [header: first index 5, previous = 2.log up to the end of 4']
 *         The chain is 1.log up to 3, 2.log up to 4', 3.log. Neither 4, 5 nor the half of 5' can be reached any more.
 * </pre>
 *
 * If instead the record of 3 is damaged, the records of 4 and 5 say that all up to the end of 3 was durable when they
 * were written, or, once 2.log exists, its header says so: the start fails, naming file, offset and entry. How a torn
 * write is told from damage is explained at {@link TailJudgement}; what it cannot tell, also there.
 *
 * <h2>Reading</h2>
 *
 * Every record is checked when it is read. Sealed segments are not read at a start, but for their configuration entries,
 * which are linked to each other; one is read, and so verified, as a whole when the first entry of it is asked for.
 *
 * <h2>Failures</h2>
 *
 * A disk that is full is met when the next segment is made, before anything of the call is written: the call fails, all
 * that was acknowledged stays, and a later call may succeed. After any other failure to write or to sync, and after
 * damage was found, nothing is appended any more until the log is opened again: what a failed sync has left on the disk
 * is not known, and only a start can tell. {@link #failure()} says why.
 *
 * <h2>Differences from sofa-jraft's own log storage</h2>
 *
 * {@link #reset} leaves an empty log that begins at the index given, not one with an entry of the old log in it: that
 * entry would contradict the snapshot that the reset makes way for. {@link #getEntry} throws for a damaged entry and does
 * not return null: sofa-jraft takes null for "not there", its term for 0, and would truncate entries that are committed.
 *
 * <h2>Threads</h2>
 *
 * One lock is held by whatever changes the log, across its writes: sofa-jraft calls all of that from one thread, and
 * only a shutdown ever waits for it. Readers take no lock. A thread of its own, named after the directory, prepares and
 * removes files; at most {@value #BACKGROUND_TASKS_MAX} tasks wait for it, after which the caller does them.
 *
 * <p>Memory: a write buffer as large as the largest write so far, at most {@value #WRITE_BYTES_MAX} bytes (a longer list
 * becomes several writes); 128 KiB for the newest segment and for each of up to 32 others that were read lately.
 */
public final class SegmentLogStorage implements LogStorage {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLogStorage.class);

    /** A new log is small: the first segment is made while the caller waits. Each one is twice as large as the last. */
    private static final int FIRST_SEGMENT_BYTES = 4 << 20;

    private static final int SEGMENT_BYTES_MAX = 64 << 20;
    private static final int RECORD_BYTES_MAX = 1 << 30;
    private static final int WRITE_BYTES_MAX = 8 << 20;
    private static final int BACKGROUND_TASKS_MAX = 64;
    private static final int BACKGROUND_STOP_TIMEOUT_S = 30;

    /** A sealed segment with more than this behind its end is cut to its length. */
    private static final int TRIM_BYTES_MIN = 64 << 10;

    /** How often per segment the preparation of the next one is told how far this one is. */
    private static final int PROGRESS_STEPS = 32;

    private final Path path;
    private final boolean fsync;
    private final int firstSegmentBytes;
    private final int segmentBytesMax;
    private final ReentrantLock writing = new ReentrantLock();
    private final IndexCache indexes = new IndexCache();

    private volatile @Nullable Chain chain;
    private volatile @Nullable String failure;

    private @Nullable LogDirectory directory;
    private @Nullable ThreadPoolExecutor background;
    private @Nullable SegmentSupply supply;
    private final List<ConfigurationPointer> configurations = new ArrayList<>();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10).order(ByteOrder.LITTLE_ENDIAN);
    private int progressMark;

    /**
     * @param directory for this log alone; made if missing
     * @param fsync whether an append waits for the disk. Without it, entries survive the end of the process but not a
     *     power cut, after which the log may refuse to open.
     */
    public SegmentLogStorage(Path directory, boolean fsync) {
        this(directory, fsync, FIRST_SEGMENT_BYTES, SEGMENT_BYTES_MAX);
    }

    SegmentLogStorage(Path directory, boolean fsync, int firstSegmentBytes, int segmentBytesMax) {
        this.path = directory;
        this.fsync = fsync;
        this.firstSegmentBytes = firstSegmentBytes;
        this.segmentBytesMax = segmentBytesMax;
    }

    /**
     * Opens the log and hands its configuration entries to the options' configuration manager.
     *
     * @return false if the log is damaged, in use, or cannot be read; {@link #failure()} then says why
     */
    @Override
    public boolean init(LogStorageOptions options) {
        ConfigurationManager manager =
                Objects.requireNonNull(options.getConfigurationManager(), "configuration manager");
        writing.lock();
        try {
            if (chain != null) {
                LOG.warn("The log in {} is open already", path);
                return true;
            }
            failure = null;
            open(manager);
            return true;
        } catch (IOException e) {
            failed("The log in " + path + " cannot be opened", e);
            closeFiles();
            return false;
        } finally {
            writing.unlock();
        }
    }

    private void open(ConfigurationManager manager) throws IOException {
        LogDirectory held = LogDirectory.hold(path);
        directory = held;
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(BACKGROUND_TASKS_MAX),
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("log-files-" + path.getFileName())
                        .unstarted(task),
                new ThreadPoolExecutor.CallerRunsPolicy());
        executor.allowCoreThreadTimeOut(true);
        background = executor;
        SegmentSupply newSupply = new SegmentSupply(held, fsync, executor);
        supply = newSupply;

        LogRecovery.Found found = LogRecovery.run(held);
        removeFiles(held, found.leftovers());
        Chain recovered = found.chain();
        long spareSequence = recovered == null ? 1 : recovered.active().header().sequence() + 1;
        int spareBytes = recovered == null
                ? firstSegmentBytes
                : sizeAfter(recovered.active().header().segmentBytes());
        if (found.spare() != null) {
            newSupply.adopt(spareSequence, spareBytes, found.spare());
        } else {
            newSupply.begin(spareSequence, spareBytes);
        }
        configurations.clear();
        configurations.addAll(found.pointers());

        if (recovered == null) {
            start(null, List.of(), 1, 1, Segment.RECORDS_START);
        } else {
            chain = recovered;
            if (found.tail() == Tail.INTERRUPTED) {
                LOG.warn(
                        "The last write to {} was interrupted; the log ends with entry {}",
                        recovered.active().segment().path(),
                        recovered.nextIndex() - 1);
                start(recovered, sealedWithActive(recovered), recovered.nextIndex(), recovered.firstIndex(), 0);
            } else {
                progressMark = 0;
                tellProgress(recovered.active());
            }
        }
        for (LogEntry entry : found.configurations()) {
            manager.add(configurationOf(entry));
        }
    }

    private static ConfigurationEntry configurationOf(LogEntry entry) {
        ConfigurationEntry configuration = new ConfigurationEntry();
        configuration.setId(new LogId(entry.getId().getIndex(), entry.getId().getTerm()));
        configuration.setConf(new Configuration(entry.getPeers(), entry.getLearners()));
        if (entry.getOldPeers() != null) {
            configuration.setOldConf(new Configuration(entry.getOldPeers(), entry.getOldLearners()));
        }
        return configuration;
    }

    /** Why the log takes no entries any more, or could not be opened; empty while it is in service. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void shutdown() {
        writing.lock();
        try {
            Chain open = chain;
            if (open != null && failure == null) {
                recordShutdown(open);
            }
            closeFiles();
        } finally {
            writing.unlock();
        }
    }

    private void recordShutdown(Chain open) {
        try {
            int bytes = (int) RecordFormat.totalBytes(0);
            if (bytes <= open.active().freeBytes()) {
                writeControl(open, RecordFormat.KIND_SHUTDOWN, ByteBuffer.allocate(0));
            }
        } catch (IOException e) {
            LOG.warn("The shutdown of the log in {} was not recorded; the next start works without", path, e);
        }
    }

    private void closeFiles() {
        Chain open = chain;
        chain = null;
        ThreadPoolExecutor executor = background;
        background = null;
        SegmentSupply lastSupply = supply;
        supply = null;
        LogDirectory held = directory;
        directory = null;
        try {
            if (lastSupply != null) {
                lastSupply.close();
            }
            if (executor != null) {
                executor.shutdown();
                if (!executor.awaitTermination(BACKGROUND_STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
                    LOG.warn("Files of the log in {} are still being removed", path);
                }
            }
            if (open != null) {
                for (Link link : open.sealed()) {
                    indexes.forget(link.segment());
                    link.segment().close();
                }
                open.active().segment().close();
            }
            if (held != null) {
                held.close();
            }
        } catch (IOException e) {
            LOG.warn("A file of the log in {} could not be closed", path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Interrupted while closing the log in {}", path);
        }
    }

    // ---- reading

    @Override
    public long getFirstLogIndex() {
        return open().firstIndex();
    }

    /** The last index, 0 if the log has no entries. */
    @Override
    public long getLastLogIndex() {
        Chain open = open();
        return open.isEmpty() ? 0 : open.nextIndex() - 1;
    }

    /**
     * Reads an entry.
     *
     * @return null if the index is before the first or after the last
     * @throws LogEntryCorruptedException if the entry is damaged or cannot be read
     */
    @Override
    public @Nullable LogEntry getEntry(long index) {
        return read(index, (segment, places, end) -> segment.read(index, places, end));
    }

    /** The term of an entry, 0 if the log does not have it. Fails as {@link #getEntry} does. */
    @Override
    @Deprecated
    public long getTerm(long index) {
        Long term = read(index, (segment, places, end) -> segment.term(index, places, end));
        return term == null ? 0 : term;
    }

    private interface Reading<T> {
        T from(Segment segment, SegmentIndex places, int end) throws IOException;
    }

    private <T> @Nullable T read(long index, Reading<T> reading) {
        while (true) {
            Chain seen = open();
            Link link = seen.find(index);
            if (link == null) {
                return null;
            }
            try {
                return reading.from(link.segment(), placesOf(seen, link), link.end());
            } catch (ClosedChannelException e) {
                if (seen.equals(chain)) {
                    throw unreadable(index, e);
                }
                // The segment has left the log since it was looked up; look again.
            } catch (IOException e) {
                throw unreadable(index, e);
            }
        }
    }

    private SegmentIndex placesOf(Chain seen, Link link) throws IOException {
        Segment segment = link.segment();
        if (segment == seen.active().segment()) {
            return seen.active().index();
        }
        SegmentIndex present = segment.index();
        SegmentIndex loaded = present != null ? present : segment.loadIndex(link.end(), link.endIndex());
        indexes.used(segment);
        return loaded;
    }

    private LogEntryCorruptedException unreadable(long index, IOException cause) {
        String message = "Entry " + index + " of the log in " + path + " cannot be read";
        failed(message, cause);
        return new LogEntryCorruptedException(message + ": " + cause.getMessage(), cause);
    }

    private Chain open() {
        Chain open = chain;
        if (open == null) {
            throw new IllegalStateException("the log in " + path + " is not open");
        }
        return open;
    }

    // ---- appending

    @Override
    public boolean appendEntry(LogEntry entry) {
        return appendEntries(List.of(entry)) == 1;
    }

    /**
     * Appends entries and returns when they are on the disk.
     *
     * @param entries with consecutive indexes from the one after the last
     * @return how many were appended; if not all of them, {@link #failure()} or the program's log says why
     */
    @Override
    public int appendEntries(@Nullable List<LogEntry> entries) {
        if (entries == null || entries.isEmpty()) {
            return 0;
        }
        writing.lock();
        try {
            int done = 0;
            while (done < entries.size()) {
                Chain open = usable("append");
                if (open == null) {
                    return done;
                }
                int appended = appendSome(open, entries.subList(done, entries.size()));
                if (appended == 0) {
                    return done;
                }
                done += appended;
            }
            return done;
        } finally {
            writing.unlock();
        }
    }

    /** As many entries as one write takes, and 0 if it failed. */
    private int appendSome(Chain open, List<LogEntry> entries) {
        int count = 0;
        long bytes = 0;
        for (LogEntry entry : entries) {
            long index = open.nextIndex() + count;
            if (entry.getId().getIndex() != index || entry.getType() == null) {
                LOG.error("Entry {} was to be appended to {} where {} comes next", entry, path, index);
                break;
            }
            long entryBytes = recordBytes(entry);
            if (entryBytes > RECORD_BYTES_MAX) {
                LOG.error("Entry {} is too large for the log in {}", entry, path);
                break;
            }
            if (count > 0 && bytes + entryBytes > WRITE_BYTES_MAX) {
                break;
            }
            bytes += entryBytes;
            count++;
        }
        if (count == 0) {
            return 0;
        }
        Chain target = withRoomFor(open, (int) bytes);
        if (target == null) {
            return 0;
        }
        List<ConfigurationPointer> added = new ArrayList<>(0);
        try {
            ActiveSegment active = target.active();
            int start = active.end();
            int before = active.index().entries();
            ByteBuffer records = bufferFor((int) bytes);
            encode(records, entries.subList(0, count), active, added);
            writeAndSync(active, records, start);
            configurations.addAll(added);
            publish(active, before + count, start + (int) bytes);
            return count;
        } catch (IOException e) {
            failed("An append to " + target.active().segment().path() + " failed", e);
            return 0;
        }
    }

    private static long recordBytes(LogEntry entry) {
        Preamble preamble = EntryCodec.preamble(entry, ConfigurationPointer.NONE);
        return RecordFormat.totalBytes((long) preamble.bytes().length + dataBytes(entry));
    }

    private static int dataBytes(LogEntry entry) {
        ByteBuffer data = entry.getData();
        return data == null ? 0 : data.remaining();
    }

    private void encode(
            ByteBuffer records, List<LogEntry> entries, ActiveSegment active, List<ConfigurationPointer> added) {
        long salt = active.header().salt();
        int segmentOffset = active.end();
        int durable = fsync ? segmentOffset : Segment.RECORDS_START;
        int at = 0;
        int relative = active.index().entries();
        for (LogEntry entry : entries) {
            ConfigurationPointer before = added.isEmpty() ? newestConfiguration() : added.getLast();
            Preamble preamble = EntryCodec.preamble(entry, before);
            int body = at + RecordFormat.HEADER_BYTES;
            records.put(body, preamble.bytes());
            int dataBytes = dataBytes(entry);
            if (dataBytes > 0) {
                ByteBuffer data = entry.getData();
                records.put(body + preamble.bytes().length, data, data.position(), dataBytes);
            }
            int bodyBytes = preamble.bytes().length + dataBytes;
            int offset = segmentOffset + at;
            RecordFormat.seal(
                    records,
                    at,
                    bodyBytes,
                    salt,
                    offset,
                    durable,
                    relative,
                    entry.getType().getNumber(),
                    preamble.flags(),
                    entry.getId().getTerm());
            active.place(relative, offset);
            if (EntryCodec.isConfiguration(entry)) {
                added.add(new ConfigurationPointer(
                        active.header().sequence(), offset, entry.getId().getIndex()));
            }
            at += (int) RecordFormat.totalBytes(bodyBytes);
            relative++;
        }
    }

    private ByteBuffer bufferFor(int bytes) {
        if (bytes > buffer.capacity()) {
            int capacity = Math.max(bytes, Math.min(WRITE_BYTES_MAX, 2 * buffer.capacity()));
            ByteBuffer larger = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
            if (capacity > WRITE_BYTES_MAX) {
                return larger.limit(bytes);
            }
            buffer = larger;
        }
        return buffer.clear().limit(bytes);
    }

    private void writeAndSync(ActiveSegment active, ByteBuffer records, int offset) throws IOException {
        active.segment().file().writeFully(records, offset);
        if (fsync) {
            active.segment().file().force();
        }
    }

    /** Makes what was written visible to readers. */
    private void publish(ActiveSegment active, int entries, int end) {
        active.publish(entries, end);
        tellProgress(active);
    }

    private void tellProgress(ActiveSegment active) {
        int end = active.end();
        if (end >= progressMark && supply != null) {
            int size = active.header().segmentBytes();
            supply.progress((double) end / size);
            progressMark = end + size / PROGRESS_STEPS;
        }
    }

    private void writeControl(Chain open, int kind, ByteBuffer body) throws IOException {
        ActiveSegment active = open.active();
        SegmentIndex before = active.index();
        int bodyBytes = body.remaining();
        int bytes = (int) RecordFormat.totalBytes(bodyBytes);
        ByteBuffer record = bufferFor(bytes);
        record.put(RecordFormat.HEADER_BYTES, body, 0, bodyBytes);
        int durable = fsync ? before.end() : Segment.RECORDS_START;
        RecordFormat.seal(
                record, 0, bodyBytes, active.header().salt(), before.end(), durable, before.entries(), kind, 0, 0);
        writeAndSync(active, record, before.end());
        publish(active, before.entries(), before.end() + bytes);
    }

    // ---- starting a segment

    /** The log with so many bytes free in its newest segment; null if they are not to be had. */
    private @Nullable Chain withRoomFor(Chain open, int bytes) {
        if (bytes <= open.active().freeBytes()) {
            return open;
        }
        return startOrFail(sealedWithActive(open), open.nextIndex(), open.firstIndex(), bytes);
    }

    private static List<Link> sealedWithActive(Chain open) {
        if (open.nextIndex() == open.active().firstIndex()) {
            return open.sealed();
        }
        List<Link> links = new ArrayList<>(open.sealed());
        links.add(new Link(open.active().segment(), open.active().end(), open.nextIndex()));
        return links;
    }

    private @Nullable Chain startOrFail(List<Link> sealed, long firstIndex, long logFirstIndex, int bytes) {
        try {
            return start(open(), sealed, firstIndex, logFirstIndex, bytes);
        } catch (SupplyException e) {
            LOG.error("The next segment of the log in {} cannot be made; nothing was written", path, e);
            return null;
        } catch (IOException e) {
            failed("A new segment of the log in " + path + " could not be started", e);
            return null;
        }
    }

    /** The next file could not be made. Nothing has changed. */
    private static final class SupplyException extends IOException {
        private static final long serialVersionUID = 1L;

        SupplyException(IOException cause) {
            super(cause);
        }
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
        SegmentSupply from = Objects.requireNonNull(supply, "open");
        SegmentFile file;
        try {
            file = from.take(Segment.RECORDS_START + recordBytes);
        } catch (IOException e) {
            throw new SupplyException(e);
        }
        long sequence = before == null ? 1 : before.active().header().sequence() + 1;
        int segmentBytes = Math.toIntExact(file.sizeBytes());
        Link previous = sealed.isEmpty() ? null : sealed.getLast();
        configurations.removeIf(pointer -> pointer.index() >= firstIndex || pointer.index() < logFirstIndex);
        SegmentHeader header = new SegmentHeader(
                segmentBytes,
                before == null
                        ? ThreadLocalRandom.current().nextLong()
                        : before.active().header().logId(),
                sequence,
                ThreadLocalRandom.current().nextLong(),
                firstIndex,
                logFirstIndex,
                previous == null ? 0 : previous.segment().sequence(),
                previous == null ? 0 : previous.end(),
                newestConfiguration());
        file.writeFully(header.encode(), 0);
        if (fsync) {
            file.force();
        }
        ActiveSegment active = new ActiveSegment(
                new Segment(file, header, null), new SegmentIndex.Builder(), 0, Segment.RECORDS_START);
        Chain now = new Chain(sealed, active, logFirstIndex);
        chain = now;
        from.begin(sequence + 1, sizeAfter(segmentBytes));
        progressMark = 0;
        tellProgress(active);
        if (before != null) {
            leaveBehind(before, now);
        }
        return now;
    }

    private int sizeAfter(int segmentBytes) {
        return (int) Math.max(firstSegmentBytes, Math.min(segmentBytesMax, 2L * segmentBytes));
    }

    private ConfigurationPointer newestConfiguration() {
        return configurations.isEmpty() ? ConfigurationPointer.NONE : configurations.getLast();
    }

    /** Has files removed that are not part of the log any more, and others cut to the part that is. */
    private void leaveBehind(Chain before, Chain now) {
        List<Segment> gone = new ArrayList<>();
        before.sealed().forEach(link -> gone.add(link.segment()));
        gone.add(before.active().segment());
        for (Link link : now.sealed()) {
            gone.remove(link.segment());
            if (link.segment() == before.active().segment()) {
                link.segment().publish(before.active().index());
                indexes.used(link.segment());
                inBackground(() -> trim(link));
            }
        }
        gone.remove(now.active().segment());
        if (!gone.isEmpty()) {
            LogDirectory held = Objects.requireNonNull(directory, "open");
            inBackground(() -> remove(held, gone));
        }
    }

    private void inBackground(Runnable task) {
        ThreadPoolExecutor executor = background;
        if (executor != null) {
            executor.execute(task);
        }
    }

    private void trim(Link link) {
        try {
            SegmentFile file = link.segment().file();
            if (file.sizeBytes() - link.end() >= TRIM_BYTES_MIN) {
                file.truncate(link.end());
            }
        } catch (IOException e) {
            LOG.warn(
                    "{} could not be cut to its length; it takes more space than it needs",
                    link.segment().path(),
                    e);
        }
    }

    private void remove(LogDirectory held, List<Segment> segments) {
        try {
            List<Path> paths = new ArrayList<>();
            for (Segment segment : segments) {
                indexes.forget(segment);
                segment.close();
                paths.add(segment.path());
            }
            removeFiles(held, paths);
        } catch (IOException e) {
            LOG.warn("Old files of the log in {} could not be removed; the next start will do it", path, e);
        }
    }

    private void removeFiles(LogDirectory held, List<Path> paths) throws IOException {
        for (Path file : paths) {
            Files.deleteIfExists(file);
        }
        if (fsync && !paths.isEmpty()) {
            held.sync();
        }
    }

    // ---- truncating

    /** Drops entries before an index, which becomes the first; the log may then be empty. */
    @Override
    public boolean truncatePrefix(long firstIndexKept) {
        writing.lock();
        try {
            Chain open = usable("truncate");
            if (open == null) {
                return false;
            }
            if (firstIndexKept <= open.firstIndex()) {
                return true;
            }
            if (firstIndexKept >= open.nextIndex()) {
                return startOrFail(List.of(), firstIndexKept, firstIndexKept, 0) != null;
            }
            return dropBefore(open, firstIndexKept);
        } finally {
            writing.unlock();
        }
    }

    private boolean dropBefore(Chain open, long firstIndexKept) {
        List<Link> kept = new ArrayList<>(open.sealed());
        kept.removeIf(link -> link.endIndex() <= firstIndexKept);
        int recordBytes = (int) RecordFormat.totalBytes(Long.BYTES);
        if (recordBytes > open.active().freeBytes()) {
            List<Link> sealed = sealedWithActive(new Chain(kept, open.active(), firstIndexKept));
            return startOrFail(sealed, open.nextIndex(), firstIndexKept, 0) != null;
        }
        try {
            ByteBuffer body = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(firstIndexKept)
                    .flip();
            writeControl(open, RecordFormat.KIND_FIRST_INDEX, body);
        } catch (IOException e) {
            failed("The first index " + firstIndexKept + " of the log in " + path + " could not be written", e);
            return false;
        }
        Chain now = new Chain(kept, open.active(), firstIndexKept);
        chain = now;
        configurations.removeIf(pointer -> pointer.index() < firstIndexKept);
        leaveBehind(open, now);
        return true;
    }

    /** Drops entries after an index. They do not come back, whatever happens next. */
    @Override
    public boolean truncateSuffix(long lastIndexKept) {
        writing.lock();
        try {
            Chain open = usable("truncate");
            if (open == null) {
                return false;
            }
            if (lastIndexKept >= open.nextIndex() - 1) {
                return true;
            }
            if (lastIndexKept < open.firstIndex() - 1) {
                LOG.error(
                        "Entry {} was to be the last of the log in {}, but it begins at {}",
                        lastIndexKept,
                        path,
                        open.firstIndex());
                return false;
            }
            List<Link> sealed = keptUpTo(open, lastIndexKept);
            return startOrFail(sealed, lastIndexKept + 1, open.firstIndex(), 0) != null;
        } catch (IOException e) {
            failed("The end of entry " + lastIndexKept + " of the log in " + path + " could not be found", e);
            return false;
        } finally {
            writing.unlock();
        }
    }

    private List<Link> keptUpTo(Chain open, long lastIndexKept) throws IOException {
        List<Link> kept = new ArrayList<>();
        Link last = open.find(lastIndexKept);
        if (last != null) {
            open.sealed().stream()
                    .takeWhile(link -> link.segment() != last.segment())
                    .forEach(kept::add);
            int end = last.segment().endOf(lastIndexKept, placesOf(open, last), last.end());
            kept.add(new Link(last.segment(), end, lastIndexKept + 1));
        }
        return kept;
    }

    /**
     * Makes the log empty.
     *
     * @param nextLogIndex index of the entry that will be appended next
     */
    @Override
    public boolean reset(long nextLogIndex) {
        if (nextLogIndex <= 0) {
            throw new IllegalArgumentException("the next index of a log must be positive: " + nextLogIndex);
        }
        writing.lock();
        try {
            Chain open = usable("reset");
            return open != null && startOrFail(List.of(), nextLogIndex, nextLogIndex, 0) != null;
        } finally {
            writing.unlock();
        }
    }

    // ---- failing

    private @Nullable Chain usable(String operation) {
        Chain open = chain;
        String reason = open == null ? "it is not open" : failure;
        if (reason != null) {
            LOG.error("Cannot {} the log in {}: {}", operation, path, reason);
            return null;
        }
        return open;
    }

    private void failed(String message, IOException cause) {
        if (failure == null) {
            failure = message + ": " + cause.getMessage();
        }
        LOG.error("{}", message, cause);
    }
}
