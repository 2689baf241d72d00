package io.keelson.apiserver.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ResourceCacheTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private @Nullable CacheFixture opened;

    private CacheFixture fixture(CacheOptions options) throws Exception {
        CacheFixture fixture = new CacheFixture(TestEtcd.embedded(folder), options);
        opened = fixture;
        return fixture;
    }

    private CacheFixture ready() throws Exception {
        return fixture(CacheOptions.DEFAULT).ready();
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private static List<String> names(CachePage page) {
        return page.entries().stream().map(CacheEntry::name).toList();
    }

    /** {@code ADDED web@7}. */
    private static String text(@Nullable WatchItem item) {
        return switch (item) {
            case null -> "nothing";
            case WatchItem.Change(WatchItem.Type type, CacheEntry entry) ->
                type + " " + entry.name() + "@" + entry.revision();
            case WatchItem.Bookmark(long revision, boolean end) -> (end ? "END " : "BOOKMARK ") + revision;
            case WatchItem.End(ApiException why) -> why == null ? "OVER" : "OVER " + why.message();
        };
    }

    private static List<String> take(CacheWatch watch, int count) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(text(watch.next(LONG)));
        }
        return taken;
    }

    /** A transaction, or the end of a lease, changes many objects at one. */
    @Test
    void whatHappensAtOneRevisionIsSeenAtOnce() throws Exception {
        CacheFixture fixture = ready();
        List<String> names =
                IntStream.range(0, 50).mapToObj(number -> "p" + number).toList();
        fixture.reach(fixture.together("default", names, "first"));
        AtomicBoolean written = new AtomicBoolean();
        ExecutorService readers = Executors.newFixedThreadPool(1);
        try {
            Future<Integer> reading = readers.submit(() -> listAndWatch(fixture, names.size(), written));
            long last = 0;
            for (int round = 0; round < 300; round++) {
                last = fixture.together("default", names, "v" + round);
            }
            fixture.reach(last);
            written.set(true);
            assertTrue(reading.get(30, TimeUnit.SECONDS) > 0);
        } finally {
            readers.shutdownNow();
        }
    }

    /** Lists, and watches from there until all objects have changed once, again and again; how often. */
    private static int listAndWatch(CacheFixture fixture, int objects, AtomicBoolean written) throws Exception {
        int times = 0;
        while (!written.get()) {
            CacheSnapshot snapshot = fixture.pods.snapshot();
            Set<Long> listed = snapshot.list("", "", 0, null).entries().stream()
                    .map(CacheEntry::revision)
                    .collect(Collectors.toSet());
            assertEquals(1, listed.size(), () -> "listed at " + snapshot.revision() + ": " + listed);
            try (CacheWatch watch = fixture.pods.watch(WatchRequest.FROM_NOW.since(snapshot.revision()))) {
                Set<Long> told = new HashSet<>();
                for (int i = 0; i < objects && !written.get(); i++) {
                    if (watch.next(SHORT) instanceof WatchItem.Change change) {
                        told.add(change.entry().revision());
                    } else {
                        i--;
                    }
                }
                assertTrue(told.size() == 1 || written.get(), () -> "told after a list: " + told);
            }
            times++;
        }
        return times;
    }

    @Test
    void anEntryHasTheObjectAsItIsSent() throws Exception {
        CacheFixture fixture = ready();
        long revision = fixture.put("default", "web", Map.of("app", "x"), "n1", "<v>");
        fixture.reach(revision);
        CacheEntry entry = fixture.pods.snapshot().get("default", "web");
        assertNotNull(entry);
        String expected = "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\","
                + "\"namespace\":\"default\",\"labels\":{\"app\":\"x\"},\"resourceVersion\":\"" + revision
                + "\"},\"spec\":{\"nodeName\":\"n1\",\"value\":\"\\u003cv\\u003e\"}}";
        assertEquals(expected, new String(entry.encoded(), UTF_8));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        entry.writeBody(body);
        assertEquals(expected.replace("\"kind\":\"Pod\",\"apiVersion\":\"v1\",", ""), body.toString(UTF_8));
        assertEquals("web", ObjectMeta.name(entry.tree()));
        assertEquals(
                List.of("default", "web", "n1", "default", ""),
                List.of(
                        entry.namespace(),
                        entry.name(),
                        entry.field("spec.nodeName"),
                        entry.field("metadata.namespace"),
                        entry.field("status.phase")));
        assertEquals(Map.of("app", "x"), entry.labels());
        assertSame(entry, fixture.pods.snapshot().get(TestPods.key("default", "web")));
    }

    private static long weighed(ResourceCache cache) {
        return cache.snapshot().list("", "", 0, null).entries().stream()
                .mapToLong(CacheEntry::sizeBytes)
                .sum();
    }

    @Test
    void theBytesOfAllObjectsAreKnown() throws Exception {
        CacheFixture fixture = ready();
        assertEquals(0, fixture.pods.sizeBytes());
        fixture.put("a", "kept");
        fixture.put("a", "grown");
        fixture.put("a", "gone");
        fixture.reach(fixture.put("a", "grown", Map.of(), "", "v".repeat(5_000)));
        assertTrue(fixture.pods.sizeBytes() > 5_000);
        assertEquals(weighed(fixture.pods), fixture.pods.sizeBytes());
        fixture.reach(fixture.delete("a", "gone"));
        assertEquals(weighed(fixture.pods), fixture.pods.sizeBytes());
        fixture.reach(fixture.put("a", "grown", Map.of(), "", "v"));
        assertTrue(fixture.pods.sizeBytes() < 5_000);
        assertEquals(weighed(fixture.pods), fixture.pods.sizeBytes());
        try (ResourceCache another = fixture.caches.open(TestPods.RESOURCE)) {
            another.awaitReady(LONG);
            assertEquals(fixture.pods.sizeBytes(), another.sizeBytes(), "of a list as of events");
        }
    }

    @Test
    void treesAreHeldForTheLatestEntriesOnly() throws Exception {
        List<CacheEntry> entries = entries(1000, 1000);
        assertSame(entries.getLast().tree(), entries.getLast().tree());
        CacheEntry old = entries.getFirst();
        var made = old.tree();
        assertSame(made, old.tree(), "held again");
        assertEquals(made, entries.getFirst().tree());
        for (CacheEntry entry : entries.subList(1, 100)) {
            assertNotNull(entry.tree());
        }
        assertNotSame(made, old.tree(), "made anew");
        assertEquals(made, old.tree());
    }

    @Test
    void whoeverPassesByLeavesNoTreesBehind() {
        List<CacheEntry> entries = entries(1000, 1000);
        CacheEntry latest = entries.getLast();
        var held = latest.tree();
        for (CacheEntry entry : entries.subList(0, 90)) {
            assertEquals(entry.name(), ObjectMeta.name(entry.passingTree()));
            assertNotSame(entry.passingTree(), entry.passingTree());
        }
        assertSame(held, latest.passingTree());
    }

    @Test
    void manyTreesAtOnceHaveNoRoomWhereTheyWouldPushOutMost() throws Exception {
        CacheFixture fixture = fixture(CacheOptions.DEFAULT);
        long revision = fixture.put("a", "p0");
        fixture.ready().reach(revision);
        CacheEntry entry = Objects.requireNonNull(fixture.pods.snapshot().get("a", "p0"));
        int half = (int) (CacheOptions.DEFAULT.treeBytes() / 2 / entry.sizeBytes());
        assertTrue(fixture.pods.hasRoomForTreesOf(Collections.nCopies(half, entry)));
        assertFalse(fixture.pods.hasRoomForTreesOf(Collections.nCopies(half + 1, entry)));
        assertTrue(fixture.pods.hasRoomForTreesOf(List.of()));
    }

    /** A hundred entries, in a memory of some bytes for trees and for other forms. */
    private static List<CacheEntry> entries(long treeBytes, long formBytes) {
        EntryFactory factory = new EntryFactory(
                TestPods.RESOURCE, new EntryMemory(EntryMemory.trees(treeBytes), EntryMemory.forms(formBytes)));
        List<CacheEntry> entries = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] stored = TestPods.stored("a", "p" + i, Map.of(), "", "v");
            entries.add(factory.entry(new StoredValue(TestPods.key("a", "p" + i), stored, 5)));
        }
        return entries;
    }

    private static EntryForm form(String version) {
        return new EntryForm(version, MediaType.PROTOBUF, null);
    }

    @Test
    void anotherFormIsEncodedOnceHoweverManyAskAtOnce() throws Exception {
        CacheEntry entry = entries(1000, 10_000).getFirst();
        AtomicInteger encoded = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch all = new CountDownLatch(49);
        Set<byte[]> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Future<byte[]>> asked = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                asked.add(threads.submit(() -> {
                    if (begun.getCount() == 0) {
                        all.countDown();
                    }
                    return entry.encoded(form("v1"), made -> {
                        encoded.incrementAndGet();
                        begun.countDown();
                        await(all);
                        return made.name().getBytes(UTF_8);
                    });
                }));
                assertTrue(begun.await(30, TimeUnit.SECONDS), "the first one encodes before the others ask");
            }
            for (Future<byte[]> answer : asked) {
                seen.add(answer.get(30, TimeUnit.SECONDS));
            }
        }
        assertEquals(1, encoded.get());
        assertEquals(1, seen.size(), "all get the same bytes, not only equal ones");
        assertEquals("p0", new String(seen.iterator().next(), UTF_8));
        assertSame(seen.iterator().next(), entry.held(form("v1")));
        assertNull(entry.held(form("v2")), "another form is another matter");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void otherFormsAreHeldForTheLatestOnly() {
        List<CacheEntry> entries = entries(1000, 10_000);
        for (CacheEntry entry : entries) {
            assertEquals(1000, entry.encoded(form("v1"), made -> new byte[1000]).length);
        }
        List<CacheEntry> holding =
                entries.stream().filter(entry -> entry.held(form("v1")) != null).toList();
        assertTrue(holding.size() >= 7 && holding.size() <= 9, () -> "held by " + holding);
        assertEquals(entries.subList(100 - holding.size(), 100), holding);
        assertEquals(500, entries.getFirst().encoded(form("v1"), made -> new byte[500]).length, "made anew");
    }

    /** A small form of a large object keeps the large object, even when it has been replaced in the cache. */
    @Test
    void whatFormsKeepFromBeingFreedIsBoundedToo() {
        List<CacheEntry> entries = entries(1000, 10_000);
        for (CacheEntry entry : entries) {
            assertEquals(1, entry.encoded(form("v1"), made -> new byte[1]).length);
        }
        long kept = entries.stream()
                .filter(entry -> entry.held(form("v1")) != null)
                .mapToLong(CacheEntry::sizeBytes)
                .sum();
        assertTrue(kept > 2_000 && kept <= 10_000, () -> "kept " + kept);
    }

    @Test
    void aFormThatIsLargerThanTheMemoryIsNotHeld() {
        CacheEntry entry = entries(1000, 10_000).getFirst();
        assertEquals(20_000, entry.encoded(form("v1"), made -> new byte[20_000]).length);
        assertNull(entry.held(form("v1")));
    }

    @Test
    void anEntryIsHeldInFewForms() {
        CacheEntry entry = entries(1000, 1_000_000).getFirst();
        for (int i = 0; i < 10; i++) {
            byte[] bytes = {(byte) i};
            assertSame(bytes, entry.encoded(form("v" + i), made -> bytes));
        }
        for (int i = 0; i < 10; i++) {
            assertEquals(i >= 6, entry.held(form("v" + i)) != null, "v" + i);
        }
    }

    @Test
    void aFormThatCannotBeEncodedIsTriedAgain() {
        CacheEntry entry = entries(1000, 1_000_000).getFirst();
        for (int i = 0; i < 2; i++) {
            assertThrows(
                    MalformedException.class,
                    () -> entry.encoded(form("v1"), made -> {
                        throw new MalformedException("no");
                    }));
            assertNull(entry.held(form("v1")));
        }
        assertEquals(7, entry.encoded(form("v1"), made -> new byte[7]).length);
    }

    @Test
    void listsGoOnAtTheirRevision() throws Exception {
        CacheFixture fixture = fixture(CacheOptions.DEFAULT);
        for (int i = 0; i < 5; i++) {
            fixture.put("a", "p" + i);
            fixture.put("b", "q" + i);
        }
        fixture.ready();
        CacheSnapshot first = fixture.pods.consistentSnapshot();
        assertEquals(10, first.size());
        assertEquals(5, first.count("a"));
        assertEquals(0, first.count("c"));
        CachePage page = first.list("", "", 3, null);
        assertEquals(List.of("p0", "p1", "p2"), names(page));
        assertEquals(new CachePage(page.entries(), first.revision(), true, 7), page);

        fixture.delete("a", "p3");
        fixture.reach(fixture.put("a", "p9"));
        assertEquals(
                List.of("p0", "p1", "p2", "p4", "p9"),
                names(fixture.pods.snapshot().list("a", "", 0, null)));
        CacheSnapshot again = Objects.requireNonNull(fixture.pods.snapshotAt(first.revision()));
        CachePage second = again.list("a", page.entries().getLast().key(), 3, null);
        assertEquals(List.of("p3", "p4"), names(second));
        assertFalse(second.more());
        CachePage odd = again.list(
                "", "", 2, entry -> entry.name().endsWith("1") || entry.name().endsWith("4"));
        assertEquals(List.of("p1", "p4"), names(odd));
        assertTrue(odd.more());
        assertEquals(-1, odd.remaining());
        CachePage rest = again.list(
                "", odd.entries().getLast().key(), 2, entry -> entry.name().endsWith("1"));
        assertEquals(List.of("q1"), names(rest));
        assertFalse(rest.more());

        fixture.caches.compacted(fixture.store, first.revision() + 1);
        ApiException expired = assertThrows(ApiException.class, () -> fixture.pods.snapshotAt(first.revision()));
        assertEquals(Reason.EXPIRED, expired.reason());
    }

    /** Everything that a list of long ago can be asked for, once out of what is known and once out of the store. */
    @Test
    void whatIsNotKnownAnyMoreComesOutOfTheStoreUntilThatHasForgotten() throws Exception {
        CacheFixture fixture =
                fixture(CacheOptions.DEFAULT.withEvents(1, 2, 1 << 20)).ready();
        for (int i = 0; i < 5; i++) {
            fixture.put("a", "p" + i, Map.of("odd", Integer.toString(i % 2)), "", "v");
        }
        long then = fixture.put("b", "q");
        fixture.reach(then);
        CacheSnapshot known = Objects.requireNonNull(fixture.pods.snapshotAt(then));
        fixture.delete("a", "p3");
        for (int i = 0; i < 5; i++) {
            fixture.put("a", "new" + i);
        }
        fixture.reach(fixture.put("b", "q", Map.of(), "", "other"));
        assertNull(fixture.pods.snapshotAt(then));
        Predicate<CacheEntry> odd = entry -> "1".equals(entry.labels().get("odd"));
        for (String namespace : List.of("", "a", "b", "none")) {
            for (String after : List.of("", "/registry/pods/a/p1", "/registry/pods/b/q", "/registry/pods/z")) {
                for (long limit = 0; limit < 8; limit++) {
                    assertEquals(
                            shown(known.list(namespace, after, limit, null)),
                            shown(fixture.pods.listAt(then, namespace, after, limit, null)));
                    assertEquals(
                            shown(known.list(namespace, after, limit, odd)).replaceAll("more .*", ""),
                            shown(fixture.pods.listAt(then, namespace, after, limit, odd))
                                    .replaceAll("more .*", ""));
                }
            }
        }
        fixture.compact(then + 1);
        ApiException expired = assertThrows(ApiException.class, () -> fixture.pods.listAt(then, "", "", 1, null));
        assertEquals(Reason.EXPIRED, expired.reason());
    }

    private static String shown(CachePage page) {
        return page.entries().stream()
                        .map(entry -> entry.key() + " " + new String(entry.encoded(), UTF_8))
                        .toList()
                + " at " + page.revision() + " more " + page.more() + " " + page.remaining();
    }

    @Test
    void aConsistentReadHasWhatWasWrittenBefore() throws Exception {
        CacheFixture fixture = ready();
        for (int i = 0; i < 200; i++) {
            long revision = i % 3 == 0
                    ? fixture.direct.create("/registry/secrets/s" + i, new byte[3], 0)
                    : fixture.put("a", "p" + i);
            CacheSnapshot snapshot = fixture.pods.consistentSnapshot();
            assertTrue(snapshot.revision() >= revision, snapshot.revision() + " after " + revision);
            assertEquals(i % 3 == 0, snapshot.get("a", "p" + i) == null);
        }
    }

    @Test
    void whatIsToComeIsWaitedForButNotForEver() throws Exception {
        CacheFixture fixture = ready();
        long revision = fixture.pods.revision();
        ApiException tooLarge = assertThrows(
                ApiException.class, () -> fixture.pods.waitUntilFresh(revision + 5, Duration.ofMillis(150)));
        assertEquals(
                "Timeout: Too large resource version: " + (revision + 5) + ", current: " + revision,
                tooLarge.message());
        assertEquals(
                "ResourceVersionTooLarge",
                tooLarge.details().causes().getFirst().reason());
        assertEquals(1, tooLarge.details().retryAfterSeconds());
    }

    @Test
    void aWatchTellsWhatHappensFromARevisionOn() throws Exception {
        CacheFixture fixture = ready();
        long first = fixture.put("a", "p");
        long second = fixture.put("a", "p");
        fixture.reach(second);
        try (CacheWatch watch = fixture.pods.watch(WatchRequest.FROM_NOW.since(first));
                CacheWatch now = fixture.pods.watch(WatchRequest.FROM_NOW)) {
            long deleted = fixture.delete("a", "p");
            long again = fixture.put("a", "p");
            assertEquals(List.of("MODIFIED p@" + second, "DELETED p@" + deleted, "ADDED p@" + again), take(watch, 3));
            WatchItem.Change change = assertInstanceOf(WatchItem.Change.class, now.next(LONG));
            assertEquals(
                    Long.toString(deleted),
                    ObjectMeta.resourceVersion(change.entry().tree()));
            assertEquals("v", change.entry().tree().path("spec").path("value").asText(), "what it was last");
            assertEquals(List.of("ADDED p@" + again), take(now, 1));
            assertNull(watch.next(SHORT));
            assertFalse(watch.hasMore());
        }
        assertEquals(0, fixture.pods.watchCount());
    }

    @Test
    void whatASelectorChoosesComesAndGoes() throws Exception {
        CacheFixture fixture = ready();
        WatchRequest request = WatchRequest.FROM_NOW.selecting(
                TestPods.RESOURCE, "a", LabelSelector.parse("app=x"), FieldSelector.everything());
        try (CacheWatch watch = fixture.pods.watch(request)) {
            fixture.put("a", "p", Map.of("app", "y"), "", "1");
            long comes = fixture.put("a", "p", Map.of("app", "x"), "", "2");
            long stays = fixture.put("a", "p", Map.of("app", "x"), "", "3");
            fixture.put("b", "p", Map.of("app", "x"), "", "elsewhere");
            long goes = fixture.put("a", "p", Map.of("app", "y"), "", "4");
            fixture.delete("a", "p");
            long last = fixture.put("a", "q", Map.of("app", "x"), "", "5");
            assertEquals(List.of("ADDED p@" + comes, "MODIFIED p@" + stays), take(watch, 2));
            WatchItem.Change gone = assertInstanceOf(WatchItem.Change.class, watch.next(LONG));
            assertEquals("DELETED p@" + goes, text(gone));
            assertEquals("3", gone.entry().tree().path("spec").path("value").asText(), "as it was before");
            assertEquals(List.of("ADDED q@" + last), take(watch, 1));
        }
    }

    @Test
    void watchesAreNotWokenForOthers() throws Exception {
        CacheFixture fixture = ready();
        CacheWatch ofNode = fixture.pods.watch(selecting("", "spec.nodeName=n1"));
        CacheWatch ofPod = fixture.pods.watch(selecting("a", "metadata.name=p"));
        CacheWatch ofNamespace = fixture.pods.watch(selecting("a", ""));
        assertInstanceOf(WatchScope.WithField.class, ofNode.scope());
        assertInstanceOf(WatchScope.OneObject.class, ofPod.scope());
        assertInstanceOf(WatchScope.InNamespace.class, ofNamespace.scope());

        fixture.reach(fixture.put("b", "p", Map.of(), "n2", "1"));
        assertFalse(ofNode.hasMore() || ofPod.hasMore() || ofNamespace.hasMore());
        long bound = fixture.put("b", "p", Map.of(), "n1", "2");
        long moved = fixture.put("b", "p", Map.of(), "n2", "3");
        long own = fixture.put("a", "p", Map.of(), "", "4");
        long other = fixture.put("a", "q", Map.of(), "", "5");
        fixture.reach(other);
        assertEquals(List.of("ADDED p@" + bound, "DELETED p@" + moved), take(ofNode, 2));
        assertEquals(List.of("ADDED p@" + own), take(ofPod, 1));
        assertEquals(List.of("ADDED p@" + own, "ADDED q@" + other), take(ofNamespace, 2));
        assertFalse(ofNode.hasMore() || ofPod.hasMore() || ofNamespace.hasMore());
        assertEquals(3, fixture.pods.watchCount());
        for (CacheWatch watch : List.of(ofNode, ofPod, ofNamespace)) {
            watch.close();
            assertEquals("OVER", text(watch.next(LONG)));
        }
        assertEquals(0, fixture.pods.watchCount());
    }

    private static WatchRequest selecting(String namespace, String fields) {
        return WatchRequest.FROM_NOW.selecting(
                TestPods.RESOURCE, namespace, LabelSelector.everything(), FieldSelector.parse(fields));
    }

    @Test
    void aWatchMayBeginWithWhatThereIs() throws Exception {
        CacheFixture fixture = fixture(CacheOptions.DEFAULT);
        long p = fixture.put("a", "p");
        long q = fixture.put("a", "q");
        long loaded = fixture.put("b", "r");
        fixture.ready().reach(loaded);
        WatchRequest request = selecting("a", "").withInitial(true);
        try (CacheWatch watch = fixture.pods.watch(request)) {
            long next = fixture.put("a", "s");
            fixture.reach(next);
            assertEquals(List.of("ADDED p@" + p, "ADDED q@" + q, "END " + loaded, "ADDED s@" + next), take(watch, 4));
        }
        try (CacheWatch one =
                fixture.pods.watch(selecting("a", "metadata.name=q").withInitial(false))) {
            assertEquals(List.of("ADDED q@" + q), take(one, 1));
            assertNull(one.next(SHORT));
        }
    }

    @Test
    void whatIsTooOldIsExpiredAndWhatIsToComeIsWaitedFor() throws Exception {
        CacheFixture fixture = fixture(CacheOptions.DEFAULT.withEvents(5, 5, Long.MAX_VALUE));
        long early = fixture.put("a", "early");
        fixture.put("a", "p0");
        ResourceCache pods = fixture.caches.open(TestPods.RESOURCE);
        pods.awaitReady(LONG);
        ApiException missed = assertThrows(ApiException.class, () -> pods.watch(WatchRequest.FROM_NOW.since(early)));
        assertEquals("too old resource version: " + early + " (" + pods.revision() + ")", missed.message());
        List<Long> revisions = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            revisions.add(fixture.put("a", "p" + i));
        }
        pods.waitUntilFresh(revisions.getLast(), LONG);
        assertEquals(5, pods.recentEventCount());
        assertThrows(ApiException.class, () -> pods.watch(WatchRequest.FROM_NOW.since(revisions.get(3))));
        try (CacheWatch watch = pods.watch(WatchRequest.FROM_NOW.since(revisions.get(4)))) {
            assertEquals("ADDED p6@" + revisions.get(5), text(watch.next(LONG)));
        }
        try (CacheWatch future = pods.watch(WatchRequest.FROM_NOW.since(revisions.getLast() + 1))) {
            fixture.put("a", "p1");
            long seen = fixture.put("a", "p2");
            assertEquals("MODIFIED p2@" + seen, text(future.next(LONG)));
        }
    }

    @Test
    void aSlowWatchCatchesUpOrEnds() throws Exception {
        CacheFixture fixture = fixture(CacheOptions.DEFAULT
                        .withEvents(100, 100, Long.MAX_VALUE)
                        .withWatchQueue(4))
                .ready();
        try (CacheWatch slow = fixture.pods.watch(selecting("a", ""));
                CacheWatch tooSlow = fixture.pods.watch(WatchRequest.FROM_NOW)) {
            List<String> expected = new ArrayList<>();
            long last = 0;
            for (int i = 0; i < 90; i++) {
                last = fixture.put(i % 2 == 0 ? "a" : "b", "p" + i);
                if (i % 2 == 0) {
                    expected.add("ADDED p" + i + "@" + last);
                }
            }
            fixture.reach(last);
            assertEquals(expected, take(slow, 45));
            assertNull(slow.next(SHORT));
            last = fixture.put("a", "live");
            assertEquals("ADDED live@" + last, text(slow.next(LONG)), "and is live again");

            for (int i = 0; i < 60; i++) {
                last = fixture.put("a", "x" + i);
            }
            fixture.reach(last);
            var _ = take(tooSlow, 4);
            WatchItem.End end = assertInstanceOf(WatchItem.End.class, tooSlow.next(LONG));
            ApiException why = end.why();
            assertNotNull(why);
            assertEquals(Reason.EXPIRED, why.reason());
        }
    }

    @Test
    void bookmarksSayHowFarAWatchIs() throws Exception {
        AtomicLong clock = new AtomicLong();
        Duration minute = Duration.ofMinutes(1);
        CacheFixture fixture = fixture(CacheOptions.DEFAULT.withTimes(
                        Duration.ofSeconds(75), minute, Duration.ofSeconds(3), clock::get))
                .ready();
        try (CacheWatch watch = fixture.pods.watch(selecting("a", "").withBookmarks())) {
            long elsewhere = fixture.put("b", "p");
            fixture.reach(elsewhere);
            assertNull(watch.next(Duration.ZERO));
            clock.addAndGet(minute.toNanos());
            assertEquals("BOOKMARK " + fixture.pods.revision(), text(watch.next(Duration.ZERO)));
            assertNull(watch.next(Duration.ZERO), "not before the next minute");
            long own = fixture.put("a", "p");
            fixture.reach(own);
            clock.addAndGet(minute.toNanos());
            assertNull(watch.bookmark(), "there is something to be taken first");
            assertEquals("ADDED p@" + own, text(watch.next(Duration.ZERO)));
            assertEquals(new WatchItem.Bookmark(own, false), watch.bookmark());
        }
    }

    @Test
    void aBrokenStreamLosesAndRepeatsNothing() throws Exception {
        CacheFixture fixture = ready();
        try (CacheWatch watch = fixture.pods.watch(WatchRequest.FROM_NOW)) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                if (i % 10 == 5) {
                    fixture.channel.cut();
                }
                expected.add("ADDED p" + i + "@" + fixture.put("a", "p" + i));
            }
            assertEquals(expected, take(watch, 100));
        }
    }

    @Test
    void whatTheStoreHasForgottenIsListedAnew() throws Exception {
        CacheFixture fixture = ready();
        fixture.reach(fixture.put("a", "p"));
        try (CacheWatch watch = fixture.pods.watch(WatchRequest.FROM_NOW)) {
            fixture.channel.away(true);
            fixture.delete("a", "p");
            long last = fixture.put("a", "q");
            fixture.compact(last);
            fixture.channel.away(false);
            fixture.reach(last);
            assertEquals("OVER", text(watch.next(LONG)));
            assertEquals(List.of("q"), names(fixture.pods.snapshot().list("", "", 0, null)));
            assertThrows(ApiException.class, () -> fixture.pods.watch(WatchRequest.FROM_NOW.since(last - 1)));
            try (CacheWatch next = fixture.pods.watch(WatchRequest.FROM_NOW.since(last))) {
                assertEquals("DELETED q@" + fixture.delete("a", "q"), text(next.next(LONG)));
            }
        }
    }

    @Test
    void beforeItIsLoadedThereIsNothingToRead() throws Exception {
        CacheFixture fixture = fixture(CacheOptions.DEFAULT);
        fixture.put("a", "p");
        fixture.direct.create(TestPods.key("a", "broken"), "{\"kind\":".getBytes(UTF_8), 0);
        ResourceCache other = fixture.caches.open(TestPods.RESOURCE);
        ApiException unreadable = assertThrows(ApiException.class, () -> {
            other.awaitReady(Duration.ofMillis(500));
            var _ = other.snapshot();
            throw new AssertionError("loaded what cannot be read");
        });
        assertTrue(
                unreadable.reason() == Reason.INTERNAL_ERROR || unreadable.reason() == Reason.TOO_MANY_REQUESTS,
                unreadable.message());
        TestEtcd.await("the reason to be told", () -> {
            try {
                var _ = other.snapshot();
                return false;
            } catch (ApiException e) {
                return e.message().contains("/registry/pods/a/broken");
            }
        });
        assertThrows(ApiException.class, () -> other.watch(WatchRequest.FROM_NOW));
        fixture.delete("a", "broken");
        other.awaitReady(LONG);
        assertEquals(1, other.snapshot().size());
        other.close();
    }

    @Test
    void closingEndsTheWatches() throws Exception {
        CacheFixture fixture = ready();
        CacheWatch watch = fixture.pods.watch(WatchRequest.FROM_NOW);
        var reader = CompletableFuture.supplyAsync(() -> {
            try {
                return text(watch.next(LONG));
            } catch (InterruptedException e) {
                return "interrupted";
            }
        });
        fixture.pods.close();
        assertEquals("OVER", reader.get(30, TimeUnit.SECONDS));
    }
}
