/**
 * The scheduler: a client of the API that gives each pod a node. What the API's watches tell comes into the inbox of the
 * {@link io.keelson.scheduler.SchedulingLoop}, whose one thread owns the {@linkplain io.keelson.scheduler.state.ClusterState
 * state} of the cluster and the {@linkplain io.keelson.scheduler.queue.SchedulingQueue queue}; it takes a pod, {@linkplain
 * io.keelson.scheduler.decision.Decider decides}, assumes the pod to be on the node, and goes on to the next while a {@link
 * io.keelson.scheduler.Binder} tells the API.
 *
 * <p>One process may be several schedulers, each a profile of a name: they share state and queue, and each has {@linkplain
 * io.keelson.scheduler.PluginRegistry plugins} of its own, as a {@linkplain io.keelson.scheduler.config file} says. {@linkplain
 * io.keelson.scheduler.extender Extenders} are asked beside the decisions, which go on with other pods meanwhile; what they
 * answer counts if the cluster still is as they were told.
 *
 * <pre>
 *   API ──watch──► inbox ──► SchedulingLoop ──node──► Binder ──pods/binding──► API
 *                    ▲         │  ▲    └──why not──► PodReports ──condition, event──► API
 *                    │         ▼  │                                │
 *                    │    queue, state                             │
 *                    └────────────── what came of it ◄─────────────┘
 * </pre>
 *
 * <p>All that has to outlive the process is in the API: a pod that was decided on and not bound is decided on again. The API
 * binds a pod once, so whatever is stale here, no pod is on two nodes.
 */
@NullMarked
package io.keelson.scheduler;

import org.jspecify.annotations.NullMarked;
