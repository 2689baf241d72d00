package io.keelson.scheduler.decision;

import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/**
 * Says which pods are not to be decided on yet; the extension point PreEnqueue. Asked when a pod comes or changes, and again
 * after each event that a {@link Hinted} one says may help it. Called by the thread that owns the state.
 */
public interface PreEnqueue extends Plugin {
    /** Why a pod has to wait, for users; null if it need not. */
    @Nullable
    String hold(PodInfo pod);
}
