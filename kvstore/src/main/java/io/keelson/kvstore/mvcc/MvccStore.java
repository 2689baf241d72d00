package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.NotInMemoryException;
import io.keelson.kvstore.storage.View;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Key-values with history, for those who read them. Any thread; every read sees one state, the one after some whole batch,
 * and no read waits for a write or holds one up.
 *
 * <h2>Where things are</h2>
 *
 * Three tables, here after {@code put a=1}, {@code put b=2}, {@code put a=3}, {@code delete b} (revisions 2 to 5; an empty
 * store has revision 1). A record shows as {@code [create mod version value]}:
 *
 * <pre>
 * CURRENT            HISTORY                         REVISION
 * a → [2 4 2 "3"]    a ~2.0 → [2 2 1 "1"]            2.0 → put a
 *                    b ~5.0 → tombstone              3.0 → put b
 *                    b ~3.0 → [3 3 1 "2"]            4.0 → put a, ends 2.0
 *                                                    5.0 → delete b, ends 3.0
 * </pre>
 *
 * The newest version of a key is one lookup in {@code CURRENT}, a range is one ordered walk over it, and nothing dead lies
 * in between. A superseded version moves to {@code HISTORY}, where the versions of a key lie newest first ({@code ~} is the
 * inverted revision): key a at revision 3 is younger in {@code CURRENT} (4), so one seek to {@code a ~3} finds version 2.
 * Key b at revision 5 meets its tombstone. {@code REVISION} has one line per change, in order, without values: watchers
 * that are behind, exports and compaction walk it.
 *
 * <p>Compaction to 5 walks the lines 2 to 5. Line 4 ended version 2.0, which is dropped from {@code HISTORY} and {@code
 * REVISION}; line 5 ended 3.0, which goes too. The deletion itself stays because 5 is the compacted revision; the next
 * compaction drops it. What is left:
 *
 * <pre>
 * CURRENT            HISTORY                         REVISION
 * a → [2 4 2 "3"]    b ~5.0 → tombstone              4.0 → put a, ends 2.0
 *                                                    5.0 → delete b, ends 3.0
 * </pre>
 */
public final class MvccStore implements EventHistory {
    private final Database database;
    private final Compactor compactor;
    private final AnswerRoom answers;
    private final LongAdder ranges = new LongAdder();
    private volatile RangeObserver observer = (success, nanos) -> {};

    /** @param answerBytesMax what the answers to requests that are under way may take together */
    public MvccStore(Database database, Compactor compactor, long answerBytesMax) {
        this.database = database;
        this.compactor = compactor;
        this.answers = new AnswerRoom(answerBytesMax);
        database.keepCounts(new RevisionChanges());
    }

    /** Sets who hears how long ranges take, those inside transactions and those read in pieces not counted. */
    public void observer(RangeObserver newObserver) {
        observer = newObserver;
    }

    View view() {
        return database.view();
    }

    @Override
    public long currentRevision() {
        return database.published().revision();
    }

    @Override
    public long compactRevision() {
        return database.published().compactRevision();
    }

    /** The log entry up to which readers see everything. */
    public long appliedIndex() {
        return database.published().index();
    }

    /** The memory for answers; whoever asks for one keeps a share until the answer is handed over. */
    public AnswerRoom answers() {
        return answers;
    }

    /**
     * Answers a range request that {@link io.keelson.kvstore.apply.RequestValidation} let pass.
     *
     * @param room for the answer
     * @throws io.keelson.kvstore.errors.EtcdException COMPACTED, FUTURE_REV, or what {@link AnswerRoom.Share#take} throws
     */
    public RangeResult range(RangeRequest request, AnswerRoom.Share room) {
        ranges.increment();
        long beganNs = System.nanoTime();
        boolean success = false;
        try (View view = database.view()) {
            RangeResult result =
                    new RangeReader(view, view.state().revision(), view.state().compactRevision(), room).read(request);
            success = true;
            return result;
        } finally {
            observer.ranged(success, System.nanoTime() - beganNs);
        }
    }

