/**
 * The way to the container runtime: CRI v1 on a gRPC channel, whoever is behind it. Of containerd or CRI-O it is a Unix
 * socket; of the embedded runtime, a channel inside the process. Who calls gets stubs with a time limit from {@link
 * io.keelson.agent.cri.RuntimeConnection}; nothing else in the agent knows which runtime there is.
 *
 * <p>{@link io.keelson.agent.cri.RuntimeChoice} says which runtime it is to be, {@link
 * io.keelson.agent.cri.RuntimeSockets} connects, {@link io.keelson.agent.cri.RuntimeCheck} asks it who it is and what
 * it lacks. From then on {@link io.keelson.agent.cri.RuntimeObserver} keeps a picture of all pods that the runtime has,
 * and tells who listens when one changes: by the runtime's events where it gives them, else by asking every second.
 */
@NullMarked
package io.keelson.agent.cri;

import org.jspecify.annotations.NullMarked;
