package io.keelson.kvstore.watch;

import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.EventHistory;
import io.keelson.kvstore.mvcc.EventSink;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where events come in and watch streams go out. The apply thread puts each revision into a bounded window and goes on,
 * whatever the watches do; one dispatcher thread serves all watches out of the window; a small pool reads the store for
 * those that are further behind than the window reaches. See the package's description for the whole.
 *
 * <p>As {@link EventSink} it is called by the apply thread; everything else may be called by any thread.
 */
public final class WatchHub implements EventSink, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WatchHub.class);
    private static final long STOP_TIMEOUT_MS = 10_000;

    private final EventHistory history;
    private final EventWindow window;
    private final Dispatcher dispatcher;
    private final @Nullable ExecutorService readers;
    private final @Nullable Thread thread;

    /** A hub that continues after the store's current revision. Its threads start now. */
    public static WatchHub start(EventHistory history, WatchConfig config, ResponseOrigin origin) {
        return new WatchHub(history, config, origin);
    }

    private WatchHub(EventHistory history, WatchConfig config, ResponseOrigin origin) {
        this.history = history;
        this.window = new EventWindow(config.windowRevisionsMax(), config.windowBytesMax(), history.currentRevision());
        // Holds at most as many tasks as there are threads: no more reads are ever under way.
        ExecutorService pool = Executors.newFixedThreadPool(
                config.catchUpThreads(),
                Thread.ofPlatform().daemon().name("watch-catch-up-", 0).factory());
        this.readers = pool;
        this.dispatcher = new Dispatcher(window, history, config, origin, pool, System::nanoTime);
        this.thread = Thread.ofPlatform().daemon().name("watch-dispatch").start(dispatcher);
    }

    /** A hub without threads: whoever made it calls {@link Dispatcher#doWork}. */
    WatchHub(
            EventHistory history, WatchConfig config, ResponseOrigin origin, Executor executor, LongSupplier nanoTime) {
        this.history = history;
        this.window = new EventWindow(config.windowRevisionsMax(), config.windowBytesMax(), history.currentRevision());
        this.readers = null;
        this.thread = null;
        this.dispatcher = new Dispatcher(window, history, config, origin, executor, nanoTime);
    }

    /**
     * Opens a stream.
     *
     * @param receiver where its responses go
     * @param authorizer what its client may watch
     * @param requireLeader whether it is to end with NO_LEADER when {@link #leaderLost} is called
     * @throws EtcdException TOO_MANY_REQUESTS if there are too many streams, STOPPED if the hub is closed
     */
    public WatchStream open(WatchReceiver receiver, WatchAuthorizer authorizer, boolean requireLeader) {
        return dispatcher.open(receiver, authorizer, requireLeader);
    }

    @Override
    public void committed(List<RevisionEvents> batch) {
        for (RevisionEvents events : batch) {
            long last = window.last();
            if (events.revision() <= last) {
                // The hub was started while the batch was on its way, and took its revisions for the past.
                continue;
            }
            if (events.revision() > last + 1) {
                log.warn(
                        "revision {} follows {}; watches read what lies between from the store",
                        events.revision(),
                        last);
                window.restart(events.revision() - 1);
            }
            window.append(events);
        }
        dispatcher.committed();
    }

    @Override
    public void compacted(long revision) {
        dispatcher.compacted(revision);
    }

    @Override
    public void restored(long revision) {
        dispatcher.compacted(history.compactRevision());
        window.restart(revision);
        dispatcher.committed();
    }

    /**
     * Users, roles or permissions have changed: every watch is authorized anew. To be called by the apply thread after the
     * change and before any later {@link #committed}; no event committed later reaches a watch that lost its permission.
     */
    public void authorizationChanged() {
        dispatcher.authorizationChanged();
    }

    /** This member has been without a leader for too long: streams that require one end. */
    public void leaderLost() {
        dispatcher.leaderLost();
    }

    /** Watches that exist. */
    public int watchers() {
        return dispatcher.watchCount();
    }

    /** Watches that have events to come which they have not been sent. */
    public int slowWatchers() {
        return dispatcher.slowCount();
    }

    /** Streams that are open. */
    public int streams() {
        return dispatcher.streamCount();
    }

    /** Revisions that wait to be dispatched. */
    public long pendingRevisions() {
        return Math.max(0, window.last() - dispatcher.dispatched());
    }

    /** Events sent so far, counted once for each watch. */
    public long eventsSent() {
        return dispatcher.eventsSent();
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Ends all streams with STOPPED, and the threads. */
    @Override
    public void close() {
        dispatcher.stop();
        Thread running = thread;
        ExecutorService pool = readers;
        if (running == null || pool == null) {
            return;
        }
        try {
            running.join(STOP_TIMEOUT_MS);
            pool.shutdown();
            if (!pool.awaitTermination(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                log.warn("a read for watches did not end within {} ms", STOP_TIMEOUT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
