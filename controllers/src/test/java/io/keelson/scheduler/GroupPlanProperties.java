package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.groups.GangScheduling;
import io.keelson.scheduler.groups.GroupPlan;
import io.keelson.scheduler.groups.GroupPlan.Outcome;
import io.keelson.scheduler.groups.GroupPlan.Tried;
import io.keelson.scheduler.preemption.Budgets;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** However pods, groups and nodes come and go: of a gang as many as it asks for get nodes at once, or none does. */
class GroupPlanProperties {
    private static final int STEPS = 40;

    private final Plugins plugins = DefaultPlugins.make();
    private final ClusterState state = new ClusterState();
    private final TestGangs gangs = new TestGangs(event -> {});
    private final GangScheduling plugin = new GangScheduling(gangs.groups);
    private final Map<String, Integer> capacity = new HashMap<>();
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private final Map<String, Gang> of = new HashMap<>();
    private final Map<String, String> placed = new TreeMap<>();
    private Random random = new Random();

    private record Gang(String name, int least, int cpu, int priority) {}

    private final class Places implements GroupPlan.Places {
        @Override
        public void take(PodInfo pod, NodeState node) {
            state.put(pod, node.name());
            gangs.groups.assume(pod.uid());
            placed.put(pod.uid(), node.name());
        }

        @Override
        public void giveBack(PodInfo pod) {
            state.remove(pod.uid());
            gangs.groups.forget(pod.uid());
            placed.remove(pod.uid());
        }

        @Override
        public @Nullable String nominated(PodInfo pod) {
            return null;
        }

        @Override
        public boolean isBeingMade(PodInfo pod, String node) {
            return false;
        }

        @Override
        public DefaultPreemption.Result room(PodInfo pod, Decision.Impossible why) {
            return new DefaultPreemption(plugins.filters(), random)
                    .find(pod, why, state, Integer.MIN_VALUE, () -> new Budgets(List.of()));
        }
    }

    @Property(tries = 120)
    void allThatAreAskedForGetNodesOrNobodyDoes(@ForAll long seed) {
        // Each in a cluster of its own.
        new GroupPlanProperties().run(seed);
    }

    private void run(long seed) {
        random = new Random(seed);
        Decider decider = new Decider(plugins.filters(), plugins.scores(), 100, random);
        List<Gang> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(new Gang("gang" + i, 1 + random.nextInt(5), 1 + random.nextInt(2), 10 * random.nextInt(2)));
        }
        for (int step = 0; step < STEPS; step++) {
            Gang gang = all.get(random.nextInt(all.size()));
            switch (random.nextInt(7)) {
                case 0 -> node();
                case 1 -> gangs.tell(gang.name(), gang.least());
                case 2, 3 -> come(gang);
                case 4 -> leave();
                default -> plan(gang, decider);
            }
        }
    }

    private void node() {
        if (capacity.size() < 4) {
            String name = "node" + capacity.size();
            capacity.put(name, 1 + random.nextInt(6));
            state.setNode(TestGangs.node(name, capacity.get(name)));
        }
    }

    private void come(Gang gang) {
        String name = "pod" + of.size();
        Pod pod = TestGangs.pod(gang.name(), name, gang.cpu(), gang.priority());
        pods.put(name, pod);
        of.put(name, gang);
        gangs.add(pod);
    }

    private void leave() {
        if (!placed.isEmpty()) {
            leave(new ArrayList<>(placed.keySet()).get(random.nextInt(placed.size())));
        }
    }

    private void leave(String uid) {
        Pod pod = pods.remove(uid);
        if (pod != null) {
            placed.remove(uid);
            state.remove(uid);
            gangs.remove(pod);
        }
    }

    private void plan(Gang gang, Decider decider) {
        List<PodInfo> waiting = pods.values().stream()
                .filter(pod -> gang.equals(of.get(pod.getMetadata().getUid())))
                .filter(pod -> !placed.containsKey(pod.getMetadata().getUid()))
                .map(pod -> PodInfo.of(pod, state.table()))
                .filter(pod -> plugin.hold(pod) == null)
                .sorted(Comparator.comparing(PodInfo::uid))
                .toList();
        if (waiting.isEmpty()) {
            return;
        }
        Map<String, String> before = new TreeMap<>(placed);
        long had =
                before.keySet().stream().filter(uid -> gang.equals(of.get(uid))).count();
        long room = room(gang.cpu());
        GroupPlan.Result result = GroupPlan.make(waiting, decider, List.of(plugin), state, gangs.groups, new Places());
        assertAsPlaced();
        assertEquals(
                placed.keySet().stream().filter(uid -> gang.equals(of.get(uid))).count(),
                gangs.groups.placed(TestGangs.key(gang.name())));
        boolean enough = had + Math.min(room, waiting.size()) >= gang.least() && (room > 0 || had >= gang.least());
        if (result.outcome() == Outcome.SCHEDULED) {
            assertTrue(gangs.groups.placed(TestGangs.key(gang.name())) >= gang.least(), "enough have nodes");
            Map<String, String> rest = new TreeMap<>(placed);
            rest.keySet().retainAll(before.keySet());
            assertEquals(before, rest, "the others stay");
        } else {
            assertEquals(before, placed, "nobody has a node more or less");
        }
        Set<String> victims = new HashSet<>();
        for (Tried each : result.tried()) {
            if (each instanceof Tried.Displacing one && one.candidate() != null) {
                one.candidate().victims().forEach(victim -> victims.add(victim.uid()));
            }
        }
        boolean lesser = before.keySet().stream().anyMatch(uid -> gangOf(uid).priority() < gang.priority());
        if (!lesser && room > 0) {
            assertEquals(enough ? Outcome.SCHEDULED : Outcome.UNSCHEDULABLE, result.outcome());
        }
        if (result.outcome() == Outcome.PREEMPTING) {
            victims.forEach(this::leave);
            GroupPlan.Result again =
                    GroupPlan.make(waiting, decider, List.of(plugin), state, gangs.groups, new Places());
            assertNotEquals(Outcome.UNSCHEDULABLE, again.outcome(), "they went for something");
            assertAsPlaced();
        }
    }

    /** How many pods of a size there is room for. */
    private long room(int cpu) {
        return capacity.keySet().stream().mapToLong(node -> free(node) / cpu).sum();
    }

    private int free(String node) {
        int free = capacity.getOrDefault(node, 0);
        for (Map.Entry<String, String> each : placed.entrySet()) {
            if (each.getValue().equals(node)) {
                free -= gangOf(each.getKey()).cpu();
            }
        }
        return free;
    }

    private Gang gangOf(String uid) {
        return Objects.requireNonNull(of.get(uid), "every pod is of a gang");
    }

    private void assertAsPlaced() {
        for (String node : capacity.keySet()) {
            assertTrue(free(node) >= 0, node);
        }
        for (String uid : of.keySet()) {
            assertEquals(placed.get(uid), state.nodeOf(uid), uid);
        }
    }
}
