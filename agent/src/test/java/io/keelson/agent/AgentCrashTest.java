package io.keelson.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.keelson.agent.TestNode.Life;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that dies before or after any of its calls that change something, again and again. */
class AgentCrashTest {
    private static final List<String> READS =
            List.of("List", "Status", "Version", "GetContainerEvents", "RuntimeConfig");

    /** A process that dies at a certain one of its calls: it makes no call any more, and hears of none. */
    private static final class Death implements Interceptor, ClientInterceptor {
        private final AtomicInteger left;
        private final boolean isAfter;
        private volatile boolean dead;

        Death(int calls, boolean isAfter) {
            left = new AtomicInteger(calls);
            this.isAfter = isAfter;
        }

        /** Returns whether this call is the last one, and is still made. */
        private boolean isLast() {
            boolean isOver = left.decrementAndGet() < 0;
            if (isOver && !isAfter) {
                dead = true;
            }
            return isOver;
        }

        private static boolean counts(HttpRequest request) {
            return !request.method().equals("GET") && !request.uri().getPath().contains("/events");
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (counts(request)) {
                boolean _ = isLast();
            }
            if (dead && !request.method().equals("GET")) {
                throw new KubernetesClientException("this process is dead");
            }
        }

        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            if (counts(request) && left.get() < 0) {
                dead = true;
                throw new KubernetesClientException("this process is dead");
            }
        }

        @Override
        public <A, B> ClientCall<A, B> interceptCall(MethodDescriptor<A, B> method, CallOptions options, Channel next) {
            String name = String.valueOf(method.getBareMethodName());
            boolean isRead = READS.stream().anyMatch(name::contains);
            boolean last = !isRead && isLast();
            if (dead) {
                return next.newCall(method, options.withDeadlineAfter(0, TimeUnit.NANOSECONDS));
            }
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<B> listener, Metadata headers) {
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onMessage(B message) {
                                    if (!last) {
                                        super.onMessage(message);
                                    }
                                }

                                @Override
                                public void onClose(Status status, Metadata trailers) {
                                    if (last) {
                                        dead = true;
                                    }
                                    super.onClose(
                                            last ? Status.UNAVAILABLE.withDescription("this process is dead") : status,
                                            trailers);
                                }
                            },
                            headers);
                }
            };
        }
    }

    /** Lets agents live and die until something is so. Returns how many died. */
    private static int live(TestNode node, Random random, String what, BooleanSupplier reached)
            throws InterruptedException, TimeoutException {
        int deaths = 0;
        for (int life = 0; life < 200; life++) {
            Death death = new Death(random.nextInt(6), random.nextBoolean());
            Time time = Time.system();
            Life agent = node.new Life(time, List.of(death), List.of(death));
            try {
                agent.begin();
                TestCluster.await(what + ", in life " + life, () -> {
                    checkNoTwins(node);
                    return death.dead || reached.getAsBoolean();
                });
                if (!death.dead && reached.getAsBoolean()) {
                    return deaths;
                }
                deaths++;
            } finally {
                agent.close();
                time.close();
            }
        }
        throw new AssertionError("not within 200 lives: " + what);
    }

    private static void checkNoTwins(TestNode node) {
        Map<String, Integer> running = new HashMap<>();
        node.runtime.containers().stream()
                .filter(run -> run.getState() == ContainerState.CONTAINER_RUNNING)
                .forEach(run -> running.merge(
                        run.getLabelsMap().get(RuntimeLabels.POD_UID)
                                + run.getMetadata().getName(),
                        1,
                        Integer::sum));
        running.forEach((name, count) -> assertEquals(1, count, name + " runs more than once"));
    }

    @Test
    void noContainerRunsTwiceAndNoPodIsLostWhereverAnAgentDies(@TempDir Path folder)
            throws InterruptedException, TimeoutException {
        for (long seed = 1; seed <= 3; seed++) {
            Random random = new Random(seed);
            Time clock = Time.system();
            try (TestNode node = new TestNode(folder.resolve("seed-" + seed), clock)) {
                node.create("web", """
                    initContainers: [{name: s, image: "docker.io/library/x:1", restartPolicy: Always}]
                    containers: [{name: a, image: "docker.io/library/x:1"}, {name: b, image: "docker.io/library/x:1"}]
                    """);
                node.create("gone", "containers: [{name: c, image: 'docker.io/library/x:1'}]");
                int deaths = live(node, random, "both are ready", () -> node.isReady("web") && node.isReady("gone"));
                node.delete("gone");
                deaths += live(
                        node,
                        random,
                        "one is gone",
                        () -> node.get("gone") == null
                                && node.runtime.runs("c").isEmpty()
                                && node.runtime.sandboxes().size() == 1);
                assertTrue(node.isReady("web"));
                long running = node.runtime.containers().stream()
                        .filter(run -> run.getState() == ContainerState.CONTAINER_RUNNING)
                        .count();
                assertEquals(3, running);
                node.delete("web");
                deaths += live(
                        node,
                        random,
                        "all is gone",
                        () -> node.get("web") == null
                                && node.runtime.containers().isEmpty()
                                && node.runtime.sandboxes().isEmpty()
                                && node.rooms.isEmpty());
                assertTrue(deaths > 3, "agents died " + deaths + " times");
            }
            clock.close();
        }
    }

    @Test
    void anAgentThatStartsAndEndsChangesNothing(@TempDir Path folder) throws InterruptedException, TimeoutException {
        Time clock = Time.system();
        try (TestNode node = new TestNode(folder, clock)) {
            node.create("web", "containers: [{name: a, image: 'docker.io/library/x:1'}]");
            try (Life _ = node.agent(clock)) {
                node.awaitReady("web");
            }
            List<String> calls = node.runtime.calls();
            for (int i = 0; i < 3; i++) {
                try (Life life = node.agent(clock)) {
                    TestCluster.await(
                            "it knows the pod", () -> !life.pods().pods().isEmpty());
                    Thread.sleep(Duration.ofMillis(200));
                }
            }
            List<String> more = node.runtime
                    .calls()
                    .subList(calls.size(), node.runtime.calls().size());
            assertTrue(more.stream().allMatch(call -> READS.stream().anyMatch(call::contains)), more.toString());
        }
        clock.close();
    }
}
