package io.keelson.kvstore.storage;

import io.keelson.kvstore.storage.KeyCounts.Change;
import io.keelson.kvstore.storage.KeyCounts.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts keys where somebody wants to know how many there are and nobody has looked yet, as after a start, and cuts segments
 * that have grown; on a thread of its own, so that the threads of readers never walk for long, and many who ask for the
 * same wait for one walk. The thread goes when there is nothing to do.
 *
 * <p>What is known is saved in the database now and then. After a start, changes since are looked up in the history, as far
 * as that was not compacted, and added.
 *
 * <p>It walks a few thousand keys at a time, each time in the newest state, so that it holds no state back for long and what
 * it finds is still of use.
 */
final class KeyCensus implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KeyCensus.class);

    /** Ranges that wait to be counted. */
    private static final int WAITING_MAX = 1_024;

    /** Counts are saved after so many changes, or revisions: more of them would be read again after a start. */
    private static final int CHANGES_UNSAVED_MAX = 1 << 16;

    private static final int REVISIONS_UNSAVED_MAX = 1 << 18;
    private static final int CHANGES_AT_ONCE = 1 << 13;
    private static final int IDLE_SECONDS = 10;
    private static final int CLOSE_SECONDS = 10;

    /** After so many walks whose result was of no use, those who wait must walk by themselves. */
    private static final int USELESS_MAX = 3;

    private final Database database;
    private final KeyCounting counting;
    private final ThreadPoolExecutor thread;
    private final AtomicBoolean cutting = new AtomicBoolean();

    /** Where in the history keys came and went; null if counts are not to be found again after a start. */
    private volatile @Nullable KeyChanges history;

    /** Up to which change and revision counts were saved; the census's thread. */
    private long savedChanges;

    private long savedRevision;
    private volatile boolean closed;

    KeyCensus(Database database, KeyCounting counting) {
        this.database = database;
        this.counting = counting;
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().name("key-census").daemon(true).factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /** Takes in what changed, and cuts segments that have grown by it. Does not wait. */
    void cut() {
        if (!closed && cutting.compareAndSet(false, true) && !submit(this::cutGrown)) {
            // The next batch asks again.
            cutting.set(false);
        }
    }

    private void cutGrown() {
        cutting.set(false);
        long untilSaved = Math.max(CHANGES_UNSAVED_MAX, counting.takeIn().segments());
        if (counting.recent().changes() - savedChanges >= untilSaved
                || database.published().revision() - savedRevision >= REVISIONS_UNSAVED_MAX) {
            save();
        }
        walk(counts -> {
            Segment grown = counts.grown();
            return grown == null ? null : new Walk(grown.from(), grown.to(), grown.to());
        });
    }

    /**
     * Completes when the number of keys in a range is known, or cannot be made known.
     *
     * @throws RejectedExecutionException if too many wait already
     */
    CompletableFuture<Void> survey(byte[] from, byte @Nullable [] to) {
        return CompletableFuture.runAsync(
                () -> walk(counts -> {
                    Segment unsettled = counts.unsettled(from, to);
                    if (unsettled == null) {
                        return null;
                    }
                    // To begin within a segment that is known would lose what is known of it.
                    boolean whole = unsettled.known() || Arrays.compareUnsigned(unsettled.from(), from) > 0;
                    return new Walk(whole ? unsettled.from() : from, unsettled.to(), to);
                }),
                thread);
    }

    /**
     * Where to walk.
     *
     * @param to the end of the segment, exclusive; null for the end of all keys
     * @param wanted how far is asked for, exclusive; null for the end of all keys
     */
    private record Walk(byte[] from, byte @Nullable [] to, byte @Nullable [] wanted) {}

    private void walk(Function<KeyCounts, @Nullable Walk> next) {
        int useless = 0;
        while (!closed && useless < USELESS_MAX) {
            try (View view = database.view()) {
                KeyCounter counter = view.counter();
                if (counter == null) {
                    useless++;
                    continue;
                }
                Walk walk = next.apply(counter.counts());
                if (walk == null) {
                    return;
                }
                useless = counter.survey(walk.from, walk.to, walk.wanted) ? 0 : useless + 1;
            } catch (StorageException e) {
                // Whoever reads or writes meets it too, and says so.
                return;
            }
        }
    }

    /** From now on counts outlast a restart: takes up what was saved. Does not wait. */
    void persist(KeyChanges keyChanges) {
        history = keyChanges;
        load();
    }

    /** Another database is in force: takes up what was saved in it. Does not wait. */
    void load() {
        KeyChanges changes = history;
        if (changes != null) {
            submit(() -> loadFrom(changes));
        }
    }

    /** Saves what is known. Does not wait. */
    void keep() {
        submit(this::save);
    }

    /** Returns false if too much waits already, or it is closed; all that is lost then is time later. */
    private boolean submit(Runnable work) {
        try {
            thread.execute(work);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void loadFrom(KeyChanges changes) {
        try (View view = database.view()) {
            SavedCounts saved = SavedCounts.read(view);
            if (saved == null
                    || !view.isNumbered()
                    || saved.revision() < view.state().compactRevision()) {
                return;
            }
            KeyCounts[] counts = {saved.counts()};
            List<Change> batch = new ArrayList<>();
            changes.since(view, saved.revision(), (key, by) -> {
                batch.add(new Change(key, by));
                if (batch.size() == CHANGES_AT_ONCE) {
                    counts[0] = counts[0].changed(batch, 0);
                    batch.clear();
                }
            });
            if (counting.replace(counts[0].changed(batch, view.changes()))) {
                savedRevision = saved.revision();
            }
        } catch (StorageException e) {
            // What is damaged is only not used; a disk that fails is met by whoever reads or writes.
            log.warn("the saved counts of keys are not used: {}", e.getMessage());
        }
    }

    private void save() {
        if (history == null) {
            return;
        }
        try (View view = database.view();
                Maintenance maintenance = database.maintenance()) {
            KeyCounts counts = view.counts();
            if (counts != null && counts.isOfUse() && view.isIn(maintenance)) {
                long revision = view.state().revision();
                new SavedCounts(revision, counts).write(maintenance);
                savedChanges = counts.changes();
                savedRevision = revision;
            }
        } catch (StorageException e) {
            log.debug("counts of keys are not saved: {}", e.getMessage());
        }
    }

    /** Saves what is known, and ends. */
    @Override
    public void close() {
        if (counting.takeIn().changes() > savedChanges) {
            keep();
        }
        closed = true;
        // Those who wait are let go on, to meet a closed database.
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
