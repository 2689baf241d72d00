package io.keelson.agent.cri;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What the runtime has, by pods, and who wants to know when it changes. Any thread may ask.
 *
 * <p>Pictures are kept: {@link #pod} and {@link #pods} never call the runtime. A change that nobody of the agent made,
 * a container that exits for one, is seen at once where the runtime gives events, and within about a second where it
 * does not. Two changes shortly after each other may be seen as one: a container that starts and ends at once may never
 * be shown running. What a caller changed itself it sees with {@link #refresh}.
 */
public interface RuntimePods {
    /** Whoever is told of changes. */
    @FunctionalInterface
    interface Listener {
        /**
         * A pod looks different from before. For one pod these calls come one after the other in the order of what
         * happened. Must return at once: put a key into a queue, or wake somebody; it must not ask the runtime.
         *
         * @param before null if the runtime had nothing of it, as far as known
         * @param now {@linkplain RuntimePod#isEmpty() empty} if nothing is left
         */
        void changed(@Nullable RuntimePod before, RuntimePod now);
    }

    /** The last picture of a pod; an empty one if the runtime had nothing of it. */
    RuntimePod pod(String uid);

    /** The last pictures of all pods of which the runtime has something. */
    Collection<RuntimePod> pods();

    /**
     * Asks the runtime what it has of a pod now, keeps this picture, and tells listeners if it differs from the last
     * one. To be called after own changes. Asks at most as long as a call of the runtime may take (two minutes by
     * default).
     *
     * @throws io.grpc.StatusRuntimeException if the runtime does not answer
     */
    RuntimePod refresh(String uid);

    /**
     * Waits until all that the runtime had when it was first asked is in {@link #pods}. Before that, a pod may seem to
     * have nothing because nobody has looked yet.
     */
    void awaitComplete(Duration limit) throws InterruptedException, TimeoutException;

    /** Whether {@link #awaitComplete} would return now. */
    boolean complete();

    /**
     * Adds a listener, which is told of every pod that is known already before this returns.
     *
     * @return takes it away again
     */
    Runnable listen(Listener listener);

    /**
     * Why this must not be relied upon now, as the node's {@code Ready} condition tells it: {@code PLEG is not healthy:
     * pleg was last seen active 3m5s ago; threshold is 3m0s}.
     */
    Optional<String> problem();
}
