package io.keelson.agent.resources.placement;

import io.keelson.agent.resources.topology.NodeSet;

/**
 * Memory of a container.
 *
 * @param nodes in which it is, it does not matter how much in each
 * @param sort {@code memory}, {@code hugepages-2Mi}
 */
record MemoryBlock(NodeSet nodes, String sort, long bytes) {}
