package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Maintenance;
import io.keelson.kvstore.storage.StorageException;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops, in the background, what a compaction made unreadable.
 *
 * <p>It walks {@code REVISION} from where the last compaction ended up to the compacted revision. Every change there drops
 * the version it put an end to, from {@code HISTORY} and from {@code REVISION}; a deletion before the compacted revision
 * drops its own traces too (one at that very revision stays until the next compaction, as in etcd). So the work is in
 * proportion to the changes compacted, not to the keys there are.
 *
 * <p>It works in batches of bounded size, each of which carries the place it has come to, so that after a crash it goes
 * on from there. What is read never depends on how far it has come: readers go by the compacted revision, which is part of
 * the state and set by the command. Between batches it rests as long as the batch took, and at least {@link #pauseMs}.
 */
public final class Compactor implements CompactionListener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Compactor.class);
    private static final byte[] PROGRESS_KEY = "compaction".getBytes(StandardCharsets.UTF_8);
    private static final int PROGRESS_BYTES = 3 * Long.BYTES + Integer.BYTES;
    private static final int BATCH_BYTES_MAX = 1 << 20;
    private static final int CLOSE_DEADLINE_MS = 10_000;

    private final Database database;
    private final int batchChangesMax;
    private final long pauseMs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Waiter> waiters = new ArrayList<>();
    private final Thread thread;
    private long wanted;
    private long finished = -1;
    private boolean reloaded;
    private boolean closed;
    private volatile @Nullable CompactionObserver observer;

    private record Waiter(long revision, CompletableFuture<Void> done) {}

    /**
     * How far the work has come; a row of {@code META}.
     *
     * @param finished the last compaction whose work is done; -1 for none
     * @param target the compaction under way, or else the one finished
     * @param main where to go on: revision
     * @param sub where to go on: place in it
     */
    record Progress(long finished, long target, long main, int sub) {
        static Progress decode(byte @Nullable [] bytes) {
            if (bytes == null) {
                return new Progress(-1, -1, 0, 0);
            }
            ByteBuffer in = ByteBuffer.wrap(bytes);
            return new Progress(in.getLong(), in.getLong(), in.getLong(), in.getInt());
        }

        byte[] encode() {
            return ByteBuffer.allocate(PROGRESS_BYTES)
                    .putLong(finished)
                    .putLong(target)
                    .putLong(main)
                    .putInt(sub)
                    .array();
        }
    }

    /**
     * Starts the background thread, which takes up what a crash interrupted.
     *
     * @param batchChangesMax changes handled in one write
     * @param pauseMs least rest between two batches
     */
    public Compactor(Database database, int batchChangesMax, long pauseMs) {
        this.database = database;
        this.batchChangesMax = batchChangesMax;
        this.pauseMs = pauseMs;
        this.wanted = database.published().compactRevision();
        this.thread = Thread.ofPlatform().name("keelson-compactor").daemon().unstarted(this::run);
        thread.start();
    }

    /** The last compaction whose work is done in a state; -1 for none. */
    static long finishedRevision(Tables tables) {
        return Progress.decode(tables.get(Table.META, PROGRESS_KEY)).finished;
    }

    /** The pace of a server: a thousand changes, then at least ten milliseconds of rest. */
    public static Compactor start(Database database) {
        return new Compactor(database, 1000, 10);
    }

    /** Sets who hears how the work goes on. */
    public void observer(CompactionObserver newObserver) {
        observer = newObserver;
    }

    /** Tells of a compaction whose command is written. Returns at once. */
    @Override
    public void compacted(long revision) {
        lock.lock();
        try {
            wanted = Math.max(wanted, revision);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells that the database is another one. */
    @Override
    public void restored(long compactRevision) {
        lock.lock();
        try {
            wanted = compactRevision;
            finished = -1;
            reloaded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Completes when what a compaction to the revision made unreadable is dropped; with an exception if it cannot be. */
    public CompletableFuture<Void> finished(long revision) {
        lock.lock();
        try {
            CompletableFuture<Void> done = new CompletableFuture<>();
            if (finished >= revision) {
                done.complete(null);
            } else if (closed) {
                done.completeExceptionally(closedFailure());
            } else {
                waiters.add(new Waiter(revision, done));
            }
            return done;
        } finally {
            lock.unlock();
        }
    }

    private static StorageException closedFailure() {
        return new StorageException(StorageException.Kind.CLOSED, "the compactor is closed");
    }

    private void run() {
        RuntimeException failure = closedFailure();
        try {
            while (awaitWork()) {
                long to = wantedNow();
                long beganNs = System.nanoTime();
                database.saveCounts();
                boolean more = step(to);
                while (more) {
                    // A step rests by itself.
                    more = step(to);
                }
                tellFinished(to, System.nanoTime() - beganNs);
            }
        } catch (StorageException e) {
            failure = e;
            if (e.kind() != StorageException.Kind.CLOSED) {
                log.error("history is not dropped any more", e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(failure);
        }
    }

    private void tellFinished(long to, long tookNs) {
        CompactionObserver told = observer;
        if (told == null) {
            return;
        }
        boolean done;
        lock.lock();
        try {
            done = to > 0 && finished >= to;
        } finally {
            lock.unlock();
        }
        if (done) {
            told.finished(tookNs);
        }
    }

    private void end(RuntimeException failure) {
        List<Waiter> left;
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(waiters);
            waiters.clear();
        } finally {
            lock.unlock();
        }
        left.forEach(waiter -> waiter.done.completeExceptionally(failure));
    }

    private boolean awaitWork() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && finished >= wanted && !reloaded) {
                changed.await();
            }
            reloaded = false;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private long wantedNow() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    /** One batch towards a revision; returns whether there is more to do. */
    private boolean step(long to) throws InterruptedException {
        long beganNs = System.nanoTime();
        boolean more;
        try (Maintenance maintenance = database.maintenance()) {
            Progress progress = Progress.decode(maintenance.get(Table.META, PROGRESS_KEY));
            if (progress.finished < to) {
                progress = advance(maintenance, progress, to);
            }
            more = progress.finished < to;
            if (!more) {
                finish(maintenance, progress.finished);
            }
        }
        if (more) {
            long tookMs = (System.nanoTime() - beganNs) / 1_000_000;
            return rest(Math.max(pauseMs, tookMs));
        }
        return false;
    }

    /** Rests; returns whether to go on with the same work afterwards. */
    private boolean rest(long durationMs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNs = durationMs * 1_000_000;
            while (leftNs > 0 && !closed && !reloaded) {
                leftNs = changed.awaitNanos(leftNs);
            }
            return !closed && !reloaded;
        } finally {
            lock.unlock();
        }
    }

    private void finish(Maintenance maintenance, long revision) {
        List<Waiter> done = new ArrayList<>();
        lock.lock();
        try {
            if (!reloaded && maintenance.inForce()) {
                finished = revision;
                waiters.removeIf(waiter -> waiter.revision <= revision && done.add(waiter));
            }
        } finally {
            lock.unlock();
        }
        done.forEach(waiter -> waiter.done.complete(null));
    }

    private Progress advance(Maintenance maintenance, Progress from, long to) {
        long beganNs = System.nanoTime();
        int handled = 0;
        int dropped = 0;
        Progress reached = new Progress(to, to, to, 0);
        // The deletions of the target's own revision were left alone: with a later target they have to be met again.
        int sub = from.target == to ? from.sub : 0;
        try (Cursor cursor = maintenance.cursor(
                Table.REVISION, RevisionEntry.tableKey(from.main, sub), RevisionEntry.tableKey(to + 1, 0), true)) {
            for (; cursor.valid(); cursor.next()) {
                byte[] place = cursor.key();
                if (handled >= batchChangesMax || maintenance.sizeBytes() >= BATCH_BYTES_MAX) {
                    reached = new Progress(from.finished, to, RevisionEntry.main(place), RevisionEntry.sub(place));
                    break;
                }
                RevisionEntry change = RevisionEntry.decode(place, cursor.value());
                if (change.supersededMain() != 0) {
                    drop(maintenance, change.key(), change.supersededMain(), change.supersededSub());
                    dropped++;
                }
                if (change.delete() && change.main() < to) {
                    drop(maintenance, change.key(), change.main(), change.sub());
                    dropped++;
                }
                handled++;
            }
        }
        maintenance.put(Table.META, PROGRESS_KEY, reached.encode());
        maintenance.write();
        CompactionObserver told = observer;
        if (told != null) {
            told.dropped(dropped, System.nanoTime() - beganNs);
        }
        return reached;
    }

    private static void drop(Maintenance maintenance, byte[] key, long main, int sub) {
        maintenance.delete(Table.HISTORY, HistoryKey.of(key, main, sub));
        maintenance.delete(Table.REVISION, RevisionEntry.tableKey(main, sub));
    }

    /** Stops after the batch under way. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(CLOSE_DEADLINE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
