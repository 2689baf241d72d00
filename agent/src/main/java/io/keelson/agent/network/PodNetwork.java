package io.keelson.agent.network;

import java.util.Optional;
import java.util.Set;

/**
 * Puts sandboxes on the network and takes them off it. The network namespace is there before, and may be gone when a sandbox is
 * taken off. Calls for one sandbox come one after the other, for different ones at the same time. Whatever died between two
 * steps, calling again is right.
 */
public interface PodNetwork {
    /** Why no sandbox can be put on the network now; empty if one can. Quick. */
    Optional<String> problem();

    /**
     * Puts a sandbox on the network. What was done is undone if it fails.
     *
     * @throws NetworkProblem if that cannot be done now
     */
    PodAddresses add(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException;

    /**
     * Looks whether a sandbox is still on the network as it was put there.
     *
     * @throws NetworkProblem if it is not
     */
    void check(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException;

    /**
     * Takes a sandbox off the network; right for one that is not on it, or not any more.
     *
     * @throws NetworkProblem if something of it is still there; to be tried again
     */
    void remove(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException;

    /**
     * Takes everything off the network that belongs to no sandbox, as after a crash.
     *
     * @param sandboxes the ids of all that there are
     * @throws NetworkProblem if something is still there; to be tried again
     */
    void collect(Set<String> sandboxes) throws NetworkProblem, InterruptedException;
}
