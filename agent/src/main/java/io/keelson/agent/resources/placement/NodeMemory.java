package io.keelson.agent.resources.placement;

import io.keelson.agent.resources.topology.NodeSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * The memory of one NUMA node.
 *
 * @param assignments how many blocks of containers are in it
 * @param tables by the sort of memory: {@code memory}, {@code hugepages-2Mi}
 * @param group the nodes that serve containers together with it, itself included. A node that serves some alone serves
 *     none together with others: what is spread over nodes must not take from what is bound to one
 */
record NodeMemory(int assignments, Map<String, MemoryTable> tables, NodeSet group) {
    /** Keeps a copy. */
    NodeMemory {
        tables = new TreeMap<>(tables);
    }

    MemoryTable table(String sort) {
        return tables.getOrDefault(sort, MemoryTable.NONE);
    }

    /** The same in a group, with more of a sort that is somebody's. */
    NodeMemory in(NodeSet newGroup, int newAssignments, String sort, long moreReserved) {
        Map<String, MemoryTable> changed = new TreeMap<>(tables);
        changed.computeIfPresent(sort, (_, table) -> table.with(moreReserved));
        return new NodeMemory(newAssignments, changed, newGroup);
    }
}
