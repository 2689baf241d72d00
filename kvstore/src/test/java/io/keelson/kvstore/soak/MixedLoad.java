package io.keelson.kvstore.soak;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.faults.ClusterProcesses;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients at an even pace: half of the calls read a key, the others put, compare and put, read a page, delete, and put
 * with a lease that is later revoked. Watchers follow. A call that is late because the one before it was slow counts from
 * when it was due.
 */
final class MixedLoad implements AutoCloseable {
    private static final int CLIENTS = 30;
    private static final int WATCHERS = 6;
    private static final int DEADLINE_SECONDS = 30;

    /** Calls that are told apart because they were the slowest. */
    private static final int SLOWEST_MAX = 5;

    /**
     * A call that was slow, to be held against what members' logs say of that moment.
     *
     * @param nanos from when it was due
     * @param sentNanos of it, from when it was sent
     * @param end when it was answered
     */
    record SlowCall(String what, int member, long nanos, long sentNanos, Instant end) {
        @Override
        public String toString() {
            return String.format(
                    "%s at member %d: %.1f ms, %.1f of them since it was sent, answered at %s",
                    what, member + 1, nanos / 1e6, sentNanos / 1e6, end);
        }
    }

    /**
     * What clients did since the last look.
     *
     * @param slowest a few calls, the slowest first
     */
    record Look(Latencies all, List<SlowCall> slowest, long failed, String firstFailure) {}

    private final ClusterProcesses cluster;
    private final long keys;
    private final int valueBytes;
    private final long intervalNanos;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong events = new AtomicLong();
    private volatile Latencies latencies = new Latencies();
    /** The fastest first; guarded by itself. */
    private final PriorityQueue<SlowCall> slowest = new PriorityQueue<>(Comparator.comparingLong(SlowCall::nanos));

    private final AtomicLong failed = new AtomicLong();
    private volatile String firstFailure = "";
    private volatile boolean stopped;

    /**
     * Begins.
     *
     * @param members the first so many are asked
     * @param callsPerSecond of all clients together
     */
    MixedLoad(ClusterProcesses cluster, int members, long keys, int valueBytes, int callsPerSecond, long seed) {
        this.cluster = cluster;
        this.keys = keys;
        this.valueBytes = valueBytes;
        intervalNanos = TimeUnit.SECONDS.toNanos(1) * CLIENTS / callsPerSecond;
        for (int i = 0; i < WATCHERS; i++) {
            watch(i % members, i);
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CLIENTS; i++) {
            int client = i;
            SplittableRandom own = random.split();
            threads.add(Thread.ofVirtual().start(() -> work(client % members, own)));
        }
    }

    static ByteString key(long number) {
        return ByteString.copyFromUtf8(String.format("key/%010d", number));
    }

    /** Bytes that do not compress. */
    static ByteString value(SplittableRandom random, int bytes) {
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        return UnsafeByteOperations.unsafeWrap(value);
    }

    private void watch(int member, int number) {
        StreamObserver<WatchRequest> requests = WatchGrpc.newStub(cluster.channel(member))
                .watch(new StreamObserver<>() {
                    @Override
                    public void onNext(WatchResponse response) {
                        events.addAndGet(response.getEventsCount());
                    }

                    @Override
                    public void onError(Throwable error) {
                        if (!stopped) {
                            fail("a watch ended: " + error.getMessage());
                        }
                    }

                    @Override
                    public void onCompleted() {
                        if (!stopped) {
                            fail("a watch ended");
                        }
                    }
                });
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(key(number))
                        .setRangeEnd(ByteString.copyFrom(new byte[] {0}))
                        .setPrevKv(number % 2 == 0))
                .build());
    }

    private void fail(String why) {
        if (failed.incrementAndGet() == 1) {
            firstFailure = why;
        }
    }

    private void work(int member, SplittableRandom random) {
        long due = System.nanoTime() + random.nextLong(intervalNanos);
        while (!stopped) {
            try {
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                long sent = System.nanoTime();
                String what = call(member, random);
                long end = System.nanoTime();
                latencies.add(end - due);
                remember(new SlowCall(what, member, end - due, end - sent, Instant.now()));
            } catch (StatusRuntimeException e) {
                fail(e.getStatus().toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            due += intervalNanos;
        }
    }

    private void remember(SlowCall call) {
        synchronized (slowest) {
            slowest.add(call);
            if (slowest.size() > SLOWEST_MAX) {
                slowest.poll();
            }
        }
    }

    /** Returns what was called. */
    private String call(int member, SplittableRandom random) {
        KVGrpc.KVBlockingStub kv =
                KVGrpc.newBlockingStub(cluster.channel(member)).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        ByteString key = key(random.nextLong(keys));
        int dice = random.nextInt(100);
        if (dice < 50) {
            kv.range(RangeRequest.newBuilder().setKey(key).build());
            return "get";
        } else if (dice < 72) {
            kv.put(PutRequest.newBuilder()
                    .setKey(key)
                    .setValue(value(random, valueBytes))
                    .build());
            return "put";
        } else if (dice < 84) {
            compareAndPut(kv, key, random);
            return "get, compare and put";
        } else if (dice < 94) {
            kv.range(RangeRequest.newBuilder()
                    .setKey(key)
                    .setRangeEnd(ByteString.copyFrom(new byte[] {0}))
                    .setLimit(50)
                    .setSerializable(random.nextBoolean())
                    .build());
            return "page";
        } else if (dice < 98) {
            kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
            kv.put(PutRequest.newBuilder()
                    .setKey(key)
                    .setValue(value(random, valueBytes))
                    .build());
            return "delete and put";
        } else {
            leased(member, kv, random);
            return "put with a lease";
        }
    }

    private void compareAndPut(KVGrpc.KVBlockingStub kv, ByteString key, SplittableRandom random) {
        RangeResponse found =
                kv.range(RangeRequest.newBuilder().setKey(key).setKeysOnly(true).build());
        kv.txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key)
                        .setTarget(Compare.CompareTarget.MOD)
                        .setModRevision(
                                found.getKvsCount() == 0 ? 0 : found.getKvs(0).getModRevision()))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value(random, valueBytes))))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                .build());
    }

    private void leased(int member, KVGrpc.KVBlockingStub kv, SplittableRandom random) {
        LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(cluster.channel(member))
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        long id = leases.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
        kv.put(PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("leased/" + random.nextInt(1_000)))
                .setLease(id)
                .build());
        leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
    }

    /** Returns what happened since the last look. */
    Look look() {
        Latencies old = latencies;
        latencies = new Latencies();
        List<SlowCall> slow = new ArrayList<>();
        synchronized (slowest) {
            for (SlowCall call = slowest.poll(); call != null; call = slowest.poll()) {
                slow.addFirst(call);
            }
        }
        return new Look(old, slow, failed.get(), firstFailure);
    }

    /** Events that watchers were told. */
    long events() {
        return events.get();
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
