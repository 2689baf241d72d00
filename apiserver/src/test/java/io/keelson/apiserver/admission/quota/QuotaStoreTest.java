package io.keelson.apiserver.admission.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectAccess;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Quotas when the store fails for some of them, or has what the cache has not seen yet. */
class QuotaStoreTest {
    private static final long DEADLINE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final String POD = "{metadata: {name: web, namespace: default}, spec: {containers: [{name: c}]}}";
    private static final String SERVICE = "{metadata: {name: web, namespace: default}, spec: {ports: [{port: 1}]}}";

    private final Store objects = new Store();
    private Instant now = Instant.parse("2026-05-01T12:00:00Z");
    private final ResourceQuota plugin = new ResourceQuota(objects, () -> now);

    /** A cache that may know nothing, and a store that may fail. */
    private static final class Store implements ObjectAccess {
        private final TestObjects stored = new TestObjects();
        private final AtomicInteger asked = new AtomicInteger();
        private final Set<String> failing = ConcurrentHashMap.newKeySet();
        private volatile boolean unseen;
        private volatile CountDownLatch held = new CountDownLatch(0);

        @Override
        public @Nullable ObjectNode recent(String group, String resource, String namespace, String name) {
            return unseen ? null : stored.recent(group, resource, namespace, name);
        }

        @Override
        public @Nullable ObjectNode now(String group, String resource, String namespace, String name) {
            return stored.now(group, resource, namespace, name);
        }

        @Override
        public List<ObjectNode> all(String group, String resource, String namespace) {
            return unseen ? List.of() : stored.all(group, resource, namespace);
        }

        @Override
        public List<ObjectNode> allNow(String group, String resource, String namespace) {
            asked.incrementAndGet();
            return stored.all(group, resource, namespace);
        }

        @Override
        public void create(String group, String resource, ObjectNode object) {
            stored.create(group, resource, object);
        }

        @Override
        public @Nullable ObjectNode adjust(
                String group, String resource, String namespace, String name, UnaryOperator<ObjectNode> change)
                throws InterruptedException {
            held.await();
            if (failing.contains(name)) {
                throw ApiException.internal("the store does not want " + name, null);
            }
            return stored.adjust(group, resource, namespace, name, change);
        }
    }

    private void quota(String name, String hard, String used) {
        objects.stored.with(
                "resourcequotas",
                "{metadata: {name: " + name + ", namespace: default}, spec: {hard: {" + hard + "}}, status: {hard: {"
                        + hard + "}, used: {" + used + "}}}");
    }

    private String used(String name) {
        return Json.text(Objects.requireNonNull(objects.now("", "resourcequotas", "default", name))
                        .at("/status/used"))
                .replace('"', '\'');
    }

    /** A write that is under way, and how it ended: empty for well. */
    private record Underway(Thread thread, AtomicReference<String> end) {
        static Underway of(ResourceQuota plugin, TestWrite write) {
            AtomicReference<String> end = new AtomicReference<>("not over");
            return new Underway(
                    Thread.ofVirtual().start(() -> {
                        try {
                            plugin.validate(write.request());
                            end.set("");
                        } catch (ApiException e) {
                            end.set(e.message());
                        } catch (InterruptedException e) {
                            end.set("interrupted");
                        }
                    }),
                    end);
        }

        void awaitWaiting() {
            long deadline = System.nanoTime() + DEADLINE_NANOS;
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                assertTrue(System.nanoTime() < deadline, () -> "it does not wait: " + thread.getState());
                Thread.onSpinWait();
            }
        }

        String awaitEnd() throws InterruptedException {
            assertTrue(thread.join(Duration.ofNanos(DEADLINE_NANOS)), "it does not end");
            return String.valueOf(end.get());
        }
    }

    @Test
    void aQuotaThatCannotBeWrittenRefusesOnlyItsOwn() throws Exception {
        quota("a-services", "services: 5", "services: 0");
        quota("b-pods", "pods: 5", "pods: 0");
        objects.held = new CountDownLatch(1);
        Underway first = Underway.of(plugin, TestWrite.create("pods", POD));
        first.awaitWaiting();
        // These two wait for the first, and are settled together.
        Underway pod = Underway.of(plugin, TestWrite.create("pods", POD));
        Underway service = Underway.of(plugin, TestWrite.create("services", SERVICE));
        pod.awaitWaiting();
        service.awaitWaiting();
        objects.failing.add("a-services");
        objects.held.countDown();
        assertEquals("", first.awaitEnd());
        assertTrue(service.awaitEnd().contains("the store does not want a-services"), service.end()::toString);
        assertEquals("", pod.awaitEnd());
        assertEquals("{'services':0} {'pods':'2'}", used("a-services") + " " + used("b-pods"));
    }

    @Test
    void aQuotaThatTheCacheHasNotSeenYetHolds() throws Exception {
        objects.unseen = true;
        quota("q", "pods: 1", "pods: 0");
        TestWrite.create("pods", POD).through(plugin);
        assertEquals("{'pods':'1'}", used("q"));
        assertEquals(
                "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
                TestWrite.create("pods", POD).refusedBy(plugin));
    }

    @Test
    void thatThereIsNoneIsAskedOnceInAWhile() throws Exception {
        for (int i = 0; i < 5; i++) {
            TestWrite.create("pods", POD).through(plugin);
        }
        assertEquals(1, objects.asked.get());
        objects.unseen = true;
        quota("q", "pods: 0", "pods: 0");
        TestWrite.create("pods", POD).through(plugin);
        now = now.plus(NamespaceQuotas.NONE_LIFE);
        assertEquals(
                "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
                TestWrite.create("pods", POD).refusedBy(plugin));
    }

    @Test
    void oneMadeHereHoldsFromTheNextWriteOn() throws Exception {
        TestWrite.create("pods", POD).through(plugin);
        objects.unseen = true;
        AdmissionRequest making = TestWrite.create(
                        "resourcequotas", "{metadata: {name: q, namespace: default}, spec: {hard: {pods: 0}}}")
                .request();
        plugin.validate(making);
        quota("q", "pods: 0", "pods: 0");
        making.held().commit();
        making.held().close();
        assertEquals(
                "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
                TestWrite.create("pods", POD).refusedBy(plugin));
    }
}