    /**
     * Lets the keys of a range be counted if the answer to a request says how many there are, is not to have them all, and
     * nobody has counted them yet. Does not wait.
     *
     * @return completes when the request can be answered without walking over the whole range; null if it can be now, or
     *     never can
     * @throws java.util.concurrent.RejectedExecutionException if too many wait for such already
     */
    public @Nullable CompletableFuture<Void> counted(RangeRequest request) {
        boolean some = request.getLimit() > 0 || request.getCountOnly();
        if (request.getRangeEnd().isEmpty() || !some || walks(request)) {
            return null;
        }
        KeyRange range = KeyRange.of(
                request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
        return range.empty() ? null : database.counted(range.from(), range.to());
    }

    /** Whether the answer to a request takes a walk over the whole range, however few of its keys are wanted. */
    public static boolean walks(RangeRequest request) {
        if (request.getRangeEnd().isEmpty()) {
            return false;
        }
        boolean all = !request.getCountOnly() && (RangeReader.sorts(request) || RangeReader.filters(request));
        // What is left of a range is counted too, which is known of the newest state only.
        return all || request.getRevision() > 0;
    }

    /** Range requests that were read here, not counting those inside transactions. */
    public long rangesTotal() {
        return ranges.sum();
    }

    /**
     * Answers a request for the newest version of a single key, for threads that must not wait for the disk.
     *
     * @param room for the answer
     * @return null if the disk would have to be asked
     */
    public @Nullable RangeResult rangeInMemory(RangeRequest request, AnswerRoom.Share room) {
        long beganNs = System.nanoTime();
        try (View view = database.view()) {
            AppliedState state = view.state();
            RangeResult result =
                    new RangeReader(view.inMemory(), state.revision(), state.compactRevision(), room).read(request);
            ranges.increment();
            observer.ranged(true, System.nanoTime() - beganNs);
            return result;
        } catch (NotInMemoryException e) {
            return null;
        }
    }

    /** Answers a range request in pieces of about 1 MiB. */
    public RangeStream rangeStream(RangeRequest request) {
        ranges.increment();
        return new RangeStream(this, request);
    }

    /**
     * The answer to a transaction that only reads.
     *
     * @param revision for the response header
     * @param body the {@code TxnResponse} without its header
     */
    public record TxnResult(long revision, AnswerBody body) {}

    /**
     * Answers a transaction that only reads, whichever way its comparisons go.
     *
     * @param room for the answer
     * @throws io.keelson.kvstore.errors.EtcdException COMPACTED, FUTURE_REV, or what {@link AnswerRoom.Share#take} throws
     */
    public TxnResult readTxn(TxnRequest request, AnswerRoom.Share room) {
        try (View view = database.view()) {
            long revision = view.state().revision();
            Operations operations =
                    Operations.reading(view, revision, view.state().compactRevision(), room);
            AnswerBody body = operations.txn(request);
            if (operations.answerTooLarge()) {
                throw EtcdError.RESPONSE_TOO_LARGE.exception();
            }
            return new TxnResult(revision, body);
        }
    }

    @Override
    public long read(long fromRevision, long toRevision, KeyRange range, boolean withPrevious, Visitor visitor) {
        try (View view = database.view()) {
            return new StoredEvents(view, range, withPrevious, visitor).read(fromRevision, toRevision);
        }
    }

    /**
     * Hashes all versions that are kept, up to a revision. Reads everything there is.
     *
     * @param revision 0 for the newest
     * @throws io.keelson.kvstore.errors.EtcdException COMPACTED or FUTURE_REV
     */
    public KvHash hashKv(long revision) {
        try (View view = database.view()) {
            return KvHash.of(view, revision);
        }
    }

    /** Everything that is kept, in the order of revisions. To be closed. */
    public HistoryExport export() {
        return new HistoryExport(database.view());
    }

    /** Completes when what a compaction to the revision made unreadable has been dropped from disk. */
    public CompletableFuture<Void> compactionFinished(long revision) {
        return compactor.finished(revision);
    }
}
