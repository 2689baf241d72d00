package io.keelson.apiserver.cache;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoreErrors;
import io.keelson.apiserver.store.StoreEvent;
import io.keelson.apiserver.store.StorePage;
import io.keelson.apiserver.store.StoreWatch;
import io.keelson.apiserver.store.StoredValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything of one resource as it is, and what happened to it lately.
 *
 * <p>One thread keeps it: it lists the resource in pages at one revision, and watches from there. When the stream
 * breaks, it watches again from the revision it has come to; when the store has forgotten that one, or an object
 * cannot be read, it lists anew. Events are applied by the thread of the store's watch, one revision after the other:
 * the objects are decoded and encoded, and then, under the lock, a new root of the tree is made, each event is put
 * among the recent ones and handed to the watches it may interest, and the new state told. A client whose watch breaks
 * between two events of one revision can, as with etcd, only say that it has seen that revision. Reads look at that
 * state and take no lock.
 */
public final class ResourceCache implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ResourceCache.class);

    private static final int LIST_PAGE = 1000;
    private static final long PAUSE_MS_MIN = 20;
    private static final long PAUSE_MS_MAX = 1000;
    /** How often the store is asked for progress while somebody waits for it. */
    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** How often who waits for the first state looks whether there is any hope. */
    private static final long FAULT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    /** How many recent events a watch that catches up looks at in one go, which others have to wait for. */
    private static final int CATCH_UP_EVENTS = 4096;

    /** How often a cache is held against the store before a difference counts, and how much later each time. */
    private static final int CONSISTENCY_TRIES = 3;

    private static final Duration CONSISTENCY_PAUSE = Duration.ofMillis(200);

    /** So few watches are not told apart when they are counted. */
    private static final int FEW_WATCHES = 10;

    private final ObjectStore store;
    private final CachedResource resource;
    private final CacheOptions options;
    private final StoreRevision storeRevision;
    private final RecentlyMade<CacheEntry> trees;
    private final EntryFactory entries;
    private final FreshWaits waits;
    private final Consumer<ResourceCache> closing;
    private final Thread keeper;

    private final LongAdder received = new LongAdder();
    private final LongAdder dispatched = new LongAdder();
    private final LongAdder initial = new LongAdder();
    private final LongAdder loads = new LongAdder();
    private final LongAdder tooSlow = new LongAdder();
    private final LongAdder consistentReads = new LongAdder();
    private final LongAdder failedReads = new LongAdder();
    private final ListCounts lists = new ListCounts();
    private final LongAdder checksPassed = new LongAdder();
    private final LongAdder checksFailed = new LongAdder();
    private final LongAdder checksBroken = new LongAdder();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private final RecentEvents recent;
    private final Watchers watchers = new Watchers();
    /** How many wait for {@link #advanced}. Guarded by the lock. */
    private int waiting;

    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile @Nullable State state;
    private volatile long compactRevision;
    /** From which revision on states of the past are known to be what the store had; none are after a difference. */
    private volatile long exactFrom;

    private volatile @Nullable StoreWatch storeWatch;
    private volatile @Nullable Throwable lastFailure;
    private volatile boolean closed;

    /** What was told of a revision of which more is to come. By the thread of the store's watch. */
    private final List<Change> begun = new ArrayList<>();

    /** That an object is now this, or gone. */
    private record Change(String key, @Nullable CacheEntry entry) {}

    /**
     * All objects, as of a revision.
     *
     * @param bytes of all of them together, as they are sent
     */
    private record State(KeyTree<CacheEntry> tree, long revision, long bytes) {}

    ResourceCache(
            ObjectStore store,
            CachedResource resource,
            CacheOptions options,
            StoreRevision storeRevision,
            RecentlyMade<CacheEntry> trees,
            FreshWaits waits,
            Consumer<ResourceCache> closing) {
        this.store = store;
        this.resource = resource;
        this.options = options;
        this.storeRevision = storeRevision;
        this.trees = trees;
        this.entries = new EntryFactory(resource, new EntryMemory(trees, EntryMemory.forms(options.formBytes())));
        this.waits = waits;
        this.closing = closing;
        this.recent = new RecentEvents(options);
        this.keeper = Thread.ofVirtual().name("cache " + resource.prefix()).unstarted(this::keep);
    }

    void start() {
        keeper.start();
    }

    public CachedResource resource() {
        return resource;
    }

    // What keeps it up to date.

    private void keep() {
        boolean listed = false;
        int failures = 0;
        while (!closed) {
            long before = revision();
            Throwable why;
            try {
                if (!listed) {
                    load();
                    listed = true;
                }
                why = watchUntilItEnds();
            } catch (InterruptedException e) {
                // Only close() does that.
                return;
            } catch (RuntimeException | Error e) {
                // It is the only one of its kind: when there is memory again, it has to be there.
                why = e;
            }
            if (closed) {
                return;
            }
            lastFailure = why;
            boolean streamBroke = why instanceof ApiException e && e.reason() == Reason.SERVICE_UNAVAILABLE;
            listed = listed && streamBroke;
            failures = revision() > before ? 0 : failures + 1;
            log.info("{}: {}, {}", resource.prefix(), why.getMessage(), listed ? "watching again" : "listing anew");
            try {
                Thread.sleep(Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN << Math.min(failures, 10)));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void load() throws InterruptedException {
        loads.increment();
        List<CacheEntry> all = new ArrayList<>();
        StorePage page = store.list(resource.prefix(), "", LIST_PAGE, 0);
        while (true) {
            all.addAll(page.values().parallelStream().map(entries::entry).toList());
            if (!page.more()) {
                break;
            }
            String after = page.values().getLast().key();
            page = store.list(resource.prefix(), after, LIST_PAGE, page.revision());
        }
        KeyTree<CacheEntry> tree = KeyTree.ofSorted(all);
        lock.lock();
        try {
            // Between what was known and what was listed is a gap that nobody can be told of.
            watchers.forEach(watch -> watch.end(new WatchItem.End(null)));
            watchers.clear();
            recent.reset(tree, page.revision());
            tell(new State(
                    tree,
                    page.revision(),
                    all.stream().mapToLong(CacheEntry::sizeBytes).sum()));
        } finally {
            lock.unlock();
        }
        ready.complete(null);
    }

    private Throwable watchUntilItEnds() throws InterruptedException {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        begun.clear();
        try (StoreWatch watch = store.watch(
                resource.prefix(),
                revision() + 1,
                this::apply,
                why -> ended.complete(why == null ? new IllegalStateException("the watch was closed") : why))) {
            storeWatch = watch;
            return ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            storeWatch = null;
        }
    }

    private void apply(StoreEvent event) {
        if (closed) {
            return;
        }
        switch (event) {
            case StoreEvent.Progress progress -> progressed(progress.revision());
            case StoreEvent.Put put -> {
                received.increment();
                StoredValue value = put.value();
                changed(new Change(value.key(), entries.entry(value)), value.revision(), put.last());
            }
            case StoreEvent.Deleted deleted -> {
                received.increment();
                changed(new Change(deleted.key(), null), deleted.revision(), deleted.last());
            }
        }
    }

    private void progressed(long revision) {
        lock.lock();
        try {
            State now = loaded();
            if (revision > now.revision) {
                tell(new State(now.tree, revision, now.bytes));
            }
        } finally {
            lock.unlock();
        }
    }

    private void changed(Change change, long revision, boolean last) {
        if (last && begun.isEmpty()) {
            changed(List.of(change), revision);
            return;
        }
        begun.add(change);
        if (last) {
            changed(begun, revision);
            begun.clear();
        }
    }

    /**
     * All that happened at a revision becomes visible at once: a list that is as of this revision has all of it, a watch from
     * there none, and a bookmark comes behind it.
     */
    private void changed(List<Change> changes, long revision) {
        State known = loaded();
        KeyTree<CacheEntry> tree = known.tree;
        long bytes = known.bytes;
        int told = 0;
        long now = options.nanoTime().getAsLong();
        lock.lock();
        try {
            for (Change change : changes) {
                CacheEntry entry = change.entry();
                CacheEntry previous = tree.get(change.key());
                if (entry == null && previous == null) {
                    continue;
                }
                tree = entry == null ? tree.without(change.key()) : tree.with(entry);
                bytes += sizeBytes(entry) - sizeBytes(previous);
                CacheEvent event = new CacheEvent(recent.next(), revision, now, entry, previous, tree);
                recent.add(event);
                watchers.dispatch(event);
                told++;
            }
            tell(new State(tree, revision, bytes));
        } finally {
            lock.unlock();
        }
        dispatched.add(told);
    }

    private static long sizeBytes(@Nullable CacheEntry entry) {
        return entry == null ? 0 : entry.sizeBytes();
    }

    /** Under the lock, and after watches have what led to this state: a bookmark must not overtake an event. */
    private void tell(State now) {
        state = now;
        if (waiting > 0) {
            advanced.signalAll();
        }
    }

    private State loaded() {
        State now = state;
        if (now == null) {
            throw notReady();
        }
        return now;
    }

    private ApiException notReady() {
        ApiException failure = fault();
        return failure == null ? ApiException.tooManyRequests("storage is (re)initializing", 1) : failure;
    }

    /** Why it cannot be kept up, if it lies with the objects (one cannot be read or converted), not with the store. */
    private @Nullable ApiException fault() {
        return lastFailure instanceof ApiException failure && failure.code() == Reason.INTERNAL_ERROR.code()
                ? failure
                : null;
    }

    // Reads.

    /**
     * Waits until it is loaded.
     *
     * @throws ApiException if it is not in time; ServiceUnavailable if it is closed before
     */
    public void awaitReady(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!ready.isDone() || ready.isCompletedExceptionally()) {
            long left = deadline - System.nanoTime();
            try {
                var _ = ready.get(Math.max(0, Math.min(left, FAULT_NANOS)), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (left <= FAULT_NANOS || fault() != null) {
                    throw notReady();
                }
            } catch (ExecutionException e) {
                // Nothing but being closed before it was loaded.
                throw stopped();
            }
        }
    }

    /** Whether it is closed: it knows of nothing that has happened since. */
    public boolean isClosed() {
        return closed;
    }

    /** That a cache is closed, because its resource is another one now, or the server is; a moment later it may be different. */
    public static ApiException stopped() {
        return ApiException.of(
                        Reason.SERVICE_UNAVAILABLE,
                        "apiserver cacher is stopped",
                        StatusDetails.NONE.withRetryAfterSeconds(1))
                .withHeader("Retry-After", "1");
    }

    /** The revision up to which it knows everything; 0 before it is loaded. */
    public long revision() {
        State now = state;
        return now == null ? 0 : now.revision;
    }

    /** The newest state that is here, however old. */
    public CacheSnapshot snapshot() {
        State now = loaded();
        return new CacheSnapshot(resource, now.tree, now.revision, lists);
    }

    /** A state that is not older than a revision. Waits for it, and fails as {@link #waitUntilFresh} does. */
    public CacheSnapshot snapshotNotOlderThan(long revision) throws InterruptedException {
        waitUntilFresh(revision, options.freshWait());
        return snapshot();
    }

    /** A state that has everything that was written before this call, by whomever. */
    public CacheSnapshot consistentSnapshot() throws InterruptedException {
        boolean fresh = false;
        try {
            CacheSnapshot snapshot = snapshotNotOlderThan(storeRevision.read());
            fresh = true;
            return snapshot;
        } finally {
            (fresh ? consistentReads : failedReads).increment();
        }
    }

    /**
     * The state at exactly a revision, if it is known here. Waits if it has not been reached.
     *
     * @return null if it is not known any more, or not known to be right
     * @throws ApiException Expired if the store has forgotten it
     */
    @Nullable
    CacheSnapshot snapshotAt(long revision) throws InterruptedException {
        waitUntilFresh(revision, options.freshWait());
        if (revision < compactRevision) {
            throw StoreErrors.listExpired();
        }
        if (revision < exactFrom) {
            return null;
        }
        KeyTree<CacheEntry> tree;
        lock.lock();
        try {
            tree = recent.stateAt(revision);
        } finally {
            lock.unlock();
        }
        return tree == null ? null : new CacheSnapshot(resource, tree, revision, lists);
    }

    /**
     * Lists objects as they were at exactly a revision: those that are known here or, if that is too long ago, those that the
     * store still has. Waits if the revision has not been reached.
     *
     * @param namespace empty for all
     * @param after the key behind which to begin; empty for the beginning
     * @param limit how many at most; 0 for all
     * @param selected which of them; null for all
     * @throws ApiException Expired if the store has forgotten that revision
     */
    public CachePage listAt(
            long revision, String namespace, String after, long limit, @Nullable Predicate<CacheEntry> selected)
            throws InterruptedException {
        CacheSnapshot known = snapshotAt(revision);
        return known == null
                ? listStored(revision, namespace, after, limit, selected)
                : known.list(namespace, after, limit, selected);
    }

    private CachePage listStored(
            long revision, String namespace, String after, long limit, @Nullable Predicate<CacheEntry> selected)
            throws InterruptedException {
        String prefix = resource.prefix(namespace);
        if (!after.startsWith(prefix) && GoText.compare(after, prefix) > 0) {
            return new CachePage(List.of(), revision, false, 0);
        }
        String from = after.startsWith(prefix) ? after : "";
        List<CacheEntry> found = new ArrayList<>();
        while (true) {
            boolean counted = limit > 0 && selected == null;
            int wanted = (int) (counted ? Math.min(LIST_PAGE, limit - found.size()) : LIST_PAGE);
            StorePage page = store.list(prefix, from, wanted, revision);
            for (StoredValue value : page.values()) {
                CacheEntry entry = entries.entry(value);
                if (selected != null && !selected.test(entry)) {
                    continue;
                }
                if (limit > 0 && found.size() == limit) {
                    return new CachePage(found, revision, true, -1);
                }
                found.add(entry);
            }
            if (!page.more()) {
                return new CachePage(found, revision, false, 0);
            }
            if (limit > 0 && found.size() == limit) {
                return new CachePage(found, revision, true, counted ? page.remaining() : -1);
            }
            from = page.values().getLast().key();
        }
    }

    /**
     * Waits until it has come as far as a revision.
     *
     * @throws ApiException Timeout, "Too large resource version", if it does not in time; ServiceUnavailable if it is closed
     *     before
     */
    public void waitUntilFresh(long revision, Duration timeout) throws InterruptedException {
        if (loaded().revision >= revision) {
            waits.waited(resource, 0);
            return;
        }
        long begin = System.nanoTime();
        try {
            waitUntilFresh(revision, begin + timeout.toNanos());
        } finally {
            waits.waited(resource, System.nanoTime() - begin);
        }
    }

    private void waitUntilFresh(long revision, long deadline) throws InterruptedException {
        long ask = System.nanoTime();
        while (loaded().revision < revision) {
            if (closed) {
                throw stopped();
            }
            long now = System.nanoTime();
            if (deadline - now <= 0) {
                ApiException fault = fault();
                throw fault == null ? StoreErrors.tooLargeRevision(revision, loaded().revision) : fault;
            }
            if (now - ask >= 0) {
                wantProgress();
                ask = now + PROGRESS_NANOS;
            }
            awaitAdvance(revision, Math.min(deadline - now, PROGRESS_NANOS));
        }
    }

    /** Waits once; whoever calls looks again. */
    @SuppressWarnings("WaitNotInLoop")
    private void awaitAdvance(long revision, long nanos) throws InterruptedException {
        lock.lock();
        waiting++;
        try {
            if (loaded().revision < revision) {
                var _ = advanced.awaitNanos(nanos);
            }
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    /** Has the store tell how far it is, which comes as any event comes. */
    void wantProgress() {
        StoreWatch watch = storeWatch;
        if (watch != null) {
            watch.requestProgress();
        }
    }

    /** The store has forgotten what was before a revision. */
    void compacted(long revision) {
        compactRevision = Math.max(compactRevision, revision);
    }

    /**
     * Holds what is here against what the store had at the same revision. After a difference, states of the past are read
     * from the store, until another check finds none.
     */
    void checkConsistency() throws InterruptedException {
        try {
            String difference = null;
            for (int tries = 0; tries < CONSISTENCY_TRIES; tries++) {
                if (tries > 0) {
                    Thread.sleep(CONSISTENCY_PAUSE);
                }
                State now = loaded();
                difference = ConsistencyCheck.difference(store, resource.prefix(), now.tree.iterator(), now.revision);
                if (difference == null) {
                    checksPassed.increment();
                    if (exactFrom == Long.MAX_VALUE) {
                        exactFrom = now.revision;
                    }
                    return;
                }
            }
            checksFailed.increment();
            exactFrom = Long.MAX_VALUE;
            log.error("Cache consistency check of {} failed: {}", resource.prefix(), difference);
        } catch (RuntimeException e) {
            if (!closed) {
                checksBroken.increment();
                log.warn("Cache consistency check of {} could not be made: {}", resource.prefix(), e.getMessage());
            }
        }
    }

    /** How many objects there are; -1 before it is loaded. */
    public int size() {
        State now = state;
        return now == null ? -1 : now.tree.size();
    }

    /** How many bytes all objects take together, as they are sent; -1 before it is loaded. */
    public long sizeBytes() {
        State now = state;
        return now == null ? -1 : now.bytes;
    }

    /** Whether all these may hold their trees without pushing out most of those that others hold. */
    public boolean hasRoomForTreesOf(List<CacheEntry> entries) {
        long bytes = 0;
        for (CacheEntry entry : entries) {
            bytes += entry.sizeBytes();
            if (!trees.hasRoomFor(bytes)) {
                return false;
            }
        }
        return true;
    }

    // Watches.

    /**
     * How many watches are told of a change of an object, but for those that select by other fields than its name.
     *
     * @param namespace empty for none
     * @param name empty if it is not known yet
     */
    public int watches(String namespace, String name) {
        if (watchers.count() < FEW_WATCHES) {
            return watchers.count();
        }
        lock.lock();
        try {
            return watchers.concerned(namespace, name.isEmpty() ? "" : resource.key(namespace, name));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins a watch. To have it begin with objects that are not older than a revision, wait for that first.
     *
     * @throws ApiException Expired if what it wants to hear is not known any more; ServiceUnavailable if the cache is closed
     */
    public CacheWatch watch(WatchRequest request) {
        lock.lock();
        try {
            State now = loaded();
            if (closed) {
                throw stopped();
            }
            long first = recent.next();
            long behind = 0;
            Iterator<CacheEntry> objects = null;
            if (request.initial()) {
                objects = objects(now, request.scope());
            } else if (request.from() > 0) {
                first = recent.behind(request.from());
                initial.add(recent.next() - first);
                behind = request.from();
            }
            CacheWatch watch = new CacheWatch(
                    this, request, options, objects, now.revision, behind, first, first == recent.next());
            watchers.add(watch);
            return watch;
        } finally {
            lock.unlock();
        }
    }

    /** A watch that could not begin, and tells why; it tells nothing else. */
    public CacheWatch endedWatch(WatchRequest request, ApiException why) {
        CacheWatch watch = new CacheWatch(this, request, options, null, 0, 0, 0, true);
        watch.end(new WatchItem.End(why));
        return watch;
    }

    private Iterator<CacheEntry> objects(State now, WatchScope scope) {
        CacheSnapshot snapshot = new CacheSnapshot(resource, now.tree, now.revision, lists);
        return switch (scope) {
            case WatchScope.InNamespace(String namespace) -> snapshot.iterator(namespace, "");
            case WatchScope.OneObject(String key) -> now.tree.range(key, key + "\0");
            case WatchScope.All _, WatchScope.WithField _ -> snapshot.iterator("", "");
        };
    }

    /** Fills the queue of a watch that is behind; returns why it ends, if it is too far behind. */
    @Nullable
    ApiException catchUp(CacheWatch watch, long told) {
        lock.lock();
        try {
            if (watch.refill(recent, CATCH_UP_EVENTS)) {
                return null;
            }
            tooSlow.increment();
            return recent.tooOld(told);
        } finally {
            lock.unlock();
        }
    }

    void leave(CacheWatch watch) {
        lock.lock();
        try {
            watchers.remove(watch);
        } finally {
            lock.unlock();
        }
    }

    /** How many watches there are. */
    public int watchCount() {
        lock.lock();
        try {
            return watchers.count();
        } finally {
            lock.unlock();
        }
    }

    /** A watch has begun with one more object. */
    void toldInitial() {
        initial.increment();
    }

    /** What has come to pass so far. */
    public CacheCounts counts() {
        return new CacheCounts(
                received.sum(),
                dispatched.sum(),
                initial.sum(),
                loads.sum(),
                tooSlow.sum(),
                consistentReads.sum(),
                failedReads.sum(),
                lists.lists(),
                lists.fetched(),
                lists.returned(),
                checksPassed.sum(),
                checksFailed.sum(),
                checksBroken.sum());
    }

    /** How many events there is room for at the moment. */
    public int eventCapacity() {
        lock.lock();
        try {
            return recent.capacity();
        } finally {
            lock.unlock();
        }
    }

    /** How many events are kept to begin watches from. */
    public int recentEventCount() {
        lock.lock();
        try {
            return recent.count();
        } finally {
            lock.unlock();
        }
    }

    /** Ends it, and all its watches. */
    @Override
    public void close() {
        closing.accept(this);
        lock.lock();
        try {
            closed = true;
            watchers.forEach(watch -> watch.end(new WatchItem.End(null)));
            watchers.clear();
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
        keeper.interrupt();
        ready.completeExceptionally(new IllegalStateException("closed"));
    }
}
