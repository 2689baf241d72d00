package io.keelson.controllers.daemonset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Plays a set by its plans, on nodes that are as slow as they like, and compares the end with what was asked for. */
class RolloutProperties {
    private record Play(String name, String node, String hash, boolean ready, boolean failed, boolean leaving) {
        private Pod seen(DaemonSet set) {
            Pod pod = DaemonSets.pod(set, name, node, hash, failed ? "Failed" : "Running", ready);
            return leaving ? DaemonSets.leaving(pod) : pod;
        }
    }

    private List<Play> pods = new ArrayList<>();
    private int made;

    private void make(String node, String hash, boolean ready) {
        pods.add(new Play("%s-%04d".formatted(node, made++), node, hash, ready, false, false));
    }

    private void apply(List<String> creations, List<Pod> deletions) {
        Set<String> doomed = new TreeSet<>();
        deletions.forEach(pod -> doomed.add(pod.getMetadata().getName()));
        assertEquals(deletions.size(), doomed.size(), "deleted twice");
        pods.replaceAll(pod -> {
            if (!doomed.contains(pod.name())) {
                return pod;
            }
            assertTrue(!pod.leaving(), "deleted twice");
            return new Play(pod.name(), pod.node(), pod.hash(), false, pod.failed(), true);
        });
        creations.forEach(node -> make(node, "new", false));
    }

    private void nodes(Random random, boolean calm) {
        List<Play> after = new ArrayList<>();
        for (Play pod : pods) {
            boolean now = calm || random.nextInt(3) == 0;
            boolean fails = !calm && random.nextInt(20) == 0;
            if (pod.leaving() && now) {
                continue;
            }
            boolean ready = !pod.leaving() && !pod.failed() && !fails && (pod.ready() || now);
            after.add(new Play(pod.name(), pod.node(), pod.hash(), ready, pod.failed() || fails, pod.leaving()));
        }
        pods = after;
    }

    private long serving() {
        return pods.stream().filter(Play::ready).map(Play::node).distinct().count();
    }

    @Property(tries = 60, seed = "20260102")
    void aSetBecomesWhatItSays(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 6) int count,
            @ForAll @IntRange(max = 3) int surge,
            @ForAll @IntRange(min = 1, max = 3) int unavailable) {
        pods = new ArrayList<>();
        made = 0;
        DaemonSet set = DaemonSets.set(surge, surge > 0 ? 0 : unavailable);
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(DaemonSets.node("n" + i));
            for (int j = random.nextInt(3); j > 0; j--) {
                make("n" + i, random.nextBoolean() ? "old" : "new", random.nextBoolean());
            }
        }
        for (int round = 0; round < 70; round++) {
            Look look = DaemonSets.look(
                    set, nodes, pods.stream().map(pod -> pod.seen(set)).toList());
            Upkeep upkeep = Upkeep.of(look, node -> Duration.ZERO);
            apply(upkeep.creations(), upkeep.deletions());
            if (upkeep.creations().isEmpty() && upkeep.deletions().isEmpty()) {
                long before = serving();
                Rollout rollout = Rollout.of(look);
                apply(rollout.creations(), rollout.deletions());
                long lost = before - serving();
                assertTrue(lost <= (surge > 0 ? 0 : unavailable), () -> lost + " nodes lost their pod: " + pods);
                assertTrue(
                        lost <= 0 || serving() >= count - unavailable,
                        () -> "only " + serving() + " of " + count + " serve: " + pods);
            }
            nodes(random, round > 30);
        }
        assertEquals(count, pods.size());
        assertEquals(count, pods.stream().map(Play::node).distinct().count());
        assertTrue(pods.stream().allMatch(pod -> pod.ready() && pod.hash().equals("new")), pods::toString);
    }
}
