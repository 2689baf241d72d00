/**
 * How a pod's sandbox and containers come to run: what the runtime is told of them, made from the pod and from what the
 * other rooms say of its volumes, variables, names and resources; and the calls that do it. What is told is made by
 * functions ({@link io.keelson.agent.pods.launch.SandboxConfigs}, {@link
 * io.keelson.agent.pods.launch.ContainerConfigs}, {@link io.keelson.agent.pods.launch.SecurityContexts}). Labels and
 * annotations are the kubelet's, and all that another start of the agent has to know of a container is in them.
 */
@NullMarked
package io.keelson.agent.pods.launch;

import org.jspecify.annotations.NullMarked;
