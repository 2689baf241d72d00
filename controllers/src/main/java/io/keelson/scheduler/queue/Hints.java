package io.keelson.scheduler.queue;

import io.keelson.scheduler.state.PodInfo;

/**
 * Whether it is worth looking again at a pod that a filter rejected. A yes too many costs a decision; a no too many leaves a
 * pod waiting that could run.
 */
public interface Hints {
    /** Whether events of a kind can undo what a filter rejects at all; asked before each pod is. */
    boolean concerns(String filter, ClusterEvent.Kind kind);

    /**
     * What of a pod that a filter rejected the answer of {@link #mayHelp} depends on. Pods for which this is equal get the same
     * answer, so one of them is asked about. It stays the same while the pod asks for the same; by itself each pod is its own.
     */
    default Object asksFor(String filter, PodInfo waiting) {
        return waiting.uid();
    }

    /** Whether an event could undo that a filter rejected a pod. */
    boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event);
}
