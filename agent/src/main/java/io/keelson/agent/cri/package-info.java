/**
 * The way to the container runtime: CRI v1 on a gRPC channel, whoever is behind it. Of containerd or CRI-O it is a Unix socket;
 * of the embedded runtime, a channel inside the process. Who calls gets stubs with a time limit from {@link
 * io.keelson.agent.cri.RuntimeConnection}; nothing else in the agent knows which runtime there is.
 */
@NullMarked
package io.keelson.agent.cri;

import org.jspecify.annotations.NullMarked;
