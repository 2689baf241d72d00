package io.keelson.apiserver.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A random history, with revisions that change several pods, a connection that breaks and a store that forgets, against a
 * model of what every watch must have been told and every list must have shown. All randomness is of one seed; only the
 * interleaving of threads is not.
 */
@Timeout(300)
final class ResourceCacheModelTest {
    private static final int STEPS = 1500;
    private static final int WATCHES = 12;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** What the model knows of a pod. */
    private record Pod(String namespace, String name, String app, String node, long revision) {}

    /** One step of the history; {@code now} is null for a deletion. */
    private record Step(
            long revision, @Nullable Pod before, @Nullable Pod now) {}

    /** The history as it was acknowledged, complete once the writer is done. */
    private static final class History {
        final List<Step> steps = new ArrayList<>();
        final NavigableMap<Long, Map<String, Pod>> states = new TreeMap<>(Map.of(0L, Map.of()));
        /** Revisions of which several steps may be, known before they come to be. Any thread. */
        final Set<Long> several = ConcurrentHashMap.newKeySet();

        void add(Step step, Map<String, Pod> state) {
            steps.add(step);
            states.put(step.revision, new TreeMap<>(state));
        }

        Map<String, Pod> at(long revision) {
            var state = states.floorEntry(revision);
            assertNotNull(state);
            return state.getValue();
        }
    }

    /** What a watch wants, for the cache and for the model. */
    private record Interest(String namespace, String labels, String fields) {
        static Interest random(Random random) {
            return switch (random.nextInt(6)) {
                case 0 -> new Interest("", "", "");
                case 1 -> new Interest("n" + random.nextInt(3), "", "");
                case 2 -> new Interest("", "app=a" + random.nextInt(2), "");
                case 3 -> new Interest("", "", "spec.nodeName=node" + random.nextInt(2));
                case 4 -> new Interest("n1", "", "metadata.name=p" + random.nextInt(8));
                default -> new Interest("n2", "app!=a0", "spec.nodeName=node1");
            };
        }

        WatchRequest request() {
            return WatchRequest.FROM_NOW
                    .withBookmarks()
                    .selecting(TestPods.RESOURCE, namespace, LabelSelector.parse(labels), FieldSelector.parse(fields));
        }

        Predicate<Pod> model() {
            LabelSelector byLabel = LabelSelector.parse(labels);
            FieldSelector byField = FieldSelector.parse(fields);
            return pod -> (namespace.isEmpty() || pod.namespace.equals(namespace))
                    && byLabel.matches(Map.of("app", pod.app))
                    && byField.matches(field -> switch (field) {
                        case "metadata.name" -> pod.name;
                        case "spec.nodeName" -> pod.node;
                        default -> "";
                    });
        }
    }

    /** What one client was told from one beginning on, over however many watches that went on from each other. */
    private static final class Session {
        /** Negative: it began with what there was, at the revision of the bookmark that ended that. */
        final long from;

        final List<String> told = new ArrayList<>();

        Session(long from) {
            this.from = from;
        }
    }

    /** A client that watches, goes on when its watch ends, and begins again when it has missed something. */
    private static final class Client {
        final Interest interest;
        final List<Session> sessions = new ArrayList<>();
        private final CacheFixture fixture;
        private final Set<Long> several;
        private final Random random;
        private long last;
        private boolean initialDone = true;

        Client(CacheFixture fixture, Set<Long> several, Interest interest, Random random) {
            this.fixture = fixture;
            this.several = several;
            this.interest = interest;
            this.random = random;
        }

        Session session() {
            return sessions.getLast();
        }

