/**
 * Images on the node: that they are there when a container needs them, and gone when nobody does.
 *
 * <p>{@link io.keelson.agent.image.PodImages} is asked by the threads of pods. It reads the {@linkplain
 * io.keelson.agent.image.ImageName name}, holds the {@linkplain io.keelson.agent.image.PullPolicy policy} against what
 * the runtime has, and against what is {@linkplain io.keelson.agent.image.PullRecords remembered} of who may use it,
 * finds who may pull by the pod's {@linkplain io.keelson.agent.image.PullSecrets secrets} and those {@linkplain
 * io.keelson.agent.image.NodeLogins of the node}, waits for its turn, and has the runtime pull; a failed pull is held back for a while. The runtime does the pulling: nothing in here speaks to a
 * registry.
 *
 * <p>{@link io.keelson.agent.image.GarbageCollection} runs by the clock: {@link
 * io.keelson.agent.image.ContainerCollector} removes dead containers, empty sandboxes and old logs, {@link
 * io.keelson.agent.image.ImageCollector} the images that nobody uses. Whoever is short of disk space may call both out
 * of turn.
 */
@NullMarked
package io.keelson.agent.image;

import org.jspecify.annotations.NullMarked;
