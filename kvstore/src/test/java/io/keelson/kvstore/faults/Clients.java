package io.keelson.kvstore.faults;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.linearizability.Operation;
import io.keelson.kvstore.linearizability.Operation.Action;
import io.keelson.kvstore.linearizability.Operation.Outcome;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that put, read, compare-and-put and delete a few keys through all members, and read what they were some revisions
 * ago, one operation at a time each.
 */
final class Clients implements AutoCloseable {
    /**
     * Texts of answers that say the request was not taken in. A connection that could not be made carried nothing either.
     * Any other failure of a write leaves its fate open, a broken connection above all.
     */
    private static final Set<String> CERTAINLY_REFUSED = Set.of(
            "etcdserver: no leader", "etcdserver: too many requests", "etcdserver: mvcc: database space exceeded");

    private static final int DEADLINE_SECONDS = 5;

    private final ClusterProcesses cluster;
    private final String keyPrefix;
    private final int keys;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<Operation> history = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> seenRevisions = new ConcurrentHashMap<>();
    private final AtomicLong nextValue = new AtomicLong();
    private final AtomicLong newestRevision = new AtomicLong();
    private volatile boolean stopped;

    Clients(ClusterProcesses cluster, String keyPrefix, int clients, int keys, SplittableRandom random) {
        this.cluster = cluster;
        this.keyPrefix = keyPrefix;
        this.keys = keys;
        for (int i = 0; i < clients; i++) {
            int client = i;
            SplittableRandom own = random.split();
            threads.add(Thread.ofVirtual().unstarted(() -> work(client, own)));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /** Stops them, waits for the last answers, and returns all they saw. */
    List<Operation> stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
        return Collections.unmodifiableList(new ArrayList<>(history));
    }

    private void work(int client, SplittableRandom random) {
        while (!stopped) {
            int member = random.nextInt(cluster.members().size());
            Operation operation = operate(client, member, random);
            history.add(operation);
            if (!(operation.outcome() instanceof Outcome.Done)) {
                cluster.channel(member).resetConnectBackoff();
                try {
                    Thread.sleep(20 + random.nextInt(80)); // a refused client does not spin
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private Operation operate(int client, int member, SplittableRandom random) {
        String key = keyPrefix + random.nextInt(keys);
        int dice = random.nextInt(100);
        Action action;
        long newest = newestRevision.get();
        if (dice < 35 || (dice < 45 && newest == 0)) {
            action = new Action.Read();
        } else if (dice < 45) {
            action = new Action.ReadAt(Math.max(1, newest - random.nextInt(random.nextBoolean() ? 20 : 2_000)));
        } else if (dice < 75) {
            action = new Action.Write("v" + nextValue.incrementAndGet());
        } else if (dice < 95) {
            action = new Action.CompareAndPut(seenRevisions.getOrDefault(key, 0L), "v" + nextValue.incrementAndGet());
        } else {
            action = new Action.Delete();
        }
        long invoked = System.nanoTime();
        try {
            Outcome.Done outcome = call(member, key, action);
            newestRevision.accumulateAndGet(outcome.revision(), Math::max);
            return new Operation(client, key, action, outcome, invoked, System.nanoTime());
        } catch (StatusRuntimeException e) {
            String why = e.getStatus().getCode() + ": " + e.getStatus().getDescription();
            boolean refused = reads(action) || certainlyRefused(e.getStatus());
            return refused
                    ? new Operation(client, key, action, new Outcome.Refused(why), invoked, System.nanoTime())
                    : new Operation(client, key, action, new Outcome.Unknown(why), invoked, Long.MAX_VALUE);
        }
    }

    private static boolean reads(Action action) {
        return action instanceof Action.Read || action instanceof Action.ReadAt;
    }

    private static boolean certainlyRefused(Status status) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        String text = status.getDescription();
        return text != null && CERTAINLY_REFUSED.contains(text);
    }

    private Outcome.Done call(int member, String key, Action action) {
        KVGrpc.KVBlockingStub kv =
                KVGrpc.newBlockingStub(cluster.channel(member)).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        ByteString name = ByteString.copyFromUtf8(key);
        return switch (action) {
            case Action.Read read -> {
                RangeResponse response =
                        kv.range(RangeRequest.newBuilder().setKey(name).build());
                yield read(key, response);
            }
            case Action.ReadAt read -> {
                RangeResponse response = kv.range(RangeRequest.newBuilder()
                        .setKey(name)
                        .setRevision(read.revision())
                        .build());
                yield told(response);
            }
            case Action.Write write ->
                done(kv.put(PutRequest.newBuilder()
                                .setKey(name)
                                .setValue(ByteString.copyFromUtf8(write.value()))
                                .build())
                        .getHeader()
                        .getRevision());
            case Action.Delete delete -> {
                DeleteRangeResponse response = kv.deleteRange(
                        DeleteRangeRequest.newBuilder().setKey(name).build());
                yield new Outcome.Done(response.getHeader().getRevision(), null, 0, response.getDeleted() > 0);
            }
            case Action.CompareAndPut put -> {
                TxnResponse response = kv.txn(TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder()
                                .setKey(name)
                                .setTarget(Compare.CompareTarget.MOD)
                                .setModRevision(put.expectedRevision()))
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestPut(PutRequest.newBuilder()
                                        .setKey(name)
                                        .setValue(ByteString.copyFromUtf8(put.value()))))
                        .addFailure(RequestOp.newBuilder()
                                .setRequestRange(RangeRequest.newBuilder().setKey(name)))
                        .build());
                if (response.getSucceeded()) {
                    seenRevisions.put(key, response.getHeader().getRevision());
                } else {
                    read(key, response.getResponses(0).getResponseRange());
                }
                yield new Outcome.Done(response.getHeader().getRevision(), null, 0, response.getSucceeded());
            }
        };
    }

    private Outcome.Done read(String key, RangeResponse response) {
        Outcome.Done told = told(response);
        seenRevisions.put(key, told.modRevision());
        return told;
    }

    private static Outcome.Done told(RangeResponse response) {
        long revision = response.getHeader().getRevision();
        if (response.getKvsCount() == 0) {
            return new Outcome.Done(revision, null, 0, true);
        }
        KeyValue found = response.getKvs(0);
        return new Outcome.Done(revision, found.getValue().toStringUtf8(), found.getModRevision(), true);
    }

    private static Outcome.Done done(long revision) {
        return new Outcome.Done(revision, null, 0, true);
    }

    /** Lets them stop after the answers they wait for. */
    @Override
    public void close() {
        stopped = true;
    }
}
