package io.keelson.agent.resources.placement;

import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.ArrayList;
import java.util.List;

/** From which nodes a container could have processors. */
final class CpuHints {
    private CpuHints() {}

    /**
     * All sets of nodes that have as many free as are wanted. Preferred are those of as few nodes as could ever have that
     * many.
     *
     * @param free that anybody could have
     * @param kept that it has from those before it in its pod, and has to take first
     */
    static List<Hint> of(NumaNodes machine, CpuSet free, CpuSet kept, int count) {
        NodeSet ofKept = machine.of(kept);
        CpuSet usable = free.plus(kept);
        List<NodeSet> parts = machine.all().parts();
        int least = parts.stream()
                .filter(part -> machine.cpus(part).size() >= count)
                .mapToInt(NodeSet::size)
                .min()
                .orElse(machine.all().size());
        List<Hint> hints = new ArrayList<>();
        for (NodeSet part : parts) {
            if (part.hasAll(ofKept) && machine.cpus(part).common(usable).size() >= count) {
                hints.add(Hint.of(part, part.size() == least));
            }
        }
        return hints;
    }
}
