/**
 * Processors for one container alone. A container of a guaranteed pod that asks for whole processors gets these and no
 * others, and nobody else gets them while it is there; all other containers share the rest, less and less of it.
 *
 * <p>{@link io.keelson.agent.resources.placement.CpuTopology} is what the machine has, {@link
 * io.keelson.agent.resources.placement.CpuChoice} chooses, so that what is chosen lies close together, and {@link
 * io.keelson.agent.resources.placement.ExclusiveCpus} keeps account of it in the kubelet's file {@code
 * cpu_manager_state}, from which a restarted agent goes on. {@link io.keelson.agent.resources.placement.SharedCpus}
 * tells containers that run already when the rest has changed.
 */
@NullMarked
package io.keelson.agent.resources.placement;

import org.jspecify.annotations.NullMarked;
