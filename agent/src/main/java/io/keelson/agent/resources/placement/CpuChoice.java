package io.keelson.agent.resources.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Chooses processors that lie close together: whole sockets first, then whole cores, then single threads; cores and
 * threads where something was chosen already, and otherwise where the least is free, so that whole sockets stay free
 * for others.
 */
final class CpuChoice {
    private final CpuTopology topology;
    private CpuSet free;
    private CpuSet chosen = CpuSet.NONE;

    private CpuChoice(CpuTopology topology, CpuSet free) {
        this.topology = topology;
        this.free = free;
    }

    /**
     * So many of those that are free.
     *
     * @throws IllegalArgumentException if there are not as many
     */
    static CpuSet choose(CpuTopology topology, CpuSet free, int count) {
        if (free.size() < count) {
            throw new IllegalArgumentException(
                    "not enough cpus available to satisfy request: requested=" + count + ", available=" + free.size());
        }
        CpuChoice choice = new CpuChoice(topology, free);
        choice.takeWhole(choice.ordered(topology.sockets()), count);
        choice.takeWhole(choice.ordered(topology.cores()), count);
        choice.takeSingle(count);
        return choice.chosen;
    }

    /** Takes groups of which all is free, as long as they are not more than is wanted. */
    private void takeWhole(List<CpuSet> groups, int count) {
        for (CpuSet group : groups) {
            if (free.hasAll(group) && group.size() <= count - chosen.size()) {
                take(group);
            }
        }
    }

    private void takeSingle(int count) {
        for (CpuSet core : ordered(topology.cores())) {
            for (int number : core.common(free).numbers()) {
                if (chosen.size() == count) {
                    return;
                }
                take(CpuSet.of(List.of(number)));
            }
        }
    }

    private void take(CpuSet cpus) {
        chosen = chosen.plus(cpus);
        free = free.minus(cpus);
    }

    /** Groups in the order in which they are to be taken, by what is chosen by now. */
    private List<CpuSet> ordered(Map<Integer, CpuSet> groups) {
        Map<Integer, CpuSet> sockets = topology.sockets();
        List<CpuSet> ordered = new ArrayList<>(groups.values());
        ordered.sort(Comparator.<CpuSet>comparingInt(
                        group -> -socket(sockets, group).common(chosen).size())
                .thenComparingInt(group -> socket(sockets, group).common(free).size())
                // Numbers of processors go round the sockets on some machines: one after the other all the same.
                .thenComparingInt(group -> socket(sockets, group).numbers().getFirst())
                .thenComparingInt(group -> group.common(free).size())
                .thenComparingInt(group -> group.numbers().getFirst()));
        return ordered;
    }

    private static CpuSet socket(Map<Integer, CpuSet> sockets, CpuSet group) {
        return sockets.values().stream()
                .filter(socket -> socket.hasAll(group))
                .findFirst()
                .orElse(group);
    }
}
