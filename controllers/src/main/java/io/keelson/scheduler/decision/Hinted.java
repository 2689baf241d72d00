package io.keelson.scheduler.decision;

import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.state.PodInfo;
import java.util.Set;

/**
 * Knows what can undo its rejections. A yes too many costs a decision; a no too many leaves a pod waiting that could run.
 * Called by the thread that owns the state, after the state has what happened.
 */
public interface Hinted extends Plugin {
    /** Which kinds of events can. */
    Set<ClusterEvent.Kind> helpedBy();

    /** Whether an event of one of these kinds could undo that a pod was rejected. */
    boolean mayHelp(PodInfo waiting, ClusterEvent event);
}
