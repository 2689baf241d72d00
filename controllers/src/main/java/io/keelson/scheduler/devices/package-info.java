/**
 * Devices for pods: the scheduler's side of dynamic resource allocation ({@code resource.k8s.io/v1}).
 *
 * <p>What drivers publish in ResourceSlices, with the taints of administrators' rules, becomes pools of devices ({@link
 * io.keelson.scheduler.devices.DeviceInventory}); what claims have of them is kept in a {@link
 * io.keelson.scheduler.devices.ClaimLedger}, with the allocations that are decided but not written yet. What the claims of a
 * pod ask for is read into {@linkplain io.keelson.scheduler.devices.ClaimPlan plans}, and {@link
 * io.keelson.scheduler.devices.Allocator}, a function without I/O, says which devices of a node they can have. {@link
 * io.keelson.scheduler.devices.DynamicResources} is the plugin: it filters nodes by that, takes the devices of the chosen
 * one, has the claims written before the pod is bound, and frees a claim that keeps its pod from every node.
 *
 * <p>A pod may as well ask for an extended resource that a class of devices stands for ({@link
 * io.keelson.scheduler.devices.ExtendedRequests}). Where a node has none of it itself, a claim is decided on with the others,
 * and made only when the pod is about to be bound ({@link io.keelson.scheduler.devices.ExtendedClaimWriter}). A claim that is
 * left of an attempt which failed, or of a process that died, is taken away before the pod is tried again.
 */
@NullMarked
package io.keelson.scheduler.devices;

import org.jspecify.annotations.NullMarked;
