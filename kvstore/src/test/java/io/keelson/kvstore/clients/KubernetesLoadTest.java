package io.keelson.kvstore.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.clients.ApiServerCalls.Listed;
import io.keelson.kvstore.clients.ApiServerCalls.Turn;
import io.keelson.kvstore.server.TestKvCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three apiservers, each at a member of its own, do to the store what kube-apiservers do, all at the same time: compare
 * and put, list in pages at a revision, watch from a revision with requests for progress, put events under leases, and
 * agree on who compacts. What they saw has to be one history.
 */
class KubernetesLoadTest {
    private static final String PODS = "/registry/pods/";
    private static final String EVENTS = "/registry/events/";
    private static final int OBJECTS = 400;
    private static final int CHANGES_EACH = 700;
    private static final int PAGE = 50;
    private static final long EVENT_TTL_S = 4;
    private static final long DEADLINE_MS = 60_000;

    private final ConcurrentLinkedQueue<Listed> lists = new ConcurrentLinkedQueue<>();
    private final Map<Long, ByteString> acknowledged = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Long> compactions = new ConcurrentLinkedQueue<>();
    private final AtomicInteger writersLeft = new AtomicInteger(3);
    private final AtomicInteger listsCutOff = new AtomicInteger();
    private final AtomicLong lastEventKey = new AtomicLong();

    private static ByteString pod(int number) {
        return ByteString.copyFromUtf8(PODS + "ns-" + number % 9 + "/pod-" + number);
    }

    private static ByteString value(long generation) {
        return ByteString.copyFromUtf8("generation " + generation + " " + "x".repeat(200));
    }

    private static long generation(KeyValue object) {
        return Long.parseLong(object.getValue().toStringUtf8().split(" ", 3)[1]);
    }

    private boolean writing() {
        return writersLeft.get() > 0;
    }

    /** Creates, updates and deletes pods as controllers have an apiserver do it. */
    private Void write(ApiServerCalls calls, long seed) {
        Random random = new Random(seed);
        try {
            for (int done = 0; done < CHANGES_EACH; ) {
                ByteString key = pod(random.nextInt(OBJECTS));
                KeyValue now = calls.get(key);
                long revision;
                if (now == null) {
                    revision = calls.putIfUnchanged(key, 0, value(1), 0);
                } else if (random.nextInt(10) == 0) {
                    revision = calls.deleteIfUnchanged(key, now.getModRevision());
                } else {
                    revision = calls.putIfUnchanged(key, now.getModRevision(), value(generation(now) + 1), 0);
                }
                if (revision > 0) {
                    assertEquals(null, acknowledged.put(revision, key), "two changes have one revision");
                    done++;
                }
            }
        } finally {
            writersLeft.decrementAndGet();
        }
        return null;
    }

    private Void list(ApiServerCalls calls) {
        while (writing()) {
            try {
                lists.add(calls.list(PODS, PAGE));
            } catch (StatusRuntimeException e) {
                // Compacted between two pages: an apiserver answers 410 and the client begins again.
                assertEquals(Status.Code.OUT_OF_RANGE, e.getStatus().getCode(), e::toString);
                listsCutOff.incrementAndGet();
            }
        }
        return null;
    }

    /** Lists and watches from there, again and again, as informers do. */
    private List<WatchRecord> watch(ApiServerCalls calls) throws InterruptedException {
        List<WatchRecord> watches = new ArrayList<>();
        while (writing() && watches.size() < 20) {
            Listed from;
            try {
                from = calls.list(PODS, 500);
            } catch (StatusRuntimeException e) {
                assertEquals(Status.Code.OUT_OF_RANGE, e.getStatus().getCode(), e::toString);
                continue;
            }
            WatchRecord watch = new WatchRecord(calls, PODS, from.revision() + 1);
            watches.add(watch);
            assertTrue(
                    watch.awaitProgress(from.revision() + 1, DEADLINE_MS) || !writing(),
                    () -> watch.faults().toString());
        }
        return watches;
    }

    /** Events carry a lease that several of them share, and are never updated. */
    private Void record(ApiServerCalls calls) {
        long lease = 0;
        for (int i = 0; writing(); i++) {
            if (i % 100 == 0) {
                lease = calls.grantLease(EVENT_TTL_S);
            }
            ByteString key = ByteString.copyFromUtf8(EVENTS + "ns/event-" + lastEventKey.incrementAndGet());
            assertTrue(calls.putIfUnchanged(key, 0, value(1), lease) > 0);
        }
        return null;
    }

    /** One of three wins each turn, and compacts to the revision that was current at the turn before. */
    private Void compact(ApiServerCalls calls) throws InterruptedException {
        long time = 0;
        long revision = 0;
        while (writing()) {
            Turn turn = calls.takeTurn(time, revision);
            if (turn.won() && revision > 0) {
                calls.compact(revision);
                compactions.add(revision);
            }
            time = turn.time();
            revision = turn.revision();
            // An apiserver waits five minutes here; the pause is part of the load, not of what is checked.
            Thread.sleep(150);
        }
        return null;
    }

