package io.keelson.agent.resources.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CpuHintsProperties {
    /** Three nodes, of two processors, three and four. */
    static final NumaNodes MACHINE = new NumaNodes(List.of(
            new NumaNodes.Node(0, CpuSet.parse("0-1"), 1, Map.of(), List.of()),
            new NumaNodes.Node(1, CpuSet.parse("2-4"), 1, Map.of(), List.of()),
            new NumaNodes.Node(2, CpuSet.parse("5-8"), 1, Map.of(), List.of())));

    private static int nodeOf(int cpu) {
        return cpu < 2 ? 0 : cpu < 5 ? 1 : 2;
    }

    @Property(tries = 300)
    void aSetOfNodesIsHintedIfItHasEnoughAndPreferredIfFewerNeverCould(
            @ForAll @Size(max = 9) Set<@IntRange(max = 8) Integer> free,
            @ForAll @Size(max = 2) Set<@IntRange(max = 8) Integer> kept,
            @ForAll @IntRange(min = 1, max = 9) int count) {
        List<Hint> expected = new ArrayList<>();
        int fewest = count <= 4 ? 1 : count <= 7 ? 2 : 3;
        for (int size = 1; size <= 3; size++) {
            for (int bits = 1; bits < 8; bits++) {
                int mask = bits;
                boolean hasKept = kept.stream().allMatch(cpu -> (mask >> nodeOf(cpu) & 1) == 1);
                long usable = IntStream.rangeClosed(0, 8)
                        .filter(cpu -> free.contains(cpu) || kept.contains(cpu))
                        .filter(cpu -> (mask >> nodeOf(cpu) & 1) == 1)
                        .count();
                if (Integer.bitCount(bits) == size && hasKept && usable >= count) {
                    expected.add(Hint.of(new NodeSet(bits), size == fewest));
                }
            }
        }
        assertEquals(expected, CpuHints.of(MACHINE, CpuSet.of(free), CpuSet.of(kept), count));
    }
}
