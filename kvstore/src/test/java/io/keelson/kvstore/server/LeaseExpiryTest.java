package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When leases end, as a client sees it: a watcher of their keys. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeaseExpiryTest {
    private static final int LEASES = 9;
    private static final long BETWEEN_MS = 130;
    private static final long PATIENCE_S = 30;

    /** A key that went, and when. */
    private record Gone(String key, long atNs) {}

    private static final class Deletions implements StreamObserver<WatchResponse> {
        private final BlockingQueue<Boolean> created = new LinkedBlockingQueue<>();
        private final BlockingQueue<Gone> gone = new LinkedBlockingQueue<>();

        @Override
        public void onNext(WatchResponse response) {
            long nowNs = System.nanoTime();
            if (response.getCreated()) {
                created.add(true);
            }
            for (Event event : response.getEventsList()) {
                if (event.getType() == Event.EventType.DELETE) {
                    gone.add(new Gone(event.getKv().getKey().toStringUtf8(), nowNs));
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            // The server goes first when the test ends.
        }

        @Override
        public void onCompleted() {}
    }

    /** One that the machine had no time for may be late; most must not. */
    @Test
    void leasesEndWithinASecondOfTheirTimeAndNeverBefore(@TempDir Path folder) throws Exception {
        try (KvServer server = TestServers.start(TestServers.loneMember(folder))) {
            Deletions deletions = new Deletions();
            StreamObserver<WatchRequest> watch =
                    WatchGrpc.newStub(server.channel()).watch(deletions);
            watch.onNext(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("key"))
                            .setRangeEnd(ByteString.copyFromUtf8("kez")))
                    .build());
            assertEquals(true, deletions.created.poll(PATIENCE_S, TimeUnit.SECONDS));
            var leases = LeaseGrpc.newBlockingStub(server.channel());
            var kv = KVGrpc.newBlockingStub(server.channel());
            Map<String, Long> askedNs = new HashMap<>();
            Map<String, Long> grantedNs = new HashMap<>();
            for (int i = 0; i < LEASES; i++) {
                String key = "key" + i;
                askedNs.put(key, System.nanoTime());
                LeaseGrantResponse lease = leases.leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(2).build());
                grantedNs.put(key, System.nanoTime());
                assertEquals(2, lease.getTTL());
                var _ = kv.put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setLease(lease.getID())
                        .build());
                Thread.sleep(BETWEEN_MS);
            }
            List<Long> lateMs = new ArrayList<>();
            for (int i = 0; i < LEASES; i++) {
                Gone gone = deletions.gone.poll(PATIENCE_S, TimeUnit.SECONDS);
                if (gone == null) {
                    throw new AssertionError("only " + i + " of " + LEASES + " leases have ended");
                }
                long livedNs = gone.atNs() - askedNs.getOrDefault(gone.key(), 0L);
                assertTrue(livedNs >= TimeUnit.SECONDS.toNanos(2), gone.key() + " lived for " + livedNs + " ns");
                lateMs.add(TimeUnit.NANOSECONDS.toMillis(gone.atNs() - grantedNs.getOrDefault(gone.key(), 0L)) - 2_000);
            }
            Collections.sort(lateMs);
            assertTrue(lateMs.get(LEASES / 2) < 1_000, "milliseconds too late: " + lateMs);
        }
    }
}
