/**
 * Processors, memory and the like: what the kernel is told for pods and their containers.
 *
 * <p>The first half is arithmetic and touches nothing: {@link io.keelson.agent.resources.QosClass}, the sums of what a
 * pod asks for in {@link io.keelson.agent.resources.PodSums}, and what follows from these for a pod's cgroup ({@link
 * io.keelson.agent.resources.PodLimits}) and for its containers ({@link io.keelson.agent.resources.ContainerLimits},
 * {@link io.keelson.agent.resources.OomScore}). The second half writes files: {@link
 * io.keelson.agent.resources.CgroupTree} finds out which hierarchies the machine has, of version 1 or 2, and makes,
 * limits and removes cgroups in all of them alike; {@link io.keelson.agent.resources.NodeCgroups} keeps those of the
 * node:
 *
 * <pre>
 *   kubepods               the limits of all pods together, what the node may allocate
 *   ├─ pod…                one of each guaranteed pod
 *   ├─ burstable/pod…      with the share of all burstable ones together
 *   └─ besteffort/pod…     with the least share there is
 * </pre>
 *
 * <p>Containers' own cgroups, below that of their pod, are the runtime's. Names are those of the kubelet's driver
 * {@code cgroupfs}. Which processors containers run on is the affair of {@link io.keelson.agent.resources.placement},
 * where that is wanted.
 */
@NullMarked
package io.keelson.agent.resources;

import org.jspecify.annotations.NullMarked;
