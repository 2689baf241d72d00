package io.keelson.scheduler.decision;

import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;

/**
 * Says whether a pod that has a node, and what it needs there, may be bound, or has to wait for others; the extension point
 * Permit. A pod that waits keeps its place, and nobody else's binding waits for it.
 */
public interface Permit extends Plugin {
    /** Asked when the pod is assumed to be on its node. Called by the thread that owns the state. */
    Verdict permit(PodInfo pod);

    /** What is to become of the pod. */
    sealed interface Verdict {
        /** It may be bound. */
        record Go() implements Verdict {}

        /**
         * It may be bound, and so may all that wait in its group.
         *
         * @param group which
         */
        record GoTogether(Key group) implements Verdict {}

        /**
         * It waits.
         *
         * @param atMost for how long; then it is rejected
         * @param why as users read it
         */
        record Wait(Duration atMost, String why) implements Verdict {}

        /** It is rejected; why, as users read it. */
        record Refuse(String why) implements Verdict {}
    }
}
