package io.keelson.apiserver.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.store.ObjectStore.Outcome;
import io.keelson.apiserver.store.StoreRequests.Operation;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseLeasesRequest;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchRequest;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store has to do, ours and the original. */
abstract class EtcdStoreContract {
    private static final String PODS = "/registry/pods/";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestEtcd etcd;

    @SuppressWarnings("NullAway.Init")
    private FaultyChannel channel;

    @SuppressWarnings("NullAway.Init")
    private EtcdStore store;

    private final ConcurrentLinkedQueue<Operation> requests = new ConcurrentLinkedQueue<>();

    abstract TestEtcd start(Path in) throws Exception;

    @BeforeEach
    void open() throws Exception {
        etcd = start(folder);
        channel = new FaultyChannel(etcd.channel());
        store = store(StoreOptions.DEFAULT);
    }

    @AfterEach
    void close() throws Exception {
        store.close();
        etcd.close();
    }

    private EtcdStore store(StoreOptions options) {
        return new EtcdStore(
                channel,
                options.withRequests((operation, _, _, _) -> requests.add(operation))
                        .withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(5)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static StoredValue there(EtcdStore in, String key) throws Exception {
        StoredValue value = in.get(key);
        assertNotNull(value, key);
        return value;
    }

    private static String text(@Nullable StoredValue value) {
        assertNotNull(value);
        return new String(value.bytes(), UTF_8);
    }

    private long put(String key, String value) throws Exception {
        StoredValue now = store.get(key);
        if (now == null) {
            return store.create(key, bytes(value), 0);
        }
        return assertInstanceOf(Outcome.Done.class, store.update(key, bytes(value), now.revision(), 0))
                .revision();
    }

    private void delete(String key) throws Exception {
        StoredValue now = store.get(key);
        assertNotNull(now);
        assertInstanceOf(Outcome.Done.class, store.delete(key, now.revision()));
    }

    private void compact(long revision) {
        var _ = KVGrpc.newBlockingStub(etcd.channel())
                .compact(CompactionRequest.newBuilder().setRevision(revision).build());
    }

    @Test
    void writesCompareTheRevision() throws Exception {
        String key = PODS + "default/web";
        assertNull(store.get(key));
        long created = store.create(key, bytes("one"), 0);
        assertTrue(created > 0);
        assertEquals(0, store.create(key, bytes("other"), 0), "it is there already");
        assertEquals(created, there(store, key).revision());

        Outcome.Changed refused =
                assertInstanceOf(Outcome.Changed.class, store.update(key, bytes("x"), created - 1, 0));
        assertEquals("one", text(refused.now()));
        Outcome.Done done = assertInstanceOf(Outcome.Done.class, store.update(key, bytes("two"), created, 0));
        assertTrue(done.revision() > created);

        assertInstanceOf(Outcome.Changed.class, store.delete(key, created));
        assertInstanceOf(Outcome.Done.class, store.delete(key, done.revision()));
        assertEquals(new Outcome.Changed(null), store.delete(key, done.revision()), "it is gone");
        assertEquals(new Outcome.Changed(null), store.update(key, bytes("x"), done.revision(), 0));
        assertTrue(store.revision() > done.revision());
    }

    @Test
    void tellsTheRevisionsOfKeysToMany() throws Exception {
        long one = store.create("/registry/revisions/one", bytes("1"), 0);
        long two = store.create("/registry/revisions/two", bytes("2"), 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> told = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String key = List.of("one", "two", "none").get(i % 3);
                told.add(threads.submit(() -> store.revisionOf("/registry/revisions/" + key)));
            }
            for (int i = 0; i < told.size(); i++) {
                assertEquals(List.of(one, two, 0L).get(i % 3), told.get(i).get());
            }
        }
    }

    @Test
    void listsComeInPagesAtOneRevision() throws Exception {
        for (int i = 0; i < 7; i++) {
            put(PODS + "a/p" + i, "v" + i);
        }
        put("/registry/podsother", "not below");
        put("/registry/pods0", "not below either");
        StorePage first = store.list(PODS, "", 3, 0);
        assertEquals(List.of("a/p0", "a/p1", "a/p2"), names(first));
        assertTrue(first.more());
        assertEquals(4, first.remaining());

        delete(PODS + "a/p5");
        StorePage second = store.list(PODS, PODS + "a/p2", 3, first.revision());
        assertEquals(List.of("a/p3", "a/p4", "a/p5"), names(second), "as it was");
        assertEquals(1, second.remaining());
        StorePage last = store.list(PODS, PODS + "a/p5", 3, first.revision());
        assertEquals(List.of("a/p6"), names(last));
        assertEquals(new StorePage(last.values(), first.revision(), false, 0), last);

        assertEquals(6, store.count(PODS));
        assertEquals(List.of(), names(store.list("/registry/none/", "", 0, 0)));
        assertThrows(ApiException.class, () -> store.list(PODS, "/registry/secrets/x", 3, 0));
    }

    @Test
    void keysComeWithTheirRevisionsAndWithoutWhatIsUnderThem() throws Exception {
        long first = put(PODS + "a/p0", "v");
        put(PODS + "a/p1", "v");
        long changed = put(PODS + "a/p1", "w");
        long last = put(PODS + "b/p2", "v");
        put("/registry/pods0", "not below");
        List<StoredKey> all = List.of(
                new StoredKey(PODS + "a/p0", first),
                new StoredKey(PODS + "a/p1", changed),
                new StoredKey(PODS + "b/p2", last));
        assertEquals(all, store.keys(PODS, "", 10, last));
        assertEquals(all.subList(0, 2), store.keys(PODS, "", 2, last));
        delete(PODS + "b/p2");
        assertEquals(all.subList(2, 3), store.keys(PODS, PODS + "a/p1", 2, last), "as it was");
        assertEquals(all.subList(0, 2), store.keys(PODS, "", 10, store.revision()));
        assertEquals(List.of(), store.keys("/registry/none/", "", 10, last));
        compact(last + 1);
        ApiException expired = assertThrows(ApiException.class, () -> store.keys(PODS, "", 10, last));
        assertEquals(Reason.EXPIRED, expired.reason());
    }

    private static List<String> names(StorePage page) {
        return page.values().stream()
                .map(value -> value.key().substring(PODS.length()))
                .toList();
    }

    @Test
    void aListWithoutLimitIsReadInSeveralPages() throws Exception {
        byte[] value = new byte[30_000];
        for (int i = 0; i < 1200; i++) {
            store.create(PODS + "a/p" + (10_000 + i), value, 0);
        }
        requests.clear();
        StorePage all = store.list(PODS, "", 0, 0);
        assertEquals(1200, all.values().size());
        assertEquals(names(all).stream().sorted().distinct().toList(), names(all), "in order, and none of them twice");
        long pages = requests.stream().filter(Operation.LIST::equals).count();
        assertTrue(pages >= 3, pages + " pages for 36 MB");
        assertEquals(1000, store.list(PODS, "", 1000, 0).values().size());
    }

    @Test
    void whatWasCompactedIsExpiredAndWhatIsToComeTooLarge() throws Exception {
        long first = put(PODS + "a/p", "1");
        put(PODS + "a/p", "2");
        long last = put(PODS + "a/p", "3");
        compact(last);

        ApiException list = assertThrows(ApiException.class, () -> store.list(PODS, "", 0, first));
        assertEquals(Reason.EXPIRED, list.reason());
        assertEquals("The resourceVersion for the provided list is too old.", list.message());

        SeenEvents seen = new SeenEvents();
        try (StoreWatch _ = store.watch(PODS, first, seen, seen.end::complete)) {
            ApiException watch = assertInstanceOf(ApiException.class, seen.end.get(30, TimeUnit.SECONDS));
            assertEquals(Reason.EXPIRED, watch.reason());
            assertEquals("The resourceVersion for the provided watch is too old.", watch.message());
        }
        ApiException future = assertThrows(ApiException.class, () -> store.list(PODS, "", 0, last + 100));
        assertEquals(Reason.TIMEOUT, future.reason());
        assertEquals("Timeout: Too large resource version: " + (last + 100) + ", current: " + last, future.message());
    }

    @Test
    void aWatchTellsWhatHappensInOrderFromItsRevisionOn() throws Exception {
        long first = put(PODS + "a/p", "1");
        put(PODS + "a/p", "2");
        SeenEvents seen = new SeenEvents();
        try (StoreWatch watch = store.watch(PODS, first + 1, seen, seen.end::complete)) {
            put("/registry/secrets/s", "elsewhere");
            delete(PODS + "a/p");
            put(PODS + "a/p", "3");
            long last = put("/registry/secrets/s", "again");
            TestEtcd.await("three events", () -> seen.changes().size() >= 3);
            assertEquals(
                    List.of("put /registry/pods/a/p=2", "delete /registry/pods/a/p", "create /registry/pods/a/p=3"),
                    seen.changes());
            TestEtcd.await("progress beyond what it watches", () -> {
                watch.requestProgress();
                return seen.progress() >= last;
            });
        }
        assertNull(seen.end.get(30, TimeUnit.SECONDS), "closed by us");
    }

    /** Whoever watches knows it; the store would have to read it, send it along and have it decrypted for nobody. */
    @Test
    void whatWasThereBeforeIsNotAskedFor() throws Exception {
        List<WatchCreateRequest> begun = new CopyOnWriteArrayList<>();
        Channel heard = ClientInterceptors.intercept(etcd.channel(), new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void sendMessage(Q message) {
                        if (message instanceof WatchRequest request && request.hasCreateRequest()) {
                            begun.add(request.getCreateRequest());
                        }
                        super.sendMessage(message);
                    }
                };
            }
        });
        SeenEvents seen = new SeenEvents();
        try (EtcdStore watched = new EtcdStore(heard, StoreOptions.DEFAULT);
                StoreWatch _ = watched.watch(PODS, 1, seen, seen.end::complete)) {
            put(PODS + "a/p", "1");
            put(PODS + "a/p", "2");
            TestEtcd.await("two events", () -> seen.changes().size() == 2);
        }
        assertEquals(
                List.of(false),
                begun.stream().map(WatchCreateRequest::getPrevKv).toList());
    }

    @Test
    void manyWatchesShareAFewStreams() throws Exception {
        List<SeenEvents> all = new ArrayList<>();
        List<StoreWatch> watches = new ArrayList<>();
        int before = channel.calls();
        for (int i = 0; i < 100; i++) {
            SeenEvents seen = new SeenEvents();
            all.add(seen);
            watches.add(store.watch("/registry/kind" + i + "/", 1, seen, seen.end::complete));
        }
        for (int i = 0; i < 100; i++) {
            store.create("/registry/kind" + i + "/x", bytes("v"), 0);
        }
        for (int i = 0; i < 100; i++) {
            SeenEvents seen = all.get(i);
            TestEtcd.await("an event", () -> !seen.changes().isEmpty());
            assertEquals(List.of("create /registry/kind" + i + "/x=v"), seen.changes());
        }
        assertTrue(channel.calls() - before - 100 <= 4, "streams");
        channel.cut();
        for (SeenEvents seen : all) {
            ApiException why = assertInstanceOf(ApiException.class, seen.end.get(30, TimeUnit.SECONDS));
            assertEquals(Reason.SERVICE_UNAVAILABLE, why.reason());
        }
        watches.forEach(StoreWatch::close);
    }

    @Test
    void aSlowConsumerLosesNothingAndHoldsUpNobody() throws Exception {
        try (EtcdStore small = store(StoreOptions.DEFAULT.withWatchBufferBytes(4096))) {
            SeenEvents slow = new SeenEvents(true);
            SeenEvents quick = new SeenEvents();
            StoreWatch slowWatch = small.watch(PODS, 1, slow, slow.end::complete);
            StoreWatch quickWatch = small.watch(PODS, 1, quick, quick.end::complete);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String key = PODS + "a/p" + i;
                small.create(key, bytes("x".repeat(200)), 0);
                expected.add("create " + key + "=" + "x".repeat(200));
            }
            TestEtcd.await("the quick one", () -> quick.changes().size() == 300);
            slow.open();
            TestEtcd.await("the slow one", () -> slow.changes().size() >= 300);
            assertEquals(expected, slow.changes());
            assertEquals(expected, quick.changes());
            slowWatch.close();
            quickWatch.close();
        }
    }

    @Test
    void aKeyWithALifetimeGoesByItselfAndSharesItsLease() throws Exception {
        SeenEvents seen = new SeenEvents();
        try (StoreWatch _ = store.watch("/registry/events/", 1, seen, seen.end::complete)) {
            for (int i = 0; i < 20; i++) {
                store.create("/registry/events/e" + i, bytes("v"), 40);
            }
            assertEquals(1, leases().size());
            store.create("/registry/events/short", bytes("v"), 2);
            assertEquals(2, leases().size());
            TestEtcd.await("the short one to go", () -> seen.changes().contains("delete /registry/events/short"));
            assertEquals(20, store.count("/registry/events/"));
        }
    }

    private List<Long> leases() {
        return LeaseGrpc.newBlockingStub(etcd.channel())
                .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                .getLeasesList()
                .stream()
                .map(lease -> lease.getID())
                .toList();
    }

    @Test
    void aSharedLeaseThatSomebodyRevokedIsReplaced() throws Exception {
        store.create("/registry/events/a", bytes("v"), 40);
        var _ = LeaseGrpc.newBlockingStub(etcd.channel())
                .leaseRevoke(LeaseRevokeRequest.newBuilder()
                        .setID(leases().getFirst())
                        .build());
        assertNull(store.get("/registry/events/a"));
        assertTrue(store.create("/registry/events/b", bytes("v"), 40) > 0);
        assertEquals(1, leases().size());
    }

    @Test
    void readsAreRepeatedWhileTheStoreChangesItsLeader() throws Exception {
        put(PODS + "a/p", "v");
        channel.refuse(Status.UNAVAILABLE.withDescription("etcdserver: leader changed"));
        channel.refuse(Status.UNAVAILABLE.withDescription("etcdserver: no leader"));
        channel.loseAnswer(KVGrpc.getRangeMethod(), Status.UNAVAILABLE.withDescription("connection reset"));
        assertEquals("v", text(store.get(PODS + "a/p")));
    }

    @Test
    void aCallThatMeetsAConnectionInTheMomentItGoesIsRepeatedToo() throws Exception {
        Status closed = Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
        channel.refuse(closed);
        assertTrue(store.create(PODS + "a/p", bytes("v"), 0) > 0);
        channel.refuse(closed);
        channel.loseAnswer(KVGrpc.getRangeMethod(), closed);
        assertEquals("v", text(store.get(PODS + "a/p")));
        channel.loseAnswer(KVGrpc.getTxnMethod(), closed);
        ApiException unknown = assertThrows(ApiException.class, () -> store.create(PODS + "a/q", bytes("v"), 0));
        assertEquals(Reason.TIMEOUT, unknown.reason());
    }

    @Test
    void aWriteWhoseOutcomeIsUnknownIsReportedAndNotRepeated() throws Exception {
        channel.loseAnswer(KVGrpc.getTxnMethod(), Status.UNAVAILABLE.withDescription("connection reset"));
        int before = channel.calls();
        ApiException unknown = assertThrows(ApiException.class, () -> store.create(PODS + "a/p", bytes("v"), 0));
        assertEquals(Reason.TIMEOUT, unknown.reason());
        assertEquals(504, unknown.code());
        assertEquals(1, channel.calls() - before);
        assertNotNull(store.get(PODS + "a/p"), "it was carried out, as it happens");
    }

    @Test
    void aWriteThatNeverLeftIsRepeated() throws Exception {
        channel.refuse(Status.UNAVAILABLE.withDescription("connection refused"));
        assertTrue(store.create(PODS + "a/p", bytes("v"), 0) > 0);
        channel.away(true);
        EtcdStore impatient =
                new EtcdStore(channel, StoreOptions.DEFAULT.withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(50)));
        ApiException away = assertThrows(ApiException.class, () -> impatient.create(PODS + "a/q", bytes("v"), 0));
        assertEquals(Reason.SERVICE_UNAVAILABLE, away.reason());
        ApiException read = assertThrows(ApiException.class, () -> impatient.get(PODS + "a/q"));
        assertEquals(Reason.SERVICE_UNAVAILABLE, read.reason());
    }

    @Test
    void aValueThatIsTooLargeIsRefused() {
        ApiException refused = assertThrows(ApiException.class, () -> store.create(PODS + "a/p", new byte[3 << 20], 0));
        assertEquals(Reason.REQUEST_ENTITY_TOO_LARGE, refused.reason());
    }

    @Test
    void valuesAreStoredAsTheTransformerHasThemAndBelongToTheirKeys() throws Exception {
        try (EtcdStore secret = store(StoreOptions.DEFAULT.withTransformer(new Sealed()))) {
            String key = "/registry/secrets/a/s";
            secret.create(key, bytes("password"), 0);
            assertEquals("password", text(secret.get(key)));
            byte[] stored = there(store, key).bytes();
            assertEquals("sealed:" + key + ":drowssap", new String(stored, UTF_8));
            store.create("/registry/secrets/a/copy", stored, 0);
            ApiException moved = assertThrows(ApiException.class, () -> secret.get("/registry/secrets/a/copy"));
            assertEquals(Reason.INTERNAL_ERROR, moved.reason());
            store.create("/registry/secrets/a/plain", bytes("old"), 0);
            assertTrue(there(secret, "/registry/secrets/a/plain").stale());
        }
    }

    /** Not secret at all, but as strict about keys as encryption is. */
    private static final class Sealed implements Transformer {
        @Override
        public byte[] toStored(String key, byte[] value) {
            return bytes("sealed:" + key + ":" + new StringBuilder(new String(value, UTF_8)).reverse());
        }

        @Override
        public Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
            byte[] head = bytes("sealed:" + key + ":");
            String text = new String(stored, UTF_8);
            if (!text.startsWith("sealed:")) {
                return new Plain(stored, true);
            }
            if (!Arrays.equals(head, 0, head.length, stored, 0, Math.min(head.length, stored.length))) {
                throw new GeneralSecurityException("sealed for another key");
            }
            return new Plain(
                    bytes(new StringBuilder(text.substring(head.length))
                            .reverse()
                            .toString()),
                    false);
        }
    }

    @Test
    void serversCompactInTurn() throws Exception {
        Compactor.Turn one = store.compactionTurn();
        Compactor.Turn two = store.compactionTurn();
        long old = put(PODS + "a/p", "1");
        assertEquals(0, one.take(), "the first turn only takes note");
        assertEquals(0, two.take(), "another one was faster");
        long noted = store.revision();
        put(PODS + "a/p", "2");
        assertEquals(noted, two.take(), "what the second saw last");
        assertEquals(noted, one.take(), "is what the first learns of");
        assertThrows(ApiException.class, () -> store.list(PODS, "", 0, old));
        assertEquals(1, store.list(PODS, "", 0, noted).values().size());
        assertEquals(Long.toString(noted), text(store.get("compact_rev_key")));
    }

    @Test
    void compactionGoesOnAfterItsKeyWasDeleted() throws Exception {
        Compactor.Turn turn = store.compactionTurn();
        assertEquals(0, turn.take());
        assertTrue(turn.take() > 0);
        StoredValue key = store.get("compact_rev_key");
        assertNotNull(key);
        assertInstanceOf(Outcome.Done.class, store.delete("compact_rev_key", key.revision()));
        assertEquals(0, turn.take(), "it learns that there is none");
        long noted = store.revision();
        assertEquals(noted, turn.take());
    }

    @Test
    void anInterruptEndsACall() throws Exception {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> {
            while (true) {
                var _ = store.get(PODS + "a/p");
            }
        });
        assertNull(store.get(PODS + "a/p"), "and the next one goes on as ever");
    }
}
