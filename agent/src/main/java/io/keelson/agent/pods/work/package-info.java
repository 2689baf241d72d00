/**
 * The work itself. {@link io.keelson.agent.pods.work.PodWorkers} has one {@link io.keelson.agent.pods.work.PodWorker}
 * for each pod, which is one virtual thread: sources tell it what is wanted, the runtime's pictures and probes wake it,
 * and it looks, plans, and does what is planned until nothing is left to do. When a pod is to go, the same thread ends
 * it: containers in their order with their hooks, sandbox, volumes, cgroup, and last the object in the API. What was
 * interrupted at any point is found again from the runtime and the API and goes on from there.
 *
 * <p>What is known of a pod is in its {@link io.keelson.agent.pods.work.PodState}, which others read to show it; only
 * short calculations are done under its lock.
 */
@NullMarked
package io.keelson.agent.pods.work;

import org.jspecify.annotations.NullMarked;
