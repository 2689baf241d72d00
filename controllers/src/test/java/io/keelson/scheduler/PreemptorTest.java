package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.devices.ClaimCreations;
import io.keelson.scheduler.extender.Extenders;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.preemption.Budgets;
import io.keelson.scheduler.queue.Backoff;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.HintWatch;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PreemptorTest {
    private static final Events SILENT = new Events() {
        @Override
        public void normal(HasMetadata about, String reason, String message) {}

        @Override
        public void warning(HasMetadata about, String reason, String message) {}

        @Override
        public Events from(String component) {
            return this;
        }
    };
    private static final String WAITS = " preemption: not eligible due to a terminating pod on the nominated node.";

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final TestApi api = new TestApi();
    private final ClusterState state = new ClusterState();
    private final Profiles profiles = new Profiles(
            SchedulerSettings.DEFAULT,
            DefaultPlugins.registry(
                    Set.of(), SchedulerFeatures.USUAL, new PodGroups(false), () -> now, ClaimCreations.UNTOLD),
            SILENT,
            new Random(1));
    private final RunningProfile profile = Objects.requireNonNull(profiles.find(""), "there is a usual one");
    private final SchedulingQueue queue =
            new SchedulingQueue(profiles.hints(state, HintWatch.NOBODY), profiles, Backoff.DEFAULT);
    private final ObservedCluster cluster = new ObservedCluster(state, this::happened);
    private final Nominations nominations = new Nominations(state);
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final SchedulerMetrics metrics = new SchedulerMetrics(registry);
    private final Evictor evictor = new Evictor(api.client, () -> now, metrics);
    private final Set<String> waitingToBeBound = new HashSet<>();
    private final Inbox inbox = new Inbox();
    private final Preemptor preemptor = new Preemptor(
            state,
            queue,
            cluster,
            nominations,
            () -> new Budgets(List.of()),
            evictor,
            new Extending(
                    new Extenders(List.of()), inbox, new Caches(api.client, Caches.Delivery.PLAIN).of(Node.class)),
            inbox,
            () -> now,
            metrics,
            this::sendBack,
            (pod, why) -> {});

    private void happened(ClusterEvent event) {
        queue.happened(event, now);
        preemptor.happened(event);
    }

    private boolean sendBack(String uid) {
        boolean waits = waitingToBeBound.remove(uid);
        if (waits) {
            cluster.left(uid);
        }
        return waits;
    }

    private static Pod pod(String name, String node, int priority, String cpu) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .withPriority(priority)
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity(cpu)))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }

    @BeforeEach
    void twoNodesAreFull() {
        for (String node : List.of("a", "b")) {
            state.setNode(TestGangs.node(node, 2));
            cluster.assigned(pod(node + "-1", node, 1, "1"), false);
            cluster.assigned(pod(node + "-2", node, 1, "1"), false);
        }
        queue.put(PodInfo.of(pod("important", "", 10, "2"), state.table()), now);
    }

    @AfterEach
    void close() {
        api.close();
        evictor.close();
    }

    /** The pod's turn comes. What users are told after why it is not scheduled; null if it is not its turn, or it fits. */
    private @Nullable String decide() {
        QueuedPod next = queue.take(now);
        if (next == null) {
            return null;
        }
        String held = nominations.forget("important");
        state.remove("important");
        if (!(profile.decider().decide(next.pod(), state) instanceof Decision.Impossible impossible)) {
            return null;
        }
        queue.reject(next, Set.of("NodeResourcesFit"), now);
        return preemptor.makeRoom(profile, next.pod(), impossible, held);
    }

    private String nominated() {
        String node = nominations.nodeOf("important");
        assertNotNull(node, "room is made for it");
        return node;
    }

    private long deletions() {
        return api.asked.stream().filter(each -> each.startsWith("DELETE")).count();
    }

    @Test
    void whileThoseWhoWereAskedHaveNotLeftNobodyElseIs() throws InterruptedException {
        assertEquals("", decide());
        String node = nominated();
        TestCluster.await("the first is asked", () -> !api.asked.isEmpty());
        now = now.plus(Duration.ofSeconds(30));
        cluster.left(node + "-1");
        assertTrue(queue.unschedulable().size() == 1, "one has left, which is not enough");
        // Something else may wake it all the same.
        queue.helped("important", now);
        assertEquals(WAITS, decide());
        assertEquals(node, nominated());
        api.answer(100);
        TestCluster.await("both are asked", () -> deletions() == 2);
        cluster.left(node + "-2");
        assertNull(decide());
        assertFalse(queue.isWaiting("important"));
        assertEquals(2, deletions());
        assertEquals(4, api.asked.size(), "of each the condition and the deletion, by a call each: " + api.asked);
    }

    @Test
    void whoOnlyWaitsToBeBoundIsNotDeleted() {
        waitingToBeBound.addAll(List.of("a-1", "a-2", "b-1", "b-2"));
        assertEquals("", decide());
        String node = nominated();
        assertNull(state.nodeOf(node + "-1"));
        assertEquals(2, waitingToBeBound.size());
        assertNull(decide());
        assertEquals(List.of(), api.asked);
    }

    @Test
    void whereTheApiForbidsItNoRoomIsKept() throws InterruptedException {
        api.code = 403;
        api.answer(100);
        assertEquals("", decide());
        TestCluster.await("it is told", () -> {
            inbox.handle();
            return nominations.nodeOf("important") == null;
        });
        assertTrue(queue.isOnItsWay("important"), "it is tried again");
        assertEquals(0, deletions());
        now = now.plus(Duration.ofSeconds(30));
        assertEquals("", decide());
    }
}
