/**
 * What a container is told about itself and its surroundings when it starts: its variables, its host name, whom it
 * asks for names, and its {@code /etc/hosts}.
 *
 * <p>{@link io.keelson.agent.environment.PodEnvironment} puts a container's variables together: those of {@linkplain
 * io.keelson.agent.environment.ServiceVariables services}, those of whole config maps and secrets, and its own, with
 * {@linkplain io.keelson.agent.environment.Expansion references to others} put in. {@link
 * io.keelson.agent.environment.PodAddresses} gives names: it reads the node's {@code resolv.conf} and {@code hosts}
 * and holds them against what the pod asks for. What these compute with is pure and stands apart: fields ({@link
 * io.keelson.agent.environment.PodFields}), resources ({@link io.keelson.agent.environment.ResourceFields}), files of
 * variables ({@link io.keelson.agent.environment.EnvironmentFile}), {@link
 * io.keelson.agent.environment.ResolverConfig}, {@link io.keelson.agent.environment.HostNames}. Volumes of downward
 * API use the same.
 *
 * <p>Config maps and secrets come from {@link io.keelson.agent.environment.ReferencedObjects}, which watches exactly
 * those that pods of this node refer to, one by one, as a node is allowed to, and tells whose files are out of date
 * when one changes.
 */
@NullMarked
package io.keelson.agent.environment;

import org.jspecify.annotations.NullMarked;
