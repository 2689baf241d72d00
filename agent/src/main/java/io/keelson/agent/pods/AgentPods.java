package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The pods of this node, to those who show or judge them: the node's server, statistics, eviction, collection of garbage. Any thread. */
public interface AgentPods {
    /** All pods that the agent knows, each with the status that it has here, which the API may not have yet. */
    List<Pod> pods();

    /** A pod by its name; by its uid, too, if that is not empty. */
    Optional<Pod> find(String namespace, String name, String uid);

    /**
     * The id of a container that runs.
     *
     * @param container its name
     * @return empty if it does not run now
     */
    Optional<String> runningContainer(Pod pod, String container);

    /** The id of the pod's sandbox that is ready, if there is one. */
    Optional<String> sandbox(Pod pod);

    /**
     * The log file of a container's present or, with {@code previous}, former run.
     *
     * @return empty if there was no such run
     */
    Optional<Path> log(Pod pod, String container, boolean previous);

    /**
     * Ends a pod for the node's sake: it becomes {@code Failed} with this reason and a condition {@code DisruptionTarget},
     * is told so by an event, and does not run again. Returns when its containers are gone, or after the grace period.
     *
     * @param reason {@code Evicted} for one
     * @param graceSeconds how long its processes have, at most
     */
    void evict(Pod pod, String reason, String message, long graceSeconds) throws InterruptedException;

    /** Ends a pod as {@link #evict} does, but for something of its own making: it gets no condition. */
    void fail(Pod pod, String reason, String message, long graceSeconds) throws InterruptedException;
}