    @Test
    void whatApiserversSeeOfOneStoreIsOneHistory(@TempDir Path folder) throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder);
                ApiServerCalls first = new ApiServerCalls(cluster.endpoint("m1"));
                ApiServerCalls second = new ApiServerCalls(cluster.endpoint("m2"));
                ApiServerCalls third = new ApiServerCalls(cluster.endpoint("m3"));
                WatchRecord everything = new WatchRecord(first, PODS, 1);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> work = new ArrayList<>();
            List<Future<List<WatchRecord>>> informers = new ArrayList<>();
            for (ApiServerCalls calls : List.of(first, second, third)) {
                long seed = work.size();
                work.add(threads.submit(() -> write(calls, seed)));
                work.add(threads.submit(() -> list(calls)));
                work.add(threads.submit(() -> record(calls)));
                work.add(threads.submit(() -> compact(calls)));
                informers.add(threads.submit(() -> watch(calls)));
            }
            for (Future<Void> each : work) {
                each.get(DEADLINE_MS, TimeUnit.MILLISECONDS);
            }
            long end = first.list(PODS, PAGE).revision();
            assertTrue(
                    everything.awaitProgress(end, DEADLINE_MS),
                    () -> everything.faults().toString());
            List<Event> history = everything.events();
            checkHistory(history);
            checkLists(history);
            for (Future<List<WatchRecord>> informer : informers) {
                for (WatchRecord watch : informer.get(DEADLINE_MS, TimeUnit.MILLISECONDS)) {
                    assertTrue(
                            watch.awaitProgress(end, DEADLINE_MS),
                            () -> watch.faults().toString());
                    checkWatch(watch, history);
                    watch.close();
                }
            }
            checkCompactions(second);
            await(
                    "all events have gone with their leases",
                    () -> third.list(EVENTS, 500).objects().isEmpty());
        }
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadlineNs = System.nanoTime() + DEADLINE_MS * 1_000_000;
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadlineNs, "did not happen in time: " + what);
            Thread.sleep(50);
        }
    }

    /** Every change that was acknowledged is there once, and every compare was made on what was there. */
    private void checkHistory(List<Event> history) {
        assertEquals(3 * CHANGES_EACH, history.size());
        Map<ByteString, KeyValue> objects = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
        for (Event event : history) {
            KeyValue now = event.getKv();
            KeyValue before = objects.get(now.getKey());
            assertEquals(now.getKey(), acknowledged.get(now.getModRevision()));
            if (event.getType() == Event.EventType.DELETE) {
                assertNotNull(before);
                assertEquals(before, event.getPrevKv());
                objects.remove(now.getKey());
            } else {
                assertEquals(before == null ? 1 : generation(before) + 1, generation(now), "no update is lost");
                assertEquals(before == null ? 1 : before.getVersion() + 1, now.getVersion());
                assertEquals(
                        before == null ? now.getModRevision() : before.getCreateRevision(), now.getCreateRevision());
                objects.put(now.getKey(), now);
            }
        }
    }

    /** A list in pages is the state at its revision. */
    private void checkLists(List<Event> history) {
        assertFalse(lists.isEmpty());
        TreeMap<Long, List<Listed>> byRevision = new TreeMap<>();
        lists.forEach(list -> byRevision
                .computeIfAbsent(list.revision(), _ -> new ArrayList<>())
                .add(list));
        Map<ByteString, KeyValue> objects = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
        int next = 0;
        for (Map.Entry<Long, List<Listed>> at : byRevision.entrySet()) {
            while (next < history.size() && history.get(next).getKv().getModRevision() <= at.getKey()) {
                Event event = history.get(next++);
                if (event.getType() == Event.EventType.DELETE) {
                    objects.remove(event.getKv().getKey());
                } else {
                    objects.put(event.getKv().getKey(), event.getKv());
                }
            }
            for (Listed list : at.getValue()) {
                assertEquals(List.copyOf(objects.values()), list.objects());
            }
        }
    }

    /** A watch is sent what the history holds from its beginning on, neither more nor less. */
    private static void checkWatch(WatchRecord watch, List<Event> history) {
        assertEquals(List.of(), watch.faults());
        assertTrue(watch.progressReports() > 0);
        List<Event> wanted = history.stream()
                .filter(event -> event.getKv().getModRevision() >= watch.fromRevision())
                .toList();
        assertEquals(wanted, watch.events());
    }

    private void checkCompactions(ApiServerCalls calls) {
        assertFalse(compactions.isEmpty());
        long last = compactions.stream().mapToLong(Long::longValue).max().orElseThrow();
        assertEquals(compactions.size(), compactions.stream().distinct().count(), "each turn was won once");
        assertTrue(calls.list(PODS, PAGE).revision() > last);
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> calls.compact(last));
        assertEquals(
                "etcdserver: mvcc: required revision has been compacted",
                refused.getStatus().getDescription());
    }
}
