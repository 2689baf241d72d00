package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.testing.TestCluster;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A scheduler that dies before or after any binding, loses answers, and is told everything late and twice. */
class SchedulerCrashTest {
    private static final int NODES = 4;
    private static final int PODS = 32;

    private final TestScheduler test = new TestScheduler();

    @AfterEach
    void close() {
        test.close();
    }

    /** Fails at one of the bindings, before it is sent or when its answer has come; dead is dead for all writes after it. */
    static final class Fault implements Interceptor {
        private final AtomicInteger left;
        private final boolean afterwards;
        private final boolean forEver;
        private final Predicate<HttpRequest> counted;
        volatile boolean dead;

        private Fault(int bindings, boolean afterwards, boolean forEver) {
            this(
                    bindings,
                    afterwards,
                    forEver,
                    request -> request.uri().getPath().endsWith("/binding"));
        }

        Fault(int calls, boolean afterwards, boolean forEver, Predicate<HttpRequest> counted) {
            left = new AtomicInteger(calls);
            this.counted = counted;
            this.afterwards = afterwards;
            this.forEver = forEver;
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (dead && !request.method().equals("GET")) {
                throw new IllegalStateException("this process is dead");
            }
            if (counted.test(request) && left.decrementAndGet() == 0 && !afterwards) {
                fail();
            }
        }

        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            if (counted.test(request) && left.get() <= 0 && afterwards) {
                fail();
            }
        }

        private void fail() {
            dead = forEver;
            throw new IllegalStateException("the call is lost");
        }
    }

    static Caches.Delivery lateAndTwice(long seed) {
        Random random = new Random(seed);
        return change -> {
            int delayMs;
            synchronized (random) {
                delayMs = random.nextInt(3) == 0 ? random.nextInt(20) : 0;
            }
            try {
                Thread.sleep(delayMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            change.run();
            change.run();
        };
    }

    private Map<String, Integer> perNode() {
        Map<String, Integer> counts = new HashMap<>();
        for (Pod pod : test.cluster.pods(test.namespace)) {
            if (!Pods.node(pod).isEmpty()) {
                counts.merge(Pods.node(pod), 1, Integer::sum);
            }
        }
        return counts;
    }

    private int bound() {
        return perNode().values().stream().mapToInt(Integer::intValue).sum();
    }

    private TestScheduler.Running start(Fault fault, long seed) throws InterruptedException {
        return test.start(ApiClient.of(test.client.getConfiguration(), List.of(fault)), lateAndTwice(seed));
    }

    @Test
    void whateverALifeLeavesTheNextFinishesIt() throws InterruptedException {
        for (int i = 0; i < NODES; i++) {
            test.node("2", Map.of());
        }
        for (int i = 0; i < PODS; i++) {
            test.pod("pod-" + i, "250m");
        }
        // Few are under way when it dies, so it has to die often.
        test.bindingsAtOnce = 2;
        int deaths = 0;
        for (int life = 1; bound() < PODS; life++) {
            Fault fault = new Fault(life, life % 2 == 0, true);
            try (var _ = start(fault, life)) {
                TestCluster.await("life " + life + " ends", () -> fault.dead || bound() == PODS);
            }
            deaths += fault.dead ? 1 : 0;
        }
        assertTrue(deaths >= 4, "deaths: " + deaths);
        // Each node has room for just as many: one given away twice would leave a pod without any.
        assertTrue(perNode().values().stream().allMatch(count -> count == PODS / NODES), () -> "on: " + perNode());
    }

    @Test
    void aLostAnswerIsAskedForAndALostCallIsSentAgain() throws InterruptedException {
        for (boolean afterwards : new boolean[] {true, false}) {
            String node = test.node("1", Map.of());
            try (var _ = start(new Fault(1, afterwards, false), 1)) {
                String pod = "pod-" + afterwards;
                test.pod(pod, "1");
                test.awaitBound(pod);
                assertEquals(node, test.nodeOf(pod));
                test.awaitEvent(
                        pod, "Scheduled", "Successfully assigned " + test.namespace + '/' + pod + " to " + node);
            }
        }
    }
}
