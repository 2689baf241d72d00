package io.keelson.kvstore.faults;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A watcher of a prefix that resumes on another member, from the revision after the last one it saw, whenever its stream
 * breaks; as every careful client does. What it has seen must be every change, once, in order; but for those that were
 * compacted before it came to them, of which it is told, and behind which it goes on.
 */
public final class EventRecorder implements AutoCloseable {
    private final ClusterProcesses cluster;
    private final LongSupplier compactionAsked;
    private final ByteString prefix;
    private final ByteString end;
    private final List<Event> events = new ArrayList<>();
    private final List<String> breaches = new ArrayList<>();
    private final List<WatchJudge.Gap> gaps = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int member;
    private int generation;
    private long next;
    private boolean closed;
    private int resumed;
    private @Nullable StreamObserver<WatchRequest> requests;

    /** Begins to watch where nobody compacts. */
    public EventRecorder(ClusterProcesses cluster, String prefix, int member, long fromRevision) {
        this(cluster, prefix, member, fromRevision, () -> 0);
    }

    /**
     * Begins to watch.
     *
     * @param prefix of keys
     * @param member to ask first
     * @param fromRevision the first revision of interest
     * @param compactionAsked the highest revision that anybody was asked to compact; no more may be said to be
     */
    EventRecorder(
            ClusterProcesses cluster, String prefix, int member, long fromRevision, LongSupplier compactionAsked) {
        this.cluster = cluster;
        this.compactionAsked = compactionAsked;
        this.prefix = ByteString.copyFromUtf8(prefix);
        this.end = ByteString.copyFromUtf8(
                prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1));
        this.member = member;
        this.next = fromRevision;
        open();
    }

    private void open() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            int own = ++generation;
            StreamObserver<WatchRequest> stream = WatchGrpc.newStub(cluster.channel(member))
                    .watch(new StreamObserver<>() {
                        @Override
                        public void onNext(WatchResponse response) {
                            take(own, response);
                        }

                        @Override
                        public void onError(Throwable error) {
                            resume(own);
                        }

                        @Override
                        public void onCompleted() {
                            resume(own);
                        }
                    });
            requests = stream;
            stream.onNext(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(prefix)
                            .setRangeEnd(end)
                            .setStartRevision(next))
                    .build());
        } finally {
            lock.unlock();
        }
    }

    private void take(int own, WatchResponse response) {
        lock.lock();
        try {
            if (own != generation) {
                return;
            }
            if (response.getCanceled()) {
                canceled(own, response);
                return;
            }
            long last = next - 1;
            for (Event event : response.getEventsList()) {
                long revision = event.getKv().getModRevision();
                if (revision < last || revision < next) {
                    breaches.add("event of revision " + revision + " after " + last);
                }
                last = Math.max(last, revision);
                events.add(event);
            }
            next = Math.max(next, last + 1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void canceled(int own, WatchResponse response) {
        long compacted = response.getCompactRevision();
        if (compacted < next || compacted > compactionAsked.getAsLong()) {
            breaches.add(
                    "canceled at revision " + next + ": " + response.getCancelReason() + ", compacted " + compacted);
            return;
        }
        gaps.add(new WatchJudge.Gap(next, compacted));
        next = compacted + 1;
        changed.signalAll();
        StreamObserver<WatchRequest> stream = requests;
        if (stream != null) {
            stream.onCompleted();
        }
        resume(own);
    }

    private void resume(int own) {
        lock.lock();
        try {
            if (closed || own != generation) {
                return;
            }
            generation++;
            resumed++;
            member = (member + 1) % cluster.members().size();
        } finally {
            lock.unlock();
        }
        cluster.channel(member).resetConnectBackoff();
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(50); // a member that is down is not asked in a tight loop
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            open();
        });
    }

    /** Waits until it has seen a revision that changed something under the prefix, and returns all events so far. */
    public List<Event> seenUpTo(long revision, int seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        lock.lock();
        try {
            while (next <= revision) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError("a watcher got no further than revision " + (next - 1) + " of " + revision
                            + " after " + resumed + " resumptions");
                }
                changed.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
            }
            return List.copyOf(events);
        } finally {
            lock.unlock();
        }
    }

    /** Where it could see nothing, because that had been compacted. */
    List<WatchJudge.Gap> gaps() {
        lock.lock();
        try {
            return List.copyOf(gaps);
        } finally {
            lock.unlock();
        }
    }

    /** What it was told and should not have been. */
    public List<String> breaches() {
        lock.lock();
        try {
            return List.copyOf(breaches);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            generation++;
        } finally {
            lock.unlock();
        }
    }
}
