package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Events;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.devices.ClaimCreations;
import io.keelson.scheduler.extender.Extenders;
import io.keelson.scheduler.queue.Backoff;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.HintWatch;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBucket;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterProperty;
import org.jspecify.annotations.Nullable;

/**
 * Pods of gangs that are decided on one by one, as where extenders are asked: in whatever order, nobody is let go before
 * enough have nodes, and gangs that hold what the other needs do not wait for one another.
 */
class PermitsProperties {
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
    private static final int GANGS = 2;

    private final KubernetesClient client = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder()
                    .withMasterUrl("http://127.0.0.1:1")
                    .withAutoConfigure(false)
                    .build())
            .build();
    private final ClusterState state = new ClusterState();
    private final TestGangs gangs = new TestGangs(this::happened);
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Profiles profiles = new Profiles(
            SchedulerSettings.DEFAULT,
            DefaultPlugins.registry(
                    Set.of(), new SchedulerFeatures(true, true, true), gangs.groups, () -> now, ClaimCreations.UNTOLD),
            SILENT,
            new Random(1));
    private final SchedulingQueue queue =
            new SchedulingQueue(profiles.hints(state, HintWatch.NOBODY), profiles, Backoff.DEFAULT);
    private final ObservedCluster cluster = new ObservedCluster(state, this::happened);
    private final Nominations nominations = new Nominations(state);
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PodReports reports = closed(new PodReports(client, () -> now));
    private final SchedulerMetrics metrics = new SchedulerMetrics(registry);
    private final Results results =
            new Results(0, profiles, queue, new Meanwhile(queue), nominations, reports, metrics, () -> now);
    /** As nothing may be bound at once, nothing is: who is let go stays on its node. */
    private final Assumptions assumptions = new Assumptions(
            0,
            profiles,
            cluster,
            results,
            new Binder(client, reports, metrics),
            new Extending(
                    new Extenders(List.of()), new Inbox(), new Caches(client, Caches.Delivery.PLAIN).of(Node.class)),
            gangs.groups,
            new Inbox(),
            () -> now,
            this::gone,
            made -> new Permits(profiles, gangs.groups, queue, results, () -> now, made));

    private static PodReports closed(PodReports reports) {
        reports.close();
        return reports;
    }

    @AfterProperty
    void close() {
        client.close();
    }

    private void happened(ClusterEvent event) {
        queue.happened(event, now);
    }

    private void gone(String uid) {
        queue.remove(uid);
        assumptions.settle(uid);
        cluster.left(uid);
    }

    private static String gang(int number) {
        return "gang" + number;
    }

    private boolean isLetGo(String uid) {
        return assumptions.contains(uid) && !assumptions.permits().isWaiting(uid);
    }

    private List<String> letGo(String gang) {
        return pods.keySet().stream()
                .filter(uid -> uid.startsWith(gang + '-') && isLetGo(uid))
                .toList();
    }

    @Property(tries = 60)
    void nobodyGoesAloneAndNobodyWaitsInVain(@ForAll long seed) {
        // Each in a cluster of its own.
        PermitsProperties own = new PermitsProperties();
        try {
            own.run(seed);
        } finally {
            own.close();
        }
    }

    private void run(long seed) {
        Random random = new Random(seed);
        int[] least = new int[GANGS];
        int room = 1 + random.nextInt(6);
        state.setNode(TestGangs.node("node", room));
        for (int i = 0; i < GANGS; i++) {
            least[i] = 1 + random.nextInt(4);
            gangs.tell(gang(i), least[i]);
            for (int j = random.nextInt(2); j <= least[i]; j++) {
                come(gang(i), j);
            }
        }
        for (int step = 0; step < 60; step++) {
            int[] had = new int[GANGS];
            for (int i = 0; i < GANGS; i++) {
                had[i] = letGo(gang(i)).size();
            }
            switch (random.nextInt(8)) {
                case 0 -> delete(random);
                case 1 -> pass(Duration.ofSeconds(random.nextInt(200)));
                case 2 -> come(gang(random.nextInt(GANGS)), 100 + step);
                default -> decide(room);
            }
            for (int i = 0; i < GANGS; i++) {
                if (letGo(gang(i)).size() > had[i]) {
                    assertTrue(gangs.groups.placed(TestGangs.key(gang(i))) >= least[i], gang(i) + " goes together");
                }
            }
        }
        for (int i = 0; i < 100 && decide(room); i++) {
            assertTrue(i < 99, "it comes to an end");
        }
        pass(Duration.ofMinutes(6));
        assertNobodyWaits();
        assertNull(assumptions.permits().nextTurn());
    }

    private void assertNobodyWaits() {
        for (String uid : pods.keySet()) {
            assertTrue(!assumptions.permits().isWaiting(uid), uid + " waits for nobody");
            assertEquals(isLetGo(uid) ? "node" : null, state.nodeOf(uid), uid);
        }
    }

    private void come(String gang, int number) {
        String name = gang + '-' + number;
        Pod pod = TestGangs.pod(gang, name, 1, 0);
        pods.put(name, pod);
        gangs.add(pod);
        queue.put(PodInfo.of(pod, state.table()), now);
    }

    private void pass(Duration time) {
        now = now.plus(time);
        assumptions.permits().turn(now);
    }

    private void delete(Random random) {
        List<String> all = new ArrayList<>(pods.keySet());
        if (!all.isEmpty()) {
            Pod pod = pods.remove(all.get(random.nextInt(all.size())));
            gangs.remove(Objects.requireNonNull(pod, "it is there"));
            gone(pod.getMetadata().getUid());
            assumptions.permits().reconsider(Objects.requireNonNull(gangs.groups.of(pod), "it has a group"));
        }
    }

    private boolean decide(int room) {
        QueuedPod next = queue.take(now);
        if (next == null) {
            return false;
        }
        NodeState node = Objects.requireNonNull(state.node("node"), "it is there");
        if (node.pods().size() < room) {
            take(next, node);
        } else {
            results.rejected(next, Set.of("NodeResourcesFit"), 0);
            assumptions.permits().reconsider(Objects.requireNonNull(gangs.groups.of(next.pod()), "it has a group"));
        }
        return true;
    }

    private void take(QueuedPod next, NodeState node) {
        try {
            assumptions.take(next, next.pod(), node, 0);
        } catch (ReservationException e) {
            throw new AssertionError(e);
        }
    }

    @Example
    void whoWaitsTooLongGivesBackWhatItHas() {
        state.setNode(TestGangs.node("node", 5));
        gangs.tell("gang0", 3);
        for (int i = 0; i < 3; i++) {
            come("gang0", i);
        }
        boolean first = decide(5);
        boolean second = decide(5);
        assertTrue(first && second);
        @Nullable Instant end = assumptions.permits().nextTurn();
        assertEquals(now.plus(Duration.ofMinutes(5)), end);
        pass(Duration.ofMinutes(4));
        assertTrue(assumptions.permits().isWaiting("gang0-0"));
        pass(Duration.ofMinutes(1));
        assertEquals(
                0,
                Objects.requireNonNull(state.node("node"), "it is there").pods().size());
        assertEquals(0, gangs.groups.placed(TestGangs.key("gang0")));
        assertEquals(Map.of("Unschedulable", 2L), waits());
    }

    /** How many waits of pods that had nodes there were, by what came of them. */
    private Map<String, Long> waits() {
        Map<String, Long> waits = new TreeMap<>();
        for (MetricSnapshot each : registry.scrape()) {
            if (each instanceof HistogramSnapshot histogram
                    && histogram.getMetadata().getName().equals("scheduler_permit_wait_duration_seconds")) {
                histogram
                        .getDataPoints()
                        .forEach(point -> waits.put(
                                String.valueOf(point.getLabels().get("result")),
                                point.getClassicBuckets().stream()
                                        .mapToLong(ClassicHistogramBucket::getCount)
                                        .sum()));
            }
        }
        return waits;
    }

    @Example
    void whoHasToMakeRoomComesBackAndTheOthersWaitOn() {
        state.setNode(TestGangs.node("node", 5));
        gangs.tell("gang0", 3);
        for (int i = 0; i < 3; i++) {
            come("gang0", i);
        }
        boolean first = decide(5);
        boolean second = decide(5);
        assertTrue(first && second);
        boolean sentBack = assumptions.permits().sendBack("gang0-0");
        assertTrue(sentBack && !assumptions.permits().sendBack("gang0-2"));
        assertNull(state.nodeOf("gang0-0"));
        assertTrue(queue.isOnItsWay("gang0-0") && assumptions.permits().isWaiting("gang0-1"));
        boolean third = decide(5);
        boolean again = decide(5);
        assertTrue(third && again);
        assertEquals(3, letGo("gang0").size());
        assertEquals(Map.of("Success", 2L, "Unschedulable", 1L), waits());
    }
}
