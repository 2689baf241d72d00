/**
 * Processors for one container alone, and memory in certain NUMA nodes. A container of a guaranteed pod that asks for whole processors gets these and no
 * others, and nobody else gets them while it is there; all other containers share the rest, less and less of it.
 *
 * <p>{@link io.keelson.agent.resources.placement.CpuTopology} is what the machine has, {@link
 * io.keelson.agent.resources.placement.CpuChoice} chooses, so that what is chosen lies close together, and {@link
 * io.keelson.agent.resources.placement.ExclusiveCpus} keeps account of it in the kubelet's file {@code
 * cpu_manager_state}, from which a restarted agent goes on. {@link io.keelson.agent.resources.placement.SharedCpus}
 * tells containers that run already when the rest has changed.
 *
 * <p>{@link io.keelson.agent.resources.placement.NumaNodes} is where the machine has its memory, {@link
 * io.keelson.agent.resources.placement.MemoryAccount} is the arithmetic of who has how much of it where, and {@link
 * io.keelson.agent.resources.placement.ExclusiveMemory} keeps that in {@code memory_manager_state}. Both accounts are
 * sources of hints for {@link io.keelson.agent.resources.topology}, which has them serve a container from the same nodes.
 */
@NullMarked
package io.keelson.agent.resources.placement;

import org.jspecify.annotations.NullMarked;
