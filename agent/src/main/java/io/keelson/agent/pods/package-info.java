/**
 * What becomes of the pods that a node shall run. Desired pods come in from the API and from a folder of manifests; what the
 * runtime has comes in from {@link io.keelson.agent.cri}; one virtual thread for each pod holds the one against the other,
 * and does the difference, one step after the other: sandbox, init containers, containers, probes and hooks, the end. What
 * it sees goes out as the pod's status.
 *
 * <p>What a pod needs besides containers is asked through the interfaces of this package, which other packages fill in:
 *
 * <pre>
 *                      desired pods              observed sandboxes and containers
 *                            └────────► worker ◄────────┘
 *   {@link io.keelson.agent.pods.PodVolumes}            │  {@link io.keelson.agent.pods.ContainerImages}
 *   {@link io.keelson.agent.pods.ContainerEnvironment}  │  {@link io.keelson.agent.pods.PodNames}
 *   {@link io.keelson.agent.pods.PodResources}          ▼
 *                    calls to the runtime, status to the API
 * </pre>
 *
 * <p>The way of a pod through the rooms below this one: {@link io.keelson.agent.pods.source} says that it is wanted, {@link
 * io.keelson.agent.pods.work} has a thread for it, {@link io.keelson.agent.pods.plan} says what is to be done next, {@link
 * io.keelson.agent.pods.launch} tells the runtime, and {@link io.keelson.agent.pods.status} tells users.
 *
 * <p>Whatever one of them cannot do it says with a {@link io.keelson.agent.pods.PodProblem}, which becomes an event and the
 * reason that a container waits for; the worker tries again later.
 */
@NullMarked
package io.keelson.agent.pods;

import org.jspecify.annotations.NullMarked;
