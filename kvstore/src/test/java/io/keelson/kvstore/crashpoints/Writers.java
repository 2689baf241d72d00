package io.keelson.kvstore.crashpoints;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.faults.ClusterProcesses;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Clients that write numbers, each larger than the one before, to keys of their own through all members, and note what was
 * acknowledged. What is found later is the last number that was, or one whose fate was not told: such a write may still come
 * when its client has gone on and later ones are done.
 */
final class Writers implements AutoCloseable {
    private static final int WRITERS = 6;
    private static final int KEYS = 20;
    private static final int NONE = -1;
    private static final int CALL_SECONDS = 3;
    /** More than members keep in their logs. */
    private static final int LEAVE_BEHIND_WRITES = 500;

    private static final long LEAVE_BEHIND_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final String PREFIX = "crash/";
    /** Between the number and what makes the value long. */
    private static final char END = ':';

    /** How fast they write. */
    enum Pace {
        /** Some 15 writes a second in all: more would take the processors from the starts, of which there are thousands. */
        CALM(400),
        /** Some 300 a second, as long as a crash waits for writes. */
        HURRIED(15),
        /** As fast as the members take them. */
        RUSH(0);

        private final int pauseMs;

        Pace(int pauseMs) {
            this.pauseMs = pauseMs;
        }
    }

    private final ClusterProcesses cluster;
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, Long> acknowledgedByKey = new ConcurrentHashMap<>();
    /** The numbers whose fate was not told, by key. */
    private final Map<String, Set<Long>> untoldByKey = new ConcurrentHashMap<>();

    private final AtomicLong acknowledged = new AtomicLong();
    /** Held for reading by who writes; for writing by who judges. */
    private final ReentrantReadWriteLock pause = new ReentrantReadWriteLock(true);

    private volatile boolean stopped;
    private volatile Pace pace = Pace.CALM;
    private volatile String padding = "";
    private volatile int avoided = NONE;

    Writers(ClusterProcesses cluster) {
        this.cluster = cluster;
    }

    void start() {
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            threads.add(Thread.ofVirtual().start(() -> work(writer)));
        }
    }

    /**
     * Says how they write from now on.
     *
     * @param valueBytes how long values are, besides the number
     */
    void write(Pace newPace, int valueBytes) {
        padding = "x".repeat(valueBytes);
        pace = newPace;
    }

    /** Has nobody write through a member, which does not run: every attempt would cost more than a write. */
    void avoid(int member) {
        avoided = member;
    }

    /** Has them write through all members. */
    void avoidNone() {
        avoided = NONE;
    }

    /** Writes through all members but one so much that this one, which does not run, falls behind; or what a while allows. */
    void leaveBehind(int member) throws InterruptedException {
        long before = acknowledged();
        long deadline = System.nanoTime() + LEAVE_BEHIND_NANOS;
        Pace paceBefore = pace;
        int avoidedBefore = avoided;
        avoided = member;
        pace = Pace.RUSH;
        while (acknowledged() < before + LEAVE_BEHIND_WRITES && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        pace = paceBefore;
        avoided = avoidedBefore;
    }

    private void work(int writer) {
        SplittableRandom random = new SplittableRandom(writer);
        for (long number = 1; !stopped; number++) {
            String key = PREFIX + writer + "/" + random.nextInt(KEYS);
            int member = random.nextInt(cluster.members().size());
            if (member == avoided) {
                member = (member + 1) % cluster.members().size();
            }
            pause.readLock().lock();
            try {
                KVGrpc.newBlockingStub(cluster.channel(member))
                        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                        .put(PutRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8(key))
                                .setValue(ByteString.copyFromUtf8(Long.toString(number) + END + padding))
                                .build());
                acknowledgedByKey.put(key, number);
                acknowledged.incrementAndGet();
            } catch (StatusRuntimeException e) {
                untoldByKey
                        .computeIfAbsent(key, _ -> ConcurrentHashMap.newKeySet())
                        .add(number);
                cluster.channel(member).resetConnectBackoff();
            } finally {
                pause.readLock().unlock();
            }
            try {
                Thread.sleep(pace.pauseMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** Lets nobody write any more, until {@link #goOn}, and holds what a member has against what was acknowledged. */
    void pauseAndJudge(int member) {
        pause.writeLock().lock();
        Map<String, Long> found = new HashMap<>();
        for (KeyValue kv : KVGrpc.newBlockingStub(cluster.channel(member))
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(PREFIX))
                        .setRangeEnd(ByteString.copyFromUtf8(PREFIX + "~"))
                        .build())
                .getKvsList()) {
            String value = kv.getValue().toStringUtf8();
            found.put(kv.getKey().toStringUtf8(), Long.parseLong(value.substring(0, value.indexOf(END))));
        }
        acknowledgedByKey.forEach((key, number) -> {
            Long now = found.get(key);
            boolean untold =
                    now != null && untoldByKey.getOrDefault(key, Set.of()).contains(now);
            if (!number.equals(now) && !untold) {
                throw new AssertionError(
                        "the write of " + number + " to " + key + " was acknowledged; found is " + now);
            }
        });
    }

    void goOn() {
        if (pause.isWriteLockedByCurrentThread()) {
            pause.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
