package io.keelson.kvstore.hostile;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Clients that put and read back, at an even pace, and note how long each call took. */
final class GoodClients implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 10;
    private static final int PACE_MS = 5;

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;
    private List<Long> took = new ArrayList<>();
    private List<String> failures = new ArrayList<>();

    /** Begins with one client for each channel. */
    GoodClients(List<ManagedChannel> channels) {
        for (int i = 0; i < channels.size(); i++) {
            int client = i;
            threads.add(Thread.ofVirtual().start(() -> work(client, channels.get(client))));
        }
    }

    private void work(int client, ManagedChannel channel) {
        ByteString key = ByteString.copyFromUtf8("a-good/" + client);
        for (long number = 0; !stopped; number++) {
            ByteString value = ByteString.copyFromUtf8(Long.toString(number));
            KVGrpc.KVBlockingStub kv =
                    KVGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
            try {
                long begin = System.nanoTime();
                kv.put(PutRequest.newBuilder().setKey(key).setValue(value).build());
                long put = System.nanoTime();
                RangeResponse read =
                        kv.range(RangeRequest.newBuilder().setKey(key).build());
                ByteString found = read.getKvsCount() == 0
                        ? ByteString.EMPTY
                        : read.getKvs(0).getValue();
                long got = System.nanoTime();
                note(
                        put - begin,
                        got - put,
                        found.equals(value)
                                ? null
                                : "read " + found.toStringUtf8() + " behind a put of " + value.toStringUtf8());
                Thread.sleep(PACE_MS);
            } catch (StatusRuntimeException e) {
                note(0, 0, e.getStatus().toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized void note(long putNanos, long rangeNanos, @Nullable String failure) {
        if (failure != null) {
            failures.add(failure);
            return;
        }
        took.add(putNanos);
        took.add(rangeNanos);
    }

    /** Returns what happened since the last look. */
    synchronized Look look() {
        Look look = new Look(took.stream().mapToLong(Long::longValue).sorted().toArray(), List.copyOf(failures));
        took = new ArrayList<>();
        failures = new ArrayList<>();
        return look;
    }

    /** Lets them stop after the answers they wait for. */
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
