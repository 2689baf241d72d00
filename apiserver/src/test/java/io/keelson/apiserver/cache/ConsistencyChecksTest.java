package io.keelson.apiserver.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoreEvent;
import io.keelson.apiserver.store.StorePage;
import io.keelson.apiserver.store.StoreWatch;
import io.keelson.apiserver.store.StoredKey;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cache that does not hold what the store has is found out, and its past is not told any more. */
@Timeout(120)
final class ConsistencyChecksTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private CacheFixture fixture;

    @SuppressWarnings("NullAway.Init")
    private SecretiveStore secretive;

    @SuppressWarnings("NullAway.Init")
    private ResourceCaches caches;

    @SuppressWarnings("NullAway.Init")
    private ResourceCache pods;

    @BeforeEach
    void open() throws Exception {
        fixture = new CacheFixture(TestEtcd.embedded(folder), CacheOptions.DEFAULT).ready();
        secretive = new SecretiveStore(fixture.direct);
        caches = new ResourceCaches(secretive, CacheOptions.DEFAULT);
        pods = caches.open(TestPods.RESOURCE);
        pods.awaitReady(LONG);
    }

    @AfterEach
    void close() {
        caches.close();
        fixture.close();
    }

    /** A store whose watches keep some keys to themselves. */
    private static final class SecretiveStore implements ObjectStore {
        private final EtcdStore store;
        private final Set<String> secrets = ConcurrentHashMap.newKeySet();
        private volatile boolean refusing;

        SecretiveStore(EtcdStore store) {
            this.store = store;
        }

        private boolean isTold(StoreEvent event) {
            return switch (event) {
                case StoreEvent.Put put -> !secrets.contains(put.value().key());
                case StoreEvent.Deleted deleted -> !secrets.contains(deleted.key());
                case StoreEvent.Progress _ -> true;
            };
        }

        @Override
        public StoreWatch watch(
                String prefix, long fromRevision, Consumer<StoreEvent> events, Consumer<@Nullable Throwable> ended) {
            return store.watch(
                    prefix,
                    fromRevision,
                    event -> {
                        if (isTold(event)) {
                            events.accept(event);
                        }
                    },
                    ended);
        }

        @Override
        public @Nullable StoredValue get(String key) throws InterruptedException {
            return store.get(key);
        }

        @Override
        public long revisionOf(String key) throws InterruptedException {
            return store.revisionOf(key);
        }

        @Override
        public StorePage list(String prefix, String after, int limit, long revision) throws InterruptedException {
            return store.list(prefix, after, limit, revision);
        }

        @Override
        public List<StoredKey> keys(String prefix, String after, int limit, long revision) throws InterruptedException {
            if (refusing) {
                throw ApiException.tooManyRequests("not now", 1);
            }
            return store.keys(prefix, after, limit, revision);
        }

        @Override
        public long count(String prefix) throws InterruptedException {
            return store.count(prefix);
        }

        @Override
        public long create(String key, byte[] value, long ttlSeconds) throws InterruptedException {
            return store.create(key, value, ttlSeconds);
        }

        @Override
        public Outcome update(String key, byte[] value, long expectedRevision, long ttlSeconds)
                throws InterruptedException {
            return store.update(key, value, expectedRevision, ttlSeconds);
        }

        @Override
        public Outcome delete(String key, long expectedRevision) throws InterruptedException {
            return store.delete(key, expectedRevision);
        }

        @Override
        public long revision() throws InterruptedException {
            return store.revision();
        }

        @Override
        public void close() {
            // The fixture's own store, which it closes.
        }
    }

    private void reach(long revision) throws InterruptedException {
        pods.waitUntilFresh(revision, LONG);
    }

    /** Passed, failed, broken. */
    private List<Long> checks() {
        CacheCounts counts = pods.counts();
        return List.of(counts.checksPassed(), counts.checksFailed(), counts.checksBroken());
    }

    private @Nullable String difference() throws InterruptedException {
        CacheSnapshot now = pods.snapshot();
        return ConsistencyCheck.difference(secretive, TestPods.RESOURCE.prefix(), now.iterator("", ""), now.revision());
    }

    private static List<String> names(CachePage page) {
        return page.entries().stream().map(CacheEntry::name).toList();
    }

    @Test
    void aCacheThatHoldsWhatTheStoreHasPasses() throws Exception {
        pods.checkConsistency();
        assertEquals(List.of(1L, 0L, 0L), checks(), "nothing here and nothing there");
        // More than are asked for at a time.
        for (int i = 0; i < 1_010; i++) {
            fixture.put("n" + i % 7, "p" + i);
        }
        reach(fixture.delete("n0", "p7"));
        pods.checkConsistency();
        assertEquals(List.of(2L, 0L, 0L), checks());
    }

    /** What is written while it is looked at is not there yet, here or there. */
    @Test
    void whatComesMeanwhileDoesNotMatter() throws Exception {
        long then = fixture.put("a", "p");
        reach(then);
        CacheSnapshot now = pods.snapshot();
        reach(fixture.put("a", "o"));
        reach(fixture.put("a", "p", Map.of(), "", "other"));
        assertNull(ConsistencyCheck.difference(
                secretive, TestPods.RESOURCE.prefix(), now.iterator("", ""), now.revision()));
    }

    @Test
    void everyKindOfDifferenceIsTold() throws Exception {
        String key = TestPods.key("a", "p");
        secretive.secrets.add(key);
        long created = fixture.put("a", "p");
        reach(fixture.put("a", "q"));
        assertEquals("the store has " + key + "@" + created + ", and the cache does not", difference());

        fixture.delete("a", "p");
        reach(fixture.put("a", "r"));
        assertNull(difference());

        secretive.secrets.clear();
        long shown = fixture.put("a", "p");
        reach(shown);
        secretive.secrets.add(key);
        long changed = fixture.put("a", "p", Map.of(), "", "other");
        reach(fixture.put("a", "s"));
        assertEquals("the cache has " + key + "@" + shown + ", and the store has it at " + changed, difference());

        fixture.delete("a", "p");
        reach(fixture.put("a", "t"));
        assertEquals("the cache has " + key + "@" + shown + ", and the store does not", difference());
    }

    @Test
    void theLastOneCountsAsWell() throws Exception {
        String key = TestPods.key("z", "p");
        reach(fixture.put("a", "o"));
        secretive.secrets.add(key);
        long created = fixture.put("z", "p");
        reach(fixture.put("a", "q"));
        assertEquals("the store has " + key + "@" + created + ", and the cache does not", difference());
    }

    @Test
    void afterADifferenceThePastComesOutOfTheStoreUntilThereIsNoneAnyMore() throws Exception {
        secretive.secrets.add(TestPods.key("a", "lost"));
        fixture.put("a", "lost");
        long then = fixture.put("a", "seen");
        reach(then);
        assertEquals(List.of("seen"), names(pods.listAt(then, "", "", 0, null)), "not known to be wrong yet");

        pods.checkConsistency();
        assertEquals(List.of(0L, 1L, 0L), checks());
        assertNull(pods.snapshotAt(then));
        assertEquals(List.of("lost", "seen"), names(pods.listAt(then, "", "", 0, null)));
        assertEquals(List.of("seen"), names(pods.snapshot().list("", "", 0, null)), "what is new is read as before");

        fixture.delete("a", "lost");
        long later = fixture.put("a", "more");
        reach(later);
        assertNull(pods.snapshotAt(later), "nobody has looked again");
        pods.checkConsistency();
        assertEquals(List.of(1L, 1L, 0L), checks());
        assertNotNull(pods.snapshotAt(later));
        assertNull(pods.snapshotAt(then), "from before it was found to be right");
        assertEquals(List.of("lost", "seen"), names(pods.listAt(then, "", "", 0, null)));
    }

    @Test
    void aStoreThatCannotBeAskedSaysNothing() throws Exception {
        long then = fixture.put("a", "p");
        reach(then);
        secretive.refusing = true;
        pods.checkConsistency();
        assertEquals(List.of(0L, 0L, 1L), checks());
        assertNotNull(pods.snapshotAt(then));
    }

    @Test
    void allCachesAreComparedAgainAndAgainUntilItIsClosed() throws Exception {
        long deadline = System.nanoTime() + LONG.toNanos();
        try (ConsistencyChecks checks = ConsistencyChecks.start(caches, Duration.ofMillis(1))) {
            assertNotNull(checks);
            while (pods.counts().checksPassed() < 3) {
                assertTrue(System.nanoTime() < deadline, () -> "checks so far: " + checks());
                Thread.sleep(2);
            }
        }
    }
}