        void run(CompletableFuture<Long> until) throws InterruptedException {
            boolean fresh = true;
            while (true) {
                if (fresh && random.nextBoolean()) {
                    last = Math.max(1, fixture.pods.revision());
                    sessions.add(new Session(last));
                    initialDone = true;
                } else if (fresh) {
                    sessions.add(new Session(-1));
                    initialDone = false;
                    last = 0;
                }
                WatchRequest request = initialDone
                        ? interest.request().since(last)
                        : interest.request().withInitial(true);
                try (CacheWatch watch = fixture.pods.watch(request)) {
                    if (read(watch, until)) {
                        return;
                    }
                    // A watch that ended before it had told all there was is no beginning to go on from.
                    fresh = !initialDone;
                } catch (ApiException e) {
                    assertTrue(e.reason() == Reason.EXPIRED || e.reason() == Reason.TOO_MANY_REQUESTS, e.message());
                    fresh = e.reason() == Reason.EXPIRED || !initialDone;
                    Thread.sleep(1);
                }
                if (fresh && !initialDone) {
                    sessions.removeLast();
                }
            }
        }

        /** Whether everything has been told. */
        private boolean read(CacheWatch watch, CompletableFuture<Long> until) throws InterruptedException {
            int leaveAfter = 1 + random.nextInt(200);
            for (int i = 0; ; i++) {
                WatchItem item = watch.next(Duration.ofMillis(20));
                if (item == null && until.isDone()) {
                    item = watch.bookmark();
                }
                switch (item) {
                    case null -> {}
                    case WatchItem.Change(WatchItem.Type type, CacheEntry entry) -> {
                        session().told.add(type + " " + entry);
                        last = Math.max(last, initialDone ? entry.revision() : last);
                    }
                    case WatchItem.Bookmark(long revision, boolean end) -> {
                        session().told.add("BOOKMARK " + revision);
                        initialDone |= end;
                        last = Math.max(last, revision);
                        if (until.isDone() && revision >= until.join()) {
                            return true;
                        }
                    }
                    case WatchItem.End(ApiException why) -> {
                        if (why != null) {
                            throw why;
                        }
                        return false;
                    }
                }
                if (i >= leaveAfter && initialDone && !until.isDone() && mayLeave(watch)) {
                    return false;
                }
                if (random.nextInt(50) == 0) {
                    Thread.sleep(random.nextInt(40));
                }
            }
        }

        /** Within a revision that has more to tell, nobody can go on from there: a bookmark has to say that it has not. */
        private boolean mayLeave(CacheWatch watch) {
            if (!several.contains(last)) {
                return true;
            }
            WatchItem.Bookmark bookmark = watch.bookmark();
            if (bookmark == null) {
                return false;
            }
            session().told.add("BOOKMARK " + bookmark.revision());
            last = Math.max(last, bookmark.revision());
            return true;
        }
    }

