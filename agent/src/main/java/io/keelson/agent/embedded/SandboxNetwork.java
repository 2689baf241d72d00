package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Gives pods their addresses. Called once at a time for the same sandbox, and by any thread. */
public interface SandboxNetwork {
    /**
     * Connects a new sandbox.
     *
     * @param id the sandbox's
     * @param config what it was asked to be, with its port mappings
     * @param namespace the network namespace, as a file; only the loopback interface is in it, and up
     * @return the pod's addresses, the first one first
     * @throws IOException if it cannot; {@link #detach} is called then
     */
    List<String> attach(String id, PodSandboxConfig config, Path namespace) throws IOException, InterruptedException;

    /**
     * Takes the sandbox's addresses, rules and interfaces back. Right when repeated, for a sandbox that was never
     * attached or only half, and when the namespace is gone.
     */
    void detach(String id, PodSandboxConfig config, Path namespace) throws IOException, InterruptedException;

    /**
     * Takes back what belongs to no sandbox, as after a crash.
     *
     * @param ids of all sandboxes that are connected
     */
    void collect(Set<String> ids) throws IOException, InterruptedException;

    /**
     * Hears from the kubelet which addresses the node's pods are to have; who knows them otherwise need not listen.
     *
     * @throws IllegalArgumentException if they are no ranges
     */
    default void podRanges(List<String> ranges) throws IOException {}

    /** Why pods cannot be connected now, for the condition {@code NetworkReady}; empty if they can. */
    String problem();
}
