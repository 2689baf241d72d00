package io.keelson.controllers.statefulset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetOrdinals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Plays a set by its plans, with nodes that are as slow as they like, and compares the end with what was asked for. */
class PlannerProperties {
    /** What a pod is, in as few words as the rules need. */
    private enum State {
        PENDING,
        READY,
        BROKEN,
        ENDED,
        LEAVING
    }

    private record Play(String revision, State state) {}

    private final Map<Integer, Play> pods = new TreeMap<>();
    private final Map<Map.Entry<Integer, Play>, Pod> made = new HashMap<>();

    private List<Pod> seen(StatefulSet set) {
        List<Pod> seen = new ArrayList<>();
        pods.forEach((ordinal, play) ->
                seen.add(made.computeIfAbsent(Map.entry(ordinal, play), ignored -> made(set, ordinal, play))));
        return seen;
    }

    private static Pod made(StatefulSet set, int ordinal, Play play) {
        String phase = switch (play.state()) {
            case PENDING -> "Pending";
            case READY, BROKEN, LEAVING -> "Running";
            case ENDED -> "Failed";
        };
        Pod pod = StatefulSets.pod(set, ordinal, play.revision(), phase, play.state() == State.READY);
        if (play.state() == State.LEAVING) {
            pod.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        }
        return pod;
    }

    private @Nullable State state(int ordinal) {
        Play play = pods.get(ordinal);
        return play == null ? null : play.state();
    }

    private long unavailable(StatefulSet set) {
        Ordinals ordinals = Ordinals.of(set);
        long ready = pods.entrySet().stream()
                .filter(pod -> ordinals.contains(pod.getKey()) && pod.getValue().state() == State.READY)
                .count();
        return ordinals.count() - ready;
    }

    private void check(StatefulSet set, Plan plan, int maxUnavailable, boolean ordered) {
        Ordinals ordinals = Ordinals.of(set);
        for (Pod created : plan.creations()) {
            int ordinal = Identity.ordinalOf(set, created);
            assertTrue(ordinals.contains(ordinal) && !pods.containsKey(ordinal), "made twice: " + ordinal);
            for (int before = ordinals.start(); ordered && before < ordinal; before++) {
                assertEquals(State.READY, state(before), "before " + ordinal);
            }
        }
        long working = plan.outdated().stream()
                .filter(pod -> state(Identity.ordinalOf(set, pod)) == State.READY)
                .count();
        assertTrue(
                working == 0 || unavailable(set) + working <= maxUnavailable,
                () -> working + " go though " + unavailable(set) + " do not work: " + pods);
        for (Pod doomed : plan.allDeletions()) {
            assertTrue(state(Identity.ordinalOf(set, doomed)) != State.LEAVING, "deleted twice");
        }
        if (ordered && !plan.deletions().isEmpty()) {
            assertEquals(1, plan.allDeletions().size());
            assertEquals(0, plan.creations().size());
        }
    }

    private void apply(StatefulSet set, Plan plan) {
        plan.creations()
                .forEach(pod ->
                        pods.put(Identity.ordinalOf(set, pod), new Play(Identity.revisionOf(pod), State.PENDING)));
        plan.allDeletions()
                .forEach(pod ->
                        pods.put(Identity.ordinalOf(set, pod), new Play(Identity.revisionOf(pod), State.LEAVING)));
    }

    /** Time goes on: some of what is under way gets done. */
    private void nodes(Random random, boolean calm) {
        for (Map.Entry<Integer, Play> pod : new TreeMap<>(pods).entrySet()) {
            Play play = pod.getValue();
            boolean now = calm || random.nextInt(3) == 0;
            switch (play.state()) {
                case PENDING, BROKEN -> {
                    if (now) {
                        pods.put(pod.getKey(), new Play(play.revision(), State.READY));
                    }
                }
                case LEAVING -> {
                    if (now) {
                        pods.remove(pod.getKey());
                    }
                }
                case READY, ENDED -> {
                    if (!calm && random.nextInt(20) == 0) {
                        State next = random.nextBoolean() ? State.BROKEN : State.ENDED;
                        pods.put(pod.getKey(), new Play(play.revision(), next));
                    }
                }
            }
        }
    }

    @Property(tries = 100, seed = "20260101")
    void aSetBecomesWhatItSays(
            @ForAll Random random,
            @ForAll boolean ordered,
            @ForAll @IntRange(max = 6) int replicas,
            @ForAll @IntRange(max = 3) int start,
            @ForAll @IntRange(max = 7) int partition,
            @ForAll @IntRange(min = 1, max = 3) int maxUnavailable) {
        pods.clear();
        StatefulSet set = StatefulSets.partitioned(
                ordered ? StatefulSets.ordered(replicas) : StatefulSets.parallel(replicas), partition, null);
        set.getSpec().getUpdateStrategy().getRollingUpdate().setMaxUnavailable(new IntOrString(maxUnavailable));
        set.getSpec().setOrdinals(new StatefulSetOrdinals(start));
        for (int ordinal = 0; ordinal < 9; ordinal++) {
            if (random.nextBoolean()) {
                State state = State.values()[random.nextInt(State.values().length)];
                pods.put(ordinal, new Play(random.nextBoolean() ? "old" : "new", state));
            }
        }
        for (int round = 0; round < 100; round++) {
            Plan plan = Planner.plan(
                    set,
                    seen(set),
                    StatefulSets.revision("old"),
                    StatefulSets.revision("new"),
                    name -> null,
                    StatefulSets.NOW);
            check(set, plan, maxUnavailable, ordered);
            apply(set, plan);
            nodes(random, round > 40);
        }
        Map<Integer, Play> expected = new TreeMap<>();
        for (int i = 0; i < replicas; i++) {
            Play now = pods.get(start + i);
            // Below the partition a pod may be of either revision, as it was at first.
            String revision = i >= partition || now == null ? "new" : now.revision();
            expected.put(start + i, new Play(revision, State.READY));
        }
        assertEquals(expected, pods);
    }
}
