package io.keelson.agent.resources.placement;

import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which memory containers have. Each change gives a new account.
 *
 * @param nodes what becomes of each node's memory
 * @param blocks by the uid of the pod and the name of the container
 */
record MemoryAccount(Map<Integer, NodeMemory> nodes, Map<String, Map<String, List<MemoryBlock>>> blocks) {
    /** What there is no memory for, in the kubelet's words. */
    static final class Lack extends Exception {
        private static final long serialVersionUID = 1;

        Lack(String message) {
            super("[memorymanager] " + message);
        }
    }

    /** Keeps copies. */
    MemoryAccount {
        nodes = new TreeMap<>(nodes);
        Map<String, Map<String, List<MemoryBlock>>> copy = new TreeMap<>();
        blocks.forEach((pod, containers) -> copy.put(pod, new TreeMap<>(containers)));
        blocks = copy;
    }

    /**
     * Of a machine where nobody has any.
     *
     * @param reserved what of each node is for the system, by the sort of memory
     * @throws IllegalArgumentException if that is more than there is
     */
    static MemoryAccount of(NumaNodes machine, Map<Integer, Map<String, Long>> reserved) {
        Map<Integer, NodeMemory> nodes = new TreeMap<>();
        for (NumaNodes.Node node : machine.nodes()) {
            Map<String, Long> system = reserved.getOrDefault(node.number(), Map.of());
            Map<String, MemoryTable> tables = new TreeMap<>();
            long huge = 0;
            for (Map.Entry<String, Long> pages : node.hugepageBytes().entrySet()) {
                tables.put(pages.getKey(), table(pages.getKey(), pages.getValue(), 0, system));
                huge += pages.getValue();
            }
            tables.put("memory", table("memory", node.memoryBytes(), huge, system));
            nodes.put(node.number(), new NodeMemory(0, tables, NodeSet.of(List.of(node.number()))));
        }
        return new MemoryAccount(nodes, Map.of());
    }

    private static MemoryTable table(String sort, long total, long huge, Map<String, Long> system) {
        long reserved = system.getOrDefault(sort, 0L);
        long allocatable = total - reserved - huge;
        if (reserved < 0 || allocatable < 0) {
            throw new IllegalArgumentException("[memorymanager] a NUMA node with " + (total - huge) + " bytes of "
                    + sort + " cannot reserve " + reserved + " of them for the system");
        }
        return new MemoryTable(total, reserved, allocatable, 0);
    }

    NodeSet all() {
        return NodeSet.of(nodes.keySet());
    }

    /** What a container has; empty if it has nothing. */
    List<MemoryBlock> blocks(String pod, String container) {
        return blocks.getOrDefault(pod, Map.of()).getOrDefault(container, List.of());
    }

    /** What nobody has of a sort of memory in some nodes. */
    long free(NodeSet where, String sort) {
        return where.numbers().stream()
                .mapToLong(node -> node(node).table(sort).free())
                .sum();
    }

    /** What becomes of the memory of a node. */
    NodeMemory node(int number) {
        NodeMemory node = nodes.get(number);
        if (node == null) {
            throw new IllegalArgumentException("no NUMA node has the number " + number);
        }
        return node;
    }

    /** What a pod's containers that have ended before this one starts have left in these nodes. */
    private long left(String pod, List<String> ended, NodeSet where, String sort) {
        return ended.stream()
                .flatMap(container -> blocks(pod, container).stream())
                .filter(block -> block.nodes().equals(where) && block.sort().equals(sort))
                .mapToLong(MemoryBlock::bytes)
                .sum();
    }

    /**
     * All sets of nodes that could serve a request; preferred are those of as few nodes as could ever serve it.
     *
     * @param ended the pod's init containers that come before, whose memory is used again
     */
    List<Hint> hints(String pod, List<String> ended, Map<String, Long> request) {
        int least = all().size();
        List<NodeSet> possible = new ArrayList<>();
        for (NodeSet where : all().parts()) {
            boolean couldEver = request.entrySet().stream()
                    .allMatch(wanted -> where.numbers().stream()
                                    .mapToLong(node ->
                                            node(node).table(wanted.getKey()).allocatable())
                                    .sum()
                            >= wanted.getValue());
            if (!couldEver) {
                continue;
            }
            least = Math.min(least, where.size());
            boolean canNow = request.entrySet().stream()
                    .allMatch(wanted -> free(where, wanted.getKey()) + left(pod, ended, where, wanted.getKey())
                            >= wanted.getValue());
            if (canNow && isOfOneGroup(where)) {
                possible.add(where);
            }
        }
        int fewest = least;
        return possible.stream()
                .map(where -> Hint.of(where, where.size() == fewest))
                .toList();
    }

    /** Whether what is in these nodes is either only in all of them, or, of a single one, only in it. */
    private boolean isOfOneGroup(NodeSet where) {
        if (where.size() == 1) {
            return node(where.numbers().getFirst()).group().size() == 1;
        }
        return where.numbers().stream()
                .map(this::node)
                .allMatch(node -> node.assignments() == 0 || node.group().equals(where));
    }

