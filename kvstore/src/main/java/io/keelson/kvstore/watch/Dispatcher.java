package io.keelson.kvstore.watch;

import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchCreateRequest.FilterType;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.EventHistory;
import io.keelson.kvstore.mvcc.KeyRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one owner of all watches. Its state is touched by one thread only, which calls {@link #doWork}; other threads reach
 * it through {@link #post}, the window, and a few flags.
 *
 * <p>A step of work: carry out what was asked; take the revisions that have come, find the groups each event touches, and
 * send every group's live watches one response with all of it; give streams their turn that have something else to come;
 * start reads of the past. The invariant that everything rests on: <em>a live watch has been sent every event it wants up
 * to {@link #dispatched}; any other watch has been sent every event it wants before its cursor.</em> A live watch whose
 * stream is not ready becomes one that is behind, with the first revision it was not sent as cursor, and is not looked at
 * again before its stream is ready.
 *
 * <p>The queue of commands is bounded by what its writers may have in it: each stream {@link
 * WatchStream#REQUESTS_WAITING_MAX} requests and one word each of being opened, ready and closed; each reader one read.
 */
final class Dispatcher implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    private static final int COMMANDS_PER_STEP_MAX = 4096;
    private static final int TURNS_PER_STEP_MAX = 256;
    private static final int REVISIONS_PER_ROUND_MAX = 4096;
    /** Rounds that reach no more watches than this are never held back. */
    private static final int HELD_BACK_MESSAGES_MIN = 8;
    /** What a message costs the transport, roughly: so long is worth waiting for another event to share it. */
    private static final long HELD_BACK_PER_MESSAGE_NS = 20_000;

    private static final String EMPTY_RANGE = "mvcc: watcher range is empty";
    private static final String DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";
    private static final String STREAM_FULL = "etcdserver: too many watches on the stream";
    private static final String SERVER_FULL = "etcdserver: too many watches";

    private final EventWindow window;
    private final WatchConfig config;
    private final LongSupplier nanoTime;
    private final ResponseSender sender;
    private final CatchUp catchUp;
    private final StreamTurn turn;
    private final Queue<DispatchCommand> commands = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean authorizationChanged = new AtomicBoolean();
    private final AtomicBoolean leaderLost = new AtomicBoolean();
    private final AtomicInteger watchCount = new AtomicInteger();
    private final AtomicInteger slowCount = new AtomicInteger();
    private final AtomicInteger streamCount = new AtomicInteger();

    private final SequencedSet<StreamState> streams = new LinkedHashSet<>();
    private final Queue<StreamState> turns = new ArrayDeque<>();
    private final List<StreamState> turnsAfterRound = new ArrayList<>();
    private final ProgressSchedule progress = new ProgressSchedule();
    private final List<WatchGroup> touched = new ArrayList<>();
    private final Consumer<WatchGroup> collect = this::collect;
    private WatchGroups groups = new WatchGroups();
    private @Nullable SharedEvent collected;
    private boolean full;
    private long nextRoundNs;
    /** There are revisions to dispatch, and they wait for company. */
    private boolean holdingBack;

    private volatile long dispatched;
    private volatile long compactRevision;
    private volatile boolean stopping;
    private volatile boolean parked;
    private volatile boolean parkedForCommits;
    private volatile @Nullable Thread thread;

    Dispatcher(
            EventWindow window,
            EventHistory history,
            WatchConfig config,
            ResponseOrigin origin,
            Executor readers,
            LongSupplier nanoTime) {
        this.window = window;
        this.config = config;
        this.nanoTime = nanoTime;
        this.sender = new ResponseSender(origin, config.fragmentBytesMax());
        this.catchUp = new CatchUp(history, readers, config, this);
        this.turn = new StreamTurn(window, sender, catchUp, config.responseBytesMax(), this);
        this.dispatched = window.last();
        this.compactRevision = history.compactRevision();
        this.nextRoundNs = nanoTime.getAsLong();
    }

    // What other threads call.

    /** Queues a command and sees to it that it is carried out soon. Any thread. */
    void post(DispatchCommand command) {
        commands.add(command);
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** The window has grown. The apply thread. */
    void committed() {
        if (parkedForCommits) {
            LockSupport.unpark(thread);
        }
    }

    /** History up to {@code revision} is gone. Any thread. */
    void compacted(long revision) {
        compactRevision = revision;
    }

    /** Permissions have changed: no event that is committed after this call is sent to who may not see it any more. */
    void authorizationChanged() {
        authorizationChanged.set(true);
        LockSupport.unpark(thread);
    }

    /** Ends the streams whose clients want a leader. */
    void leaderLost() {
        leaderLost.set(true);
        LockSupport.unpark(thread);
    }

    /** Ends all streams and then the thread. */
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    /** Makes a stream, which the dispatcher learns of before any of its requests. */
    WatchStream open(WatchReceiver receiver, WatchAuthorizer authorizer, boolean requireLeader) {
        if (stopping) {
            throw EtcdError.STOPPED.exception();
        }
        if (streamCount.incrementAndGet() > config.streamsMax()) {
            streamCount.decrementAndGet();
            throw EtcdError.TOO_MANY_REQUESTS.exception();
        }
        long intervalNs = config.progressNotifyIntervalMs() * 1_000_000;
        long jitteredNs = intervalNs + ThreadLocalRandom.current().nextLong(intervalNs / 10);
        StreamState state = new StreamState(receiver, authorizer, requireLeader, nanoTime.getAsLong(), jitteredNs);
        WatchStream stream = new WatchStream(this, state);
        post(new DispatchCommand.Open(stream));
        return stream;
    }

    int watchCount() {
        return watchCount.get();
    }

    int slowCount() {
        return slowCount.get();
    }

    int streamCount() {
        return streamCount.get();
    }

    long eventsSent() {
        return sender.eventsSent();
    }

    /** The revision up to which live watches have been served. */
    long dispatched() {
        return dispatched;
    }

    /**
     * The first revision for which a watch that is behind is served from the window. The compacted revision is left to the
     * store even if the window has it: what was before it is not to be told any more.
     */
    long windowServesFrom() {
        return Math.max(window.first(), Math.min(compactRevision, dispatched) + 1);
    }

    long compactRevision() {
        return compactRevision;
    }

    // The dispatcher's own thread, from here on.

    @Override
    public void run() {
        thread = Thread.currentThread();
        while (!stopping) {
            long idleNs;
            try {
                idleNs = doWork(nanoTime.getAsLong());
            } catch (RuntimeException e) {
                log.error("watch dispatch failed; all watch streams are closed so that clients resume", e);
                collapse(EtcdError.UNHEALTHY);
                idleNs = 0;
            }
            if (idleNs > 0) {
                park(idleNs);
            }
        }
        collapse(EtcdError.STOPPED);
    }

    private void park(long idleNs) {
        parkedForCommits = !holdingBack;
        parked = true;
        boolean something = !commands.isEmpty()
                || stopping
                || authorizationChanged.get()
                || leaderLost.get()
                || (!holdingBack && window.last() != dispatched);
        if (!something) {
            LockSupport.parkNanos(this, idleNs);
        }
        parked = false;
        parkedForCommits = false;
    }

    /**
     * One step of work.
     *
     * @return for how many nanoseconds nothing more is to be done unless something happens; 0 if there is more to do
     */
    long doWork(long nowNs) {
        boolean more = carryOutCommands();
        // Read before the flags: what was committed after a change of permissions is not dispatched before it is seen.
        long committed = window.last();
        if (leaderLost.getAndSet(false)) {
            closeWhoNeedsLeader();
        }
        if (authorizationChanged.getAndSet(false)) {
            reviewAuthorization();
        }
        if (committed < dispatched) {
            log.error(
                    "the store went back from revision {} to {}; all watch streams are closed", dispatched, committed);
            collapse(EtcdError.UNHEALTHY);
        }
        long idleNs = Long.MAX_VALUE;
        holdingBack = false;
        if (committed > dispatched) {
            long heldBackNs = nextRoundNs - nowNs;
            if (heldBackNs > 0) {
                holdingBack = true;
                idleNs = heldBackNs;
            } else {
                round(committed, nowNs);
                more |= dispatched < committed;
            }
        }
        while (progress.tick(nowNs, this)) {
            more = true;
        }
        more |= giveTurns();
        catchUp.start();
        closeBroken();
        if (more) {
            return 0;
        }
        return Math.min(idleNs, progress.untilNextNs(nowNs));
    }

    private boolean carryOutCommands() {
        for (int i = 0; i < COMMANDS_PER_STEP_MAX; i++) {
            DispatchCommand command = commands.poll();
            if (command == null) {
                return i > 0;
            }
            carryOut(command);
        }
        return true;
    }

    private void carryOut(DispatchCommand command) {
        switch (command) {
            case DispatchCommand.Open open -> streams.add(open.handle().state());
            case DispatchCommand.Create create -> {
                create.handle().requestTaken();
                StreamState stream = create.handle().state();
                if (!stream.closed) {
                    create(stream, create.request());
                }
            }
            case DispatchCommand.Cancel cancel -> {
                cancel.handle().requestTaken();
                StreamState stream = cancel.handle().state();
                if (!stream.closed) {
                    cancel(stream, cancel.watchId());
                    sender.next(stream);
                }
            }
            case DispatchCommand.Progress request -> {
                request.handle().requestTaken();
                StreamState stream = request.handle().state();
                if (!stream.closed) {
                    stream.owesProgress = true;
                    stream.progressRevision = window.last();
                    enqueueTurn(stream);
                    sender.next(stream);
                }
            }
            case DispatchCommand.Nothing nothing -> {
                nothing.handle().requestTaken();
                StreamState stream = nothing.handle().state();
                if (!stream.closed) {
                    sender.next(stream);
                }
            }
            case DispatchCommand.Ready ready -> {
                ready.handle().readyTaken();
                enqueueTurn(ready.handle().state());
            }
            case DispatchCommand.Close close -> close(close.handle().state());
            case DispatchCommand.ReadDone done -> finish(done.read());
        }
    }

    private void create(StreamState stream, WatchCreateRequest request) {
        try {
            tryCreate(stream, request);
            sender.next(stream);
        } catch (RuntimeException e) {
            log.error("a watch could not be created; its stream is closed", e);
            closeWith(stream, EtcdError.UNHEALTHY);
        }
    }

    private void tryCreate(StreamState stream, WatchCreateRequest request) {
        long current = window.last();
        long start = request.getStartRevision();
        if (start < 0) {
            sender.control(stream, WatchMessage.Head.refused(current, EtcdError.COMPACTED.text()));
            return;
        }
        byte[] key = request.getKey().isEmpty() ? new byte[1] : request.getKey().toByteArray();
        KeyRange range = KeyRange.of(key, request.getRangeEnd().toByteArray());
        EtcdError refusal = stream.authorizer.refusal(range);
        String reason = refusal != null ? goStatusText(refusal) : unfit(stream, request.getWatchId(), range);
        if (reason != null) {
            sender.control(stream, WatchMessage.Head.refused(current, reason));
            return;
        }

        Interest interest = new Interest(
                range,
                request.getPrevKv(),
                !request.getFiltersList().contains(FilterType.NOPUT),
                !request.getFiltersList().contains(FilterType.NODELETE));
        long id = request.getWatchId() == 0 ? stream.automaticId() : request.getWatchId();
        Watch watch = new Watch(id, groups.join(interest), stream, request.getProgressNotify(), request.getFragment());
        stream.watches.put(id, watch);
        watchCount.incrementAndGet();
        watch.cursor = start == 0 ? current + 1 : start;
        watch.group.addLive(watch);
        if (watch.progressNotify) {
            progress.want(stream, nanoTime.getAsLong());
        }
        sender.control(stream, WatchMessage.Head.created(current, id));
        // What was compacted is refused from when that was acknowledged, though this thread may not be as far yet.
        boolean compacted = start != 0 && start < compactRevision;
        if (compacted || watch.cursor <= dispatched) {
            watch.compacted = compacted;
            fallBehind(watch, watch.cursor);
            enqueueTurn(stream);
        }
    }

    /** Why a watch cannot be created although the client may; null if it can. */
    private @Nullable String unfit(StreamState stream, long id, KeyRange range) {
        if (range.empty()) {
            return EMPTY_RANGE;
        }
        if (id != 0 && stream.taken(id)) {
            return DUPLICATE_ID;
        }
        if (stream.watches.size() >= config.watchesPerStreamMax()) {
            return STREAM_FULL;
        }
        if (watchCount.get() >= config.watchesMax()) {
            return SERVER_FULL;
        }
        return null;
    }

    /** Clients of etcd compare the reasons of refusals with errors as Go's gRPC prints them. */
    private static String goStatusText(EtcdError error) {
        StringBuilder code = new StringBuilder();
        boolean upper = true;
        for (char c : error.status().getCode().name().toCharArray()) {
            if (c == '_') {
                upper = true;
            } else {
                code.append(upper ? c : Character.toLowerCase(c));
                upper = false;
            }
        }
        return "rpc error: code = " + code + " desc = " + error.text();
    }

    private void cancel(StreamState stream, long id) {
        Watch watch = stream.watches.get(id);
        if (watch != null) {
            end(watch);
        } else if (!stream.forget(id)) {
            return;
        }
        sender.control(stream, WatchMessage.Head.canceled(window.last(), id, ""));
        if (stream.owesProgress) {
            enqueueTurn(stream);
        }
    }

    /** Sends what was committed to all live watches, up to a bounded amount. */
    private void round(long committed, long nowNs) {
        long revision = dispatched;
        long last = Math.min(committed, revision + REVISIONS_PER_ROUND_MAX);
        boolean overtaken = false;
        full = false;
        while (revision < last && !full) {
            EventWindow.Entry entry = window.get(revision + 1);
            if (entry == null) {
                overtaken = true;
                break;
            }
            for (SharedEvent event : entry.events()) {
                collected = event;
                groups.find(event.event().key(), collect);
            }
            revision++;
        }
        collected = null;
        dispatched = revision;
        int messages = 0;
        for (WatchGroup group : touched) {
            messages += deliver(group);
        }
        touched.clear();
        if (overtaken) {
            leaveToHistory();
        }
        for (StreamState stream : turnsAfterRound) {
            enqueueTurn(stream);
        }
        turnsAfterRound.clear();
        if (messages > HELD_BACK_MESSAGES_MIN) {
            nextRoundNs = nowNs + Math.min(config.coalesceMicrosMax() * 1_000, messages * HELD_BACK_PER_MESSAGE_NS);
        }
    }

    private void collect(WatchGroup group) {
        SharedEvent event = collected;
        if (event == null || group.liveCount() == 0 || !group.interest().wants(event.event())) {
            return;
        }
        EventBatch.Collector collector = group.collector();
        if (collector.isEmpty()) {
            touched.add(group);
        }
        collector.add(event);
        full |= collector.bytes() >= config.responseBytesMax();
    }

    /** Sends a group's batch to its live watches; returns to how many. */
    private int deliver(WatchGroup group) {
        EventBatch batch = group.collector().take();
        long first = batch.firstRevision();
        long last = batch.lastRevision();
        int messages = 0;
        for (int i = group.liveCount() - 1; i >= 0; i--) {
            Watch watch = group.live(i);
            int from = watch.cursor > first ? batch.indexFrom(watch.cursor) : 0;
            if (from == batch.size()) {
                continue;
            }
            if (sender.ready(watch.stream)) {
                sender.events(watch, batch, from, last);
                messages++;
            } else {
                fallBehind(watch, batch.event(from).modRevision());
            }
        }
        return messages;
    }

    /**
     * The window no longer holds the next revision, because apply was faster for long or the state was replaced: every
     * watch has to read the store, up to where the window begins.
     */
    private void leaveToHistory() {
        long reached = window.first() - 1;
        if (reached <= dispatched) {
            return;
        }
        log.trace("watches read revisions {} to {} from the store", dispatched + 1, reached);
        for (StreamState stream : streams) {
            for (Watch watch : stream.watches.values()) {
                long from = Math.max(watch.cursor, dispatched + 1);
                if (watch.state == Watch.State.LIVE && from <= reached) {
                    fallBehind(watch, from);
                    enqueueTurn(stream);
                }
            }
        }
        dispatched = reached;
    }

    private boolean giveTurns() {
        for (int i = 0; i < TURNS_PER_STEP_MAX; i++) {
            StreamState stream = turns.poll();
            if (stream == null) {
                return false;
            }
            stream.turnQueued = false;
            if (!stream.closed) {
                turn.take(stream);
            }
        }
        return !turns.isEmpty();
    }

    private void finish(HistoryRead read) {
        catchUp.done();
        RuntimeException failure = read.failure();
        if (failure != null) {
            log.error("the store could not be read for watches; their streams are closed", failure);
        }
        for (HistoryRead.Share share : read.shares()) {
            Watch watch = share.watch();
            if (watch.state != Watch.State.READING) {
                continue;
            }
            StreamState stream = watch.stream;
            stream.reading--;
            stream.behind.add(watch);
            watch.state = Watch.State.BEHIND;
            if (failure != null) {
                closeWith(stream, EtcdError.UNHEALTHY);
                continue;
            }
            if (share.compacted()) {
                if (sender.ready(stream)) {
                    endCompacted(watch, read.compactRevision());
                }
            } else {
                advance(watch, share.collector(), read.end());
            }
            enqueueTurn(stream);
        }
    }

    private void advance(Watch watch, EventBatch.Collector collector, long end) {
        if (collector.isEmpty()) {
            watch.cursor = Math.max(watch.cursor, end + 1);
        } else {
            EventBatch batch = collector.take();
            if (sender.ready(watch.stream)) {
                sender.events(watch, batch, 0, end);
                watch.cursor = end + 1;
            } else {
                watch.cursor = batch.firstRevision();
            }
        }
        if (watch.cursor > dispatched) {
            goLive(watch);
        }
    }

    private void reviewAuthorization() {
        for (StreamState stream : List.copyOf(streams)) {
            try {
                reviewAuthorization(stream);
            } catch (RuntimeException e) {
                log.error("the permissions of a watch stream could not be checked; it is closed", e);
                closeWith(stream, EtcdError.UNHEALTHY);
            }
        }
    }

    private void reviewAuthorization(StreamState stream) {
        for (Watch watch : List.copyOf(stream.watches.values())) {
            EtcdError reason = stream.authorizer.revocation(watch.interest().range());
            if (reason != null) {
                end(watch);
                stream.notices.add(new StreamState.Notice(watch.id, goStatusText(reason)));
                enqueueTurn(stream);
            }
        }
    }

    private void closeWhoNeedsLeader() {
        for (StreamState stream : List.copyOf(streams)) {
            if (stream.requireLeader) {
                closeWith(stream, EtcdError.NO_LEADER);
            }
        }
    }

    private void closeBroken() {
        for (StreamState stream : sender.takeBroken()) {
            closeWith(stream, EtcdError.UNHEALTHY);
        }
    }

    private void closeWith(StreamState stream, EtcdError reason) {
        if (stream.closed) {
            return;
        }
        close(stream);
        try {
            stream.receiver.closed(reason);
        } catch (RuntimeException e) {
            log.warn("a watch stream's transport failed while it was told of its end", e);
        }
    }

    private void close(StreamState stream) {
        if (stream.closed) {
            return;
        }
        stream.closed = true;
        for (Watch watch : List.copyOf(stream.watches.values())) {
            end(watch);
        }
        stream.notices.clear();
        stream.reports.clear();
        streams.remove(stream);
        streamCount.decrementAndGet();
    }

    /** Closes everything and starts afresh at the newest revision. */
    private void collapse(EtcdError reason) {
        for (DispatchCommand command = commands.poll(); command != null; command = commands.poll()) {
            switch (command) {
                case DispatchCommand.Open open -> streams.add(open.handle().state());
                case DispatchCommand.ReadDone done -> catchUp.done();
                default -> log.debug("dropped {}", command);
            }
        }
        groups = new WatchGroups();
        touched.clear();
        turnsAfterRound.clear();
        progress.clear();
        for (StreamState stream : List.copyOf(streams)) {
            for (Watch watch : stream.watches.values()) {
                if (watch.state != Watch.State.LIVE) {
                    slowCount.decrementAndGet();
                }
                watch.state = Watch.State.ENDED;
                watchCount.decrementAndGet();
            }
            stream.watches.clear();
            stream.behind.clear();
            closeWith(stream, reason);
        }
        dispatched = window.last();
    }

    // What the dispatcher's parts call.

    /** Queues a stream for a turn. */
    void enqueueTurn(StreamState stream) {
        if (!stream.turnQueued && !stream.closed) {
            stream.turnQueued = true;
            turns.add(stream);
        }
    }

    /** Queues a stream for a turn when more has been dispatched. */
    void turnAfterRound(StreamState stream) {
        turnsAfterRound.add(stream);
    }

    /** A watch that is behind has caught up. */
    void goLive(Watch watch) {
        watch.stream.behind.remove(watch);
        watch.state = Watch.State.LIVE;
        watch.group.addLive(watch);
        slowCount.decrementAndGet();
    }

    /** Ends a watch whose next revision is compacted; its stream must be ready. */
    void endCompacted(Watch watch, long compactRevision) {
        end(watch);
        watch.stream.retire(watch.id);
        sender.control(watch.stream, WatchMessage.Head.compacted(watch.id, compactRevision));
    }

    private void fallBehind(Watch watch, long cursor) {
        watch.group.removeLive(watch);
        watch.state = Watch.State.BEHIND;
        watch.cursor = cursor;
        watch.stream.behind.add(watch);
        slowCount.incrementAndGet();
    }

    private void end(Watch watch) {
        StreamState stream = watch.stream;
        switch (watch.state) {
            case LIVE -> watch.group.removeLive(watch);
            case BEHIND -> stream.behind.remove(watch);
            case READING -> stream.reading--;
            case ENDED -> {
                return;
            }
        }
        if (watch.state != Watch.State.LIVE) {
            slowCount.decrementAndGet();
        }
        watch.state = Watch.State.ENDED;
        stream.watches.remove(watch.id);
        groups.leave(watch.group);
        watchCount.decrementAndGet();
    }
}
