package io.keelson.kvstore.faults;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.linearizability.CompactionChecker.Compaction;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Has the past dropped again and again, through any member, mostly up to some hundred revisions ago and now and then up to a
 * moment ago; and notes down what it has asked for.
 */
final class Compactions implements AutoCloseable {
    private final ClusterProcesses cluster;
    private final SplittableRandom random;
    private final Thread thread;
    private final ConcurrentLinkedQueue<Compaction> asked = new ConcurrentLinkedQueue<>();
    private volatile long newest;
    private volatile boolean stopped;

    Compactions(ClusterProcesses cluster, SplittableRandom random) {
        this.cluster = cluster;
        this.random = random;
        thread = Thread.ofVirtual().unstarted(this::work);
    }

    void start() {
        thread.start();
    }

    private void work() {
        try {
            while (!stopped) {
                Thread.sleep(200 + random.nextInt(1_000));
                compact(random.nextInt(cluster.members().size()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void compact(int member) {
        KVGrpc.KVBlockingStub kv =
                KVGrpc.newBlockingStub(cluster.channel(member)).withDeadlineAfter(3, TimeUnit.SECONDS);
        long lag = random.nextInt(4) == 0 ? random.nextInt(20) : 200 + random.nextInt(1_500);
        long revision;
        try {
            revision = kv.range(RangeRequest.newBuilder()
                                    .setKey(ByteString.copyFromUtf8("none"))
                                    .build())
                            .getHeader()
                            .getRevision()
                    - lag;
        } catch (StatusRuntimeException e) {
            // It is being hurt; the next attempt asks another one.
            return;
        }
        if (revision <= newest) {
            return;
        }
        newest = revision;
        long invoked = System.nanoTime();
        try {
            var _ = kv.compact(CompactionRequest.newBuilder()
                    .setRevision(revision)
                    .setPhysical(random.nextInt(4) == 0)
                    .build());
            asked.add(new Compaction(revision, invoked, System.nanoTime()));
        } catch (StatusRuntimeException e) {
            // It may happen yet, or may have happened.
            asked.add(new Compaction(revision, invoked, Long.MAX_VALUE));
        }
    }

    /** The highest revision that anybody has been asked to compact, 0 if none. */
    long newest() {
        return newest;
    }

    /** Stops, waits for the last answer, and returns all that was asked for. */
    List<Compaction> stop() throws InterruptedException {
        stopped = true;
        thread.join();
        return List.copyOf(asked);
    }

    /** Lets it stop after the answer it waits for. */
    @Override
    public void close() {
        stopped = true;
    }
}
