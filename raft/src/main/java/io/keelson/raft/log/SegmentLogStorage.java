package io.keelson.raft.log;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.error.LogEntryCorruptedException;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
 * removes files; at most {@value OpenLog#BACKGROUND_TASKS_MAX} tasks wait for it, after which the caller does them.
 *
 * <p>Memory: a write buffer as large as the largest write so far, at most {@value RecordBuffer#WRITE_BYTES_MAX} bytes (a longer list
 * becomes several writes); at most 256 KiB for the newest segment and for each of up to 32 others that were read lately.
 */
public final class SegmentLogStorage implements LogStorage {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLogStorage.class);

    /** A new log is small: its first segment is made while the caller waits. */
    private static final int FIRST_SEGMENT_BYTES = 4 << 20;

    private static final int SEGMENT_BYTES_MAX = 64 << 20;

    private static final int FAILED = -1;

    private final Path path;
    private final boolean fsync;
    private final OpenLog.SegmentSizes sizes;
    private final WriteObserver observer;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile @Nullable OpenLog log;
    private volatile @Nullable String failure;

    // The newest entries, as far as they are of one term. Raft asks for a term with every heartbeat and every round of
    // reads, nearly always that of the last entry.
    private volatile TermRun newest = TermRun.NONE;

    /** Entries that follow each other and have the same term; none if {@code last} is before {@code first}. */
    private record TermRun(long first, long last, long term) {
        static final TermRun NONE = new TermRun(1, 0, 0);

        boolean contains(long index) {
            return first <= index && index <= last;
        }

        TermRun with(LogEntry entry) {
            long index = entry.getId().getIndex();
            long entryTerm = entry.getId().getTerm();
            return index == last + 1 && entryTerm == term
                    ? new TermRun(first, index, term)
                    : new TermRun(index, index, entryTerm);
        }
    }

    /**
     * @param directory for this log alone; made if missing
     * @param fsync whether an append waits for the disk. Without it, entries survive the end of the process but not a
     *     power cut, after which the log may refuse to open.
     * @param observer hears of writes and syncs
     */
    public SegmentLogStorage(Path directory, boolean fsync, WriteObserver observer) {
        this(directory, fsync, FIRST_SEGMENT_BYTES, SEGMENT_BYTES_MAX, observer);
    }

    /** A log that nobody observes. */
    public SegmentLogStorage(Path directory, boolean fsync) {
        this(directory, fsync, WriteObserver.NONE);
    }

    SegmentLogStorage(Path directory, boolean fsync, int firstSegmentBytes, int segmentBytesMax) {
        this(directory, fsync, firstSegmentBytes, segmentBytesMax, WriteObserver.NONE);
    }

    private SegmentLogStorage(
            Path directory, boolean fsync, int firstSegmentBytes, int segmentBytesMax, WriteObserver observer) {
        this.path = directory;
        this.fsync = fsync;
        this.sizes = new OpenLog.SegmentSizes(firstSegmentBytes, segmentBytesMax);
        this.observer = observer;
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
        changing.lock();
        try {
            if (log != null) {
                LOG.warn("The log in {} is open already", path);
                return true;
            }
            failure = null;
            newest = TermRun.NONE;
            log = OpenLog.open(path, fsync, sizes, observer, entry -> manager.add(configurationOf(entry)));
            return true;
        } catch (IOException e) {
            fail("The log in " + path + " cannot be opened", e);
            return false;
        } finally {
            changing.unlock();
        }
    }

    private static ConfigurationEntry configurationOf(LogEntry entry) {
        ConfigurationEntry configuration = new ConfigurationEntry();
        configuration.setId(entry.getId().copy());
        configuration.setConf(new Configuration(entry.getPeers(), entry.getLearners()));
        if (entry.getOldPeers() != null) {
            configuration.setOldConf(new Configuration(entry.getOldPeers(), entry.getOldLearners()));
        }
        return configuration;
    }

    @Override
    public void shutdown() {
        changing.lock();
        try {
            OpenLog open = log;
            if (open == null) {
                return;
            }
            if (failure == null) {
                recordShutdown(open);
            }
            log = null;
            open.close();
        } finally {
            changing.unlock();
        }
    }

    private void recordShutdown(OpenLog open) {
        try {
            open.recordShutdown();
        } catch (IOException e) {
            LOG.warn("The shutdown of the log in {} was not recorded; the next start works without", path, e);
        }
    }

    /** Why the log takes no entries any more, or could not be opened; empty while it is in service. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public long getFirstLogIndex() {
        return open().chain().firstIndex();
    }

    /** The last index, 0 if the log has no entries. */
    @Override
    public long getLastLogIndex() {
        Chain chain = open().chain();
        return chain.isEmpty() ? 0 : chain.nextIndex() - 1;
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
        TermRun run = newest;
        if (run.contains(index)) {
            return run.term();
        }
        Long term = read(index, (segment, places, end) -> segment.term(index, places, end));
        return term == null ? 0 : term;
    }

    private <T> @Nullable T read(long index, OpenLog.Reading<T> reading) {
        try {
            return open().read(index, reading);
        } catch (IOException e) {
            String message = "Entry " + index + " of the log in " + path + " cannot be read";
            fail(message, e);
            throw new LogEntryCorruptedException(message + ": " + e.getMessage(), e);
        }
    }

    private OpenLog open() {
        OpenLog open = log;
        if (open == null) {
            throw new IllegalStateException("the log in " + path + " is not open");
        }
        return open;
    }

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
        if (entries == null) {
            return 0;
        }
        int done = 0;
        changing.lock();
        try {
            while (done < entries.size()) {
                List<LogEntry> rest = entries.subList(done, entries.size());
                int appended = change("append to", open -> open.append(rest));
                if (appended == FAILED) {
                    break;
                }
                TermRun run = newest;
                for (LogEntry entry : rest.subList(0, appended)) {
                    run = run.with(entry);
                }
                newest = run;
                done += appended;
            }
        } finally {
            changing.unlock();
        }
        return done;
    }

    /** Drops entries before an index, which becomes the first; the log may then be empty. */
    @Override
    public boolean truncatePrefix(long firstIndexKept) {
        return changed("truncate the beginning of", open -> open.truncatePrefix(firstIndexKept));
    }

    /** Drops entries after an index. They do not come back, whatever happens next. */
    @Override
    public boolean truncateSuffix(long lastIndexKept) {
        return changed("truncate the end of", open -> open.truncateSuffix(lastIndexKept));
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
        return changed("reset", open -> open.reset(nextLogIndex));
    }

    private interface Change {
        int on(OpenLog open) throws IOException;
    }

    private interface WholeChange {
        void on(OpenLog open) throws IOException;
    }

    private boolean changed(String what, WholeChange change) {
        changing.lock();
        try {
            newest = TermRun.NONE;
            return change(what, open -> {
                        change.on(open);
                        return 1;
                    })
                    != FAILED;
        } finally {
            changing.unlock();
        }
    }

    private int change(String what, Change change) {
        OpenLog open = log;
        String problem = open == null ? "it is not open" : failure;
        if (open == null || problem != null) {
            LOG.error("Cannot {} the log in {}: {}", what, path, problem);
            return FAILED;
        }
        try {
            return change.on(open);
        } catch (RefusedException e) {
            LOG.error("Cannot {} the log in {}: {}", what, path, e.getMessage());
            return FAILED;
        } catch (IOException e) {
            fail("Could not " + what + " the log in " + path, e);
            return FAILED;
        }
    }

    private void fail(String message, IOException cause) {
        if (failure == null) {
            failure = message + ": " + cause.getMessage();
        }
        LOG.error("{}", message, cause);
    }
}