    /** A list that somebody saw. */
    private record Seen(long notBefore, long revision, List<String> entries) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyWatchAndListIsTrueToOurStore(long seed) throws Exception {
        run(seed, TestEtcd.embedded(folder));
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8})
    @Execution(ExecutionMode.CONCURRENT)
    void everyWatchAndListIsTrueToTheOriginalStore(long seed) throws Exception {
        run(seed, TestEtcd.real(folder));
    }

    private static void run(long seed, TestEtcd etcd) throws Exception {
        Random random = new Random(seed);
        CacheOptions options = CacheOptions.DEFAULT
                .withEvents(20, 60 + random.nextInt(200), Long.MAX_VALUE)
                .withWatchQueue(8)
                .withTimes(Duration.ofMillis(200), Duration.ofMillis(30), Duration.ofSeconds(20), System::nanoTime);
        try (CacheFixture fixture = new CacheFixture(etcd, options).ready()) {
            History history = new History();
            CompletableFuture<Long> last = new CompletableFuture<>();
            List<Client> clients = new ArrayList<>();
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (int i = 0; i < WATCHES; i++) {
                Client client =
                        new Client(fixture, history.several, Interest.random(random), new Random(seed * 100 + i));
                clients.add(client);
                running.add(start(() -> client.run(last)));
            }
            List<Seen> lists = new ArrayList<>();
            running.add(start(() -> lists(fixture, new Random(seed), lists, last)));
            try {
                last.complete(new Writer(fixture, random, history).write());
            } finally {
                boolean ignored = last.complete(0L);
                for (CompletableFuture<Void> one : running) {
                    one.get();
                }
            }
            for (Client client : clients) {
                for (Session session : client.sessions) {
                    verify(history, client.interest, session);
                }
            }
            assertTrue(lists.size() > 20, lists.size() + " lists");
            lists.forEach(list -> verify(history, list));
        }
    }

    @FunctionalInterface
    private interface Task {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> start(Task task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                task.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    /** Makes the history; one thread. */
    private static final class Writer {
        private final CacheFixture fixture;
        private final Random random;
        private final History history;
        private final Map<String, Pod> state = new TreeMap<>();
        /** The keys of the lease. */
        private final Set<String> leased = new TreeSet<>();

        private long lease;
        private long revision;
        private long compacted;

        Writer(CacheFixture fixture, Random random, History history) {
            this.fixture = fixture;
            this.random = random;
            this.history = history;
            this.lease = fixture.grant();
        }

        /** The last revision. */
        long write() throws Exception {
            for (int i = 0; i < STEPS; i++) {
                int what = random.nextInt(20);
                if (what == 0) {
                    putSeveral("v" + i);
                } else if (what == 1 && !leased.isEmpty()) {
                    endLease();
                } else {
                    changeOne("v" + i);
                }
                disturb();
            }
            fixture.channel.away(false);
            return revision;
        }

        private Pod randomPod() {
            return new Pod(
                    "n" + random.nextInt(3),
                    "p" + random.nextInt(8),
                    "a" + random.nextInt(2),
                    random.nextInt(3) == 0 ? "" : "node" + random.nextInt(2),
                    0);
        }

        private void changeOne(String value) throws Exception {
            Pod pod = randomPod();
            String key = TestPods.key(pod.namespace, pod.name);
            leased.remove(key);
            if (state.containsKey(key) && random.nextInt(3) == 0) {
                revision = fixture.delete(pod.namespace, pod.name);
                gone(key);
            } else {
                revision = fixture.put(pod.namespace, pod.name, Map.of("app", pod.app), pod.node, value);
                there(key, pod);
            }
        }

        private void putSeveral(String value) throws Exception {
            Map<String, Pod> pods = new TreeMap<>();
            SortedMap<String, byte[]> values = new TreeMap<>();
            for (int left = 2 + random.nextInt(14); left > 0; left--) {
                Pod pod = randomPod();
                String key = TestPods.key(pod.namespace, pod.name);
                pods.put(key, pod);
                values.put(key, TestPods.stored(pod.namespace, pod.name, Map.of("app", pod.app), pod.node, value));
            }
            announceSeveral();
            revision = fixture.putTogether(values, lease);
            assertTrue(history.several.contains(revision), "another one than was announced: " + revision);
            leased.addAll(pods.keySet());
            pods.forEach(this::there);
        }

        private void endLease() throws Exception {
            announceSeveral();
            revision = fixture.revoke(lease);
            assertTrue(history.several.contains(revision), "another one than was announced: " + revision);
            leased.forEach(this::gone);
            leased.clear();
            lease = fixture.grant();
        }

        /** Nobody else writes, so the next revision is known. */
        private void announceSeveral() throws Exception {
            history.several.add(fixture.direct.revision() + 1);
        }

        private void there(String key, Pod pod) {
            Pod now = new Pod(pod.namespace, pod.name, pod.app, pod.node, revision);
            Pod before = state.put(key, now);
            history.add(new Step(revision, before, now), state);
        }

        private void gone(String key) {
            Pod before = state.remove(key);
            history.add(new Step(revision, before, null), state);
        }

        private void disturb() throws Exception {
            switch (random.nextInt(200)) {
                case 0, 1, 2 -> fixture.channel.cut();
                case 3 -> fixture.channel.away(true);
                case 4 -> {
                    fixture.channel.away(false);
                    fixture.reach(revision);
                }
                case 5 -> compact(Math.max(1, revision - random.nextInt(20)));
                case 6, 7 -> {
                    var _ = fixture.direct.create("/registry/secrets/s" + revision, new byte[1], 0);
                }
                default -> {}
            }
            if (random.nextInt(20) == 0) {
                fixture.channel.away(false);
            }
        }

        /** The store refuses to forget what it has forgotten. */
        private void compact(long upTo) {
            if (upTo > compacted) {
                fixture.compact(upTo);
                compacted = upTo;
            }
        }
    }

    private static void lists(CacheFixture fixture, Random random, List<Seen> lists, CompletableFuture<Long> last)
            throws Exception {
        while (!last.isDone()) {
            long known = fixture.pods.revision();
            try {
                boolean consistent = random.nextBoolean();
                long notBefore = consistent ? fixture.direct.revision() : 0;
                CacheSnapshot snapshot = consistent
                        ? fixture.pods.consistentSnapshot()
                        : fixture.pods.snapshotAt(Math.max(1, known - random.nextInt(30)));
                if (snapshot == null) {
                    continue;
                }
                lists.add(new Seen(notBefore, snapshot.revision(), paged(snapshot, random)));
            } catch (ApiException e) {
                assertTrue(
                        e.reason() == Reason.EXPIRED
                                || e.reason() == Reason.SERVICE_UNAVAILABLE
                                || e.reason() == Reason.TIMEOUT,
                        e.message());
            }
            Thread.sleep(1);
        }
    }

    private static List<String> paged(CacheSnapshot snapshot, Random random) {
        List<String> all = new ArrayList<>();
        String after = "";
        while (true) {
            CachePage page = snapshot.list("", after, 1 + random.nextInt(10), null);
            page.entries().forEach(entry -> all.add(entry.toString()));
            assertEquals(snapshot.size(), all.size() + page.remaining());
            if (!page.more()) {
                return all;
            }
            after = page.entries().getLast().key();
        }
    }

    private static void verify(History history, Seen list) {
        assertTrue(list.revision >= list.notBefore, list.toString());
        assertEquals(
                history.at(list.revision).entrySet().stream()
                        .map(entry -> entry.getKey() + "@" + entry.getValue().revision)
                        .toList(),
                list.entries);
    }

    /** Replays what the model says, and compares; a bookmark has to stand where nothing before it is missing. */
    private static void verify(History history, Interest interest, Session session) {
        Predicate<Pod> wanted = interest.model();
        List<String> told = new ArrayList<>(session.told);
        long from = session.from;
        if (from < 0) {
            List<String> initial = new ArrayList<>();
            while (!told.isEmpty() && !told.getFirst().startsWith("BOOKMARK ")) {
                initial.add(told.removeFirst());
            }
            assertTrue(!told.isEmpty(), "no end of the beginning");
            from = Long.parseLong(told.removeFirst().substring("BOOKMARK ".length()));
            List<String> expected = history.at(from).entrySet().stream()
                    .filter(entry -> wanted.test(entry.getValue()))
                    .map(entry -> "ADDED " + entry.getKey() + "@" + entry.getValue().revision)
                    .toList();
            assertEquals(expected, initial, interest + " at " + from);
        }
        List<String> expected = new ArrayList<>();
        List<Long> revisions = new ArrayList<>();
        for (Step step : history.steps) {
            String event = step.revision > from ? expected(step, wanted) : null;
            if (event != null) {
                expected.add(event);
                revisions.add(step.revision);
            }
        }
        int at = 0;
        for (String item : told) {
            if (item.startsWith("BOOKMARK ")) {
                long revision = Long.parseLong(item.substring("BOOKMARK ".length()));
                assertTrue(at == expected.size() || revisions.get(at) > revision, item + " overtakes " + interest);
                assertTrue(at == 0 || revisions.get(at - 1) <= revision, item + " is behind " + interest);
            } else {
                assertTrue(at < expected.size(), item + " never happened, for " + interest);
                assertEquals(expected.get(at), item, interest + " from " + from);
                at++;
            }
        }
    }

    private static @Nullable String expected(Step step, Predicate<Pod> wanted) {
        boolean was = step.before != null && wanted.test(step.before);
        boolean is = step.now != null && wanted.test(step.now);
        Pod pod = step.now != null ? step.now : step.before;
        assertNotNull(pod);
        String what = TestPods.key(pod.namespace, pod.name) + "@" + step.revision;
        return is ? (was ? "MODIFIED " : "ADDED ") + what : was ? "DELETED " + what : null;
    }
}
