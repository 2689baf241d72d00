/**
 * The node's HTTPS server: what the API server and others ask the agent of a node, on port 10250.
 *
 * <pre>
 *   {@link io.keelson.agent.server.NodeServer}     sockets, TLS
 *     {@link io.keelson.agent.server.Connection}   one request after the other, each on a virtual thread
 *       {@link io.keelson.agent.server.NodeAccess} who asks, and whether he may, as {@code nodes/proxy}
 *       {@link io.keelson.agent.server.Routes}     by the path
 *         {@link io.keelson.agent.server.LogRoute}     the log of a container
 *         {@link io.keelson.agent.server.RunningPods}  what the runtime runs now
 *         {@link io.keelson.agent.stats.StatisticsPages} what that uses
 *         {@link io.keelson.agent.server.RunRoute}     one command in a container, and what it said
 *         {@link io.keelson.agent.server.StreamRoute}  exec, attach, port-forward: asks the runtime where it streams
 *           {@link io.keelson.agent.server.Relay}      and passes bytes between it and the client, whatever they speak
 * </pre>
 *
 * <p>{@link io.keelson.agent.server.HealthPort} is another port, which tells whoever is on this machine how the agent is.
 *
 * <p>Of pods it knows what {@link io.keelson.agent.pods.AgentPods} tells.
 */
@NullMarked
package io.keelson.agent.server;

import org.jspecify.annotations.NullMarked;