    /**
     * Gives a container memory.
     *
     * @param ended as for hints
     * @param wanted where; where that does not suffice, it is extended
     */
    MemoryAccount with(String pod, String container, List<String> ended, Map<String, Long> request, Hint wanted)
            throws Lack {
        NodeSet where = where(pod, ended, request, wanted);
        MemoryAccount next = this;
        List<MemoryBlock> own = new ArrayList<>();
        for (Map.Entry<String, Long> each : request.entrySet()) {
            MemoryBlock block = new MemoryBlock(where, each.getKey(), each.getValue());
            own.add(block);
            long used = Math.min(block.bytes(), next.left(pod, ended, where, block.sort()));
            next = next.used(pod, ended, block, used).reserved(block, block.bytes() - used);
        }
        return next.withBlocks(pod, container, own);
    }

    private NodeSet where(String pod, List<String> ended, Map<String, Long> request, Hint wanted) throws Lack {
        List<Hint> possible = hints(pod, ended, request);
        if (wanted.nodes().isEmpty()) {
            Hint found = best(possible, NodeSet.NONE)
                    .orElseThrow(() -> new Lack("failed to get the default NUMA affinity, no NUMA nodes with enough "
                            + "memory is available"));
            if (!found.preferred() && wanted.preferred()) {
                throw new Lack("failed to find the default preferred hint");
            }
            return found.nodes().orElseThrow();
        }
        NodeSet where = wanted.nodes().get();
        boolean isEnough = request.entrySet().stream().allMatch(each -> free(where, each.getKey()) >= each.getValue());
        boolean isOfOneGroup = isOfOneGroup(where);
        if (isEnough && isOfOneGroup) {
            return where;
        }
        Hint found = best(possible, where)
                .orElseThrow(() -> new Lack(
                        isOfOneGroup
                                ? "failed to find NUMA nodes to extend the current topology hint"
                                : "preferred hint violates NUMA node allocation"));
        if (!found.preferred() && wanted.preferred()) {
            throw new Lack("failed to find the extended preferred hint");
        }
        return found.nodes().orElseThrow();
    }

    private static Optional<Hint> best(List<Hint> hints, NodeSet with) {
        return hints.stream()
                .filter(hint -> hint.nodes().orElseThrow().hasAll(with))
                .min(Comparator.<Hint>comparingInt(hint -> hint.preferred() ? 0 : 1)
                        .thenComparingInt(hint -> hint.nodes().orElseThrow().size())
                        .thenComparing(hint -> hint.nodes().orElseThrow().bits(), Long::compareUnsigned));
    }

    /** What was left is a new container's, so that the sum of all blocks is what is reserved. */
    private MemoryAccount used(String pod, List<String> ended, MemoryBlock by, long bytes) {
        MemoryAccount next = this;
        long left = bytes;
        for (String container : ended) {
            List<MemoryBlock> smaller = new ArrayList<>();
            for (MemoryBlock block : next.blocks(pod, container)) {
                long taken = block.nodes().equals(by.nodes()) && block.sort().equals(by.sort())
                        ? Math.min(left, block.bytes())
                        : 0;
                left -= taken;
                smaller.add(new MemoryBlock(block.nodes(), block.sort(), block.bytes() - taken));
            }
            if (!smaller.isEmpty()) {
                next = next.withBlocks(pod, container, smaller);
            }
        }
        return next;
    }

    /** Takes memory from the nodes of a block, one after the other. */
    MemoryAccount reserved(MemoryBlock block, long bytes) {
        Map<Integer, NodeMemory> changed = new TreeMap<>(nodes);
        long left = bytes;
        for (int number : block.nodes().numbers()) {
            NodeMemory node = node(number);
            long taken = Math.min(left, node.table(block.sort()).free());
            left -= taken;
            changed.put(number, node.in(block.nodes(), node.assignments() + 1, block.sort(), taken));
        }
        return new MemoryAccount(changed, blocks);
    }

    private MemoryAccount withBlocks(String pod, String container, List<MemoryBlock> own) {
        Map<String, Map<String, List<MemoryBlock>>> changed = new TreeMap<>(blocks);
        Map<String, List<MemoryBlock>> containers = new TreeMap<>(blocks.getOrDefault(pod, Map.of()));
        containers.put(container, List.copyOf(own));
        changed.put(pod, containers);
        return new MemoryAccount(nodes, changed);
    }

    /** Takes back what a pod has. */
    MemoryAccount without(String pod) {
        Map<Integer, NodeMemory> changed = new TreeMap<>(nodes);
        for (List<MemoryBlock> own : blocks.getOrDefault(pod, Map.of()).values()) {
            for (MemoryBlock block : own) {
                long left = block.bytes();
                for (int number : block.nodes().numbers()) {
                    NodeMemory node = changed.getOrDefault(number, node(number));
                    long given = Math.min(left, node.table(block.sort()).reserved());
                    left -= given;
                    int assignments = node.assignments() - 1;
                    NodeSet group = assignments == 0 ? NodeSet.of(List.of(number)) : node.group();
                    changed.put(number, node.in(group, assignments, block.sort(), -given));
                }
            }
        }
        Map<String, Map<String, List<MemoryBlock>>> others = new TreeMap<>(blocks);
        others.remove(pod);
        return new MemoryAccount(changed, others);
    }
}
