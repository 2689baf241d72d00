package io.keelson.kvstore.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.server.TestKvCluster;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * jetcd, the Java client that others use, at work on three members while the leader is stopped and started again. It
 * repeats calls whose outcome it does not know, so a put may happen twice; nothing that was acknowledged may be missing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JetcdTest {
    private static final long DEADLINE_S = 60;

    private final TestKvCluster cluster;
    private final Client client;

    JetcdTest(@TempDir Path folder) throws Exception {
        cluster = TestKvCluster.started(folder);
        client = newClient();
    }

    private Client newClient() {
        return Client.builder()
                .endpoints(cluster.names().stream()
                        .map(name -> URI.create("http://" + cluster.endpoint(name)))
                        .toList())
                .retryMaxDuration(Duration.ofSeconds(DEADLINE_S))
                .build();
    }

    @AfterAll
    void close() {
        client.close();
        cluster.close();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static String text(ByteSequence bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(DEADLINE_S, TimeUnit.SECONDS);
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadlineNs, "did not happen in time: " + what);
            Thread.sleep(20);
        }
    }

    /** Waits until all that was acknowledged has been watched, and says what is missing if that does not come about. */
    private static void awaitAll(Map<Long, String> acknowledged, Map<Long, String> watched, List<String> breaks)
            throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!watched.keySet().containsAll(acknowledged.keySet())) {
            assertTrue(System.nanoTime() < deadlineNs, () -> {
                Set<Long> missing = new TreeSet<>(acknowledged.keySet());
                missing.removeAll(watched.keySet());
                return "acknowledged from " + Collections.min(acknowledged.keySet()) + " to "
                        + Collections.max(acknowledged.keySet()) + " and not watched: " + missing
                        + "; the watch was interrupted by " + breaks;
            });
            Thread.sleep(20);
        }
    }

    /** Stops the leader, waits until another leads, and starts it again. */
    private void changeLeader() throws Exception {
        String stopped = cluster.awaitLeader();
        cluster.stop(stopped);
        assertNotEquals(stopped, cluster.awaitLeader());
        var _ = cluster.restart(stopped);
    }

    /** Work that goes on until it is told to end, or fails. */
    private static final class Worker implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicInteger rounds = new AtomicInteger();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();

        private interface Round {
            void run() throws Exception;
        }

        Worker(Round round) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (!over.get()) {
                        round.run();
                        rounds.incrementAndGet();
                    }
                    ended.complete(null);
                } catch (Throwable e) {
                    ended.completeExceptionally(e);
                }
            });
        }

        /** Waits until it has gone so many rounds further, or has failed. */
        void awaitProgress(int further) throws Exception {
            int from = rounds.get();
            await("rounds of a worker", () -> ended.isDone() || rounds.get() >= from + further);
            if (ended.isDone()) {
                ended.get();
            }
        }

        @Override
        public void close() {
            over.set(true);
            ended.copy().orTimeout(DEADLINE_S, TimeUnit.SECONDS).join();
        }
    }

    @Test
    void nothingAcknowledgedIsMissingFromTheStoreOrFromAWatch() throws Exception {
        Map<Long, String> watched = new ConcurrentHashMap<>();
        List<Long> order = new ArrayList<>();
        Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        AtomicLong number = new AtomicLong();
        List<String> breaks = Collections.synchronizedList(new ArrayList<>());
        // A watch exists only some time after it was asked for; from a revision it misses nothing of what comes before.
        long beginning = get(client.getKVClient().get(bytes("w/"))).getHeader().getRevision() + 1;
        WatchOption prefix =
                WatchOption.builder().isPrefix(true).withRevision(beginning).build();
        Watch.Listener listener = Watch.listener(
                response -> {
                    for (WatchEvent event : response.getEvents()) {
                        KeyValue keyValue = event.getKeyValue();
                        watched.put(
                                keyValue.getModRevision(), text(keyValue.getKey()) + "=" + text(keyValue.getValue()));
                        synchronized (order) {
                            order.add(keyValue.getModRevision());
                        }
                    }
                },
                error -> breaks.add(String.valueOf(error.getMessage())),
                () -> breaks.add("completed"));
        try (Watch.Watcher _ = client.getWatchClient().watch(bytes("w/"), prefix, listener)) {
            try (Worker writer = new Worker(() -> {
                long value = number.incrementAndGet();
                String key = "w/" + value % 7;
                var put = get(client.getKVClient().put(bytes(key), bytes("" + value)));
                acknowledged.put(put.getHeader().getRevision(), key + "=" + value);
            })) {
                for (int i = 0; i < 3; i++) {
                    writer.awaitProgress(50);
                    changeLeader();
                    writer.awaitProgress(50);
                }
            }
            awaitAll(acknowledged, watched, breaks);
        }
        acknowledged.forEach((revision, put) -> assertEquals(put, watched.get(revision)));
        synchronized (order) {
            for (int i = 1; i < order.size(); i++) {
                assertTrue(order.get(i - 1) < order.get(i), "events come once and in order");
            }
        }
        for (int i = 0; i < 7; i++) {
            String key = "w/" + i;
            String newest = acknowledged.entrySet().stream()
                    .filter(entry -> entry.getValue().startsWith(key + "="))
                    .max(Map.Entry.comparingByKey())
                    .orElseThrow()
                    .getValue();
            GetResponse read = get(client.getKVClient().get(bytes(key)));
            assertEquals(newest, key + "=" + text(read.getKvs().getFirst().getValue()));
        }
    }

    @Test
    void aCounterThatManyCompareAndPutGoesUpByOneEachTime() throws Exception {
        ByteSequence key = bytes("counter");
        get(client.getKVClient().put(key, bytes("0")));
        List<Long> values = new ArrayList<>();
        AtomicLong acknowledged = new AtomicLong();
        Worker.Round increment = () -> {
            KeyValue now = get(client.getKVClient().get(key)).getKvs().getFirst();
            long next = Long.parseLong(text(now.getValue())) + 1;
            var answer = get(client.getKVClient()
                    .txn()
                    .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(now.getModRevision())))
                    .Then(Op.put(key, bytes("" + next), PutOption.DEFAULT))
                    .Else(Op.get(key, GetOption.DEFAULT))
                    .commit());
            if (answer.isSucceeded()) {
                acknowledged.incrementAndGet();
            }
        };
        try (Watch.Watcher _ = client.getWatchClient().watch(key, response -> {
            for (WatchEvent event : response.getEvents()) {
                synchronized (values) {
                    values.add(Long.parseLong(text(event.getKeyValue().getValue())));
                }
            }
        })) {
            Worker first = new Worker(increment);
            Worker second = new Worker(increment);
            Worker third = new Worker(increment);
            try (first;
                    second;
                    third) {
                for (int i = 0; i < 2; i++) {
                    first.awaitProgress(20);
                    changeLeader();
                    second.awaitProgress(20);
                }
            }
            long last = Long.parseLong(
                    text(get(client.getKVClient().get(key)).getKvs().getFirst().getValue()));
            assertTrue(last >= acknowledged.get(), last + " of at least " + acknowledged);
            await("the watch has seen the last value", () -> {
                synchronized (values) {
                    return !values.isEmpty() && values.getLast() == last;
                }
            });
        }
        synchronized (values) {
            for (int i = 1; i < values.size(); i++) {
                assertEquals(values.get(i - 1) + 1, values.get(i));
            }
        }
    }

    @Test
    void aLeaseThatIsKeptAliveOutlivesLeadersAndOneThatIsNotEnds() throws Exception {
        long ttlSeconds = 3;
        long id = get(client.getLeaseClient().grant(ttlSeconds)).getID();
        ByteSequence key = bytes("leased");
        get(client.getKVClient()
                .put(key, bytes("here"), PutOption.builder().withLeaseId(id).build()));
        AtomicInteger renewals = new AtomicInteger();
        long beganNs = System.nanoTime();
        try (var _ = client.getLeaseClient().keepAlive(id, new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveResponse response) {
                renewals.incrementAndGet();
            }

            @Override
            public void onError(Throwable error) {
                // jetcd opens another stream by itself; whether that works is what is tested.
            }

            @Override
            public void onCompleted() {}
        })) {
            changeLeader();
            changeLeader();
            await(
                    "it has been renewed for three times its life",
                    () -> renewals.get() >= 3
                            && System.nanoTime() - beganNs > TimeUnit.SECONDS.toNanos(3 * ttlSeconds));
            assertEquals(1, get(client.getKVClient().get(key)).getCount());
            assertTrue(get(client.getLeaseClient().timeToLive(id, LeaseOption.DEFAULT))
                            .getTTL()
                    > 0);
        }
        await(
                "the key goes with its lease",
                () -> get(client.getKVClient().get(key)).getCount() == 0);
    }

    @Test
    void aLockIsHeldByOneAtATime() throws Exception {
        AtomicInteger holders = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        ByteSequence name = bytes("lock");
        List<Worker> workers = new ArrayList<>();
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                Client own = newClient();
                clients.add(own);
                workers.add(new Worker(() -> {
                    // The lease is far longer than the test: nobody loses the lock while holding it.
                    long lease = get(own.getLeaseClient().grant(600)).getID();
                    var lock = get(own.getLockClient().lock(name, lease));
                    assertEquals(1, holders.incrementAndGet());
                    turns.incrementAndGet();
                    get(own.getKVClient().put(bytes("guarded"), bytes("" + turns)));
                    assertEquals(0, holders.decrementAndGet());
                    get(own.getLockClient().unlock(lock.getKey()));
                    get(own.getLeaseClient().revoke(lease));
                }));
            }
            workers.getFirst().awaitProgress(5);
            changeLeader();
            for (Worker worker : workers) {
                worker.awaitProgress(5);
            }
        } finally {
            for (Worker worker : workers) {
                worker.close();
            }
            clients.forEach(Client::close);
        }
        assertTrue(turns.get() >= 20);
    }

    @Test
    void whoWasElectedIsSeenByAllAndIsFollowedByTheNext() throws Exception {
        ByteSequence name = bytes("election");
        List<String> seen = new ArrayList<>();
        long lease = get(client.getLeaseClient().grant(600)).getID();
        CampaignResponse elected = get(client.getElectionClient().campaign(name, lease, bytes("first")));
        client.getElectionClient().observe(name, new Election.Listener() {
            @Override
            public void onNext(LeaderResponse response) {
                synchronized (seen) {
                    seen.add(text(response.getKv().getValue()));
                }
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        });
        try (Client other = newClient()) {
            long second = get(other.getLeaseClient().grant(600)).getID();
            CompletableFuture<CampaignResponse> waiting =
                    other.getElectionClient().campaign(name, second, bytes("second"));
            await("the first is observed", () -> {
                synchronized (seen) {
                    return seen.contains("first");
                }
            });
            assertFalse(waiting.isDone());
            get(client.getElectionClient().resign(elected.getLeader()));
            get(waiting);
            assertEquals(
                    "second",
                    text(get(other.getElectionClient().leader(name)).getKv().getValue()));
            await("the second is observed", () -> {
                synchronized (seen) {
                    return seen.contains("second");
                }
            });
            changeLeader();
            assertEquals(
                    "second",
                    text(get(other.getElectionClient().leader(name)).getKv().getValue()));
        }
    }
}
