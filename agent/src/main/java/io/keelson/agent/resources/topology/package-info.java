/**
 * That what a container gets lies close together. A machine may have several NUMA nodes, each with processors, memory
 * and devices of its own, and what is in one node is slow to reach from another.
 *
 * <p>Whoever gives something away that is in nodes is a {@link io.keelson.agent.resources.topology.HintSource}: it says
 * from which {@linkplain io.keelson.agent.resources.topology.NodeSet sets of nodes} it could serve a container, as
 * {@linkplain io.keelson.agent.resources.topology.Hint hints}. {@link io.keelson.agent.resources.topology.HintMerge} finds
 * the nodes that suit all sources best, {@link io.keelson.agent.resources.topology.TopologyPolicy} says whether that is
 * good enough, and {@link io.keelson.agent.resources.topology.TopologyAdmission} has the sources serve the pod from there,
 * or keeps it out.
 */
@NullMarked
package io.keelson.agent.resources.topology;

import org.jspecify.annotations.NullMarked;
