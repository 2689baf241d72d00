package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodAdmission.Refusal;
import java.util.Optional;

/**
 * Gives a pod what it keeps of the node until it is gone: processors, memory, devices. Called on the thread of a pod that
 * may run here and for which there is room. What was taken for a pod that is refused then, or is to end meanwhile, is given
 * back with all that the pod has.
 */
public interface PodPlacement {
    /** Gives nobody anything. */
    PodPlacement NONE = new PodPlacement() {
        @Override
        public Optional<Refusal> take(Pod pod) {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> complete(Pod pod) {
            return Optional.empty();
        }
    };

    /**
     * Takes what a pod is to have, so that no other gets it, or says why that cannot be. Called for one pod at a time, so
     * it is quick and asks nobody; right when repeated.
     */
    Optional<Refusal> take(Pod pod);

    /**
     * Asks those who have to be asked for what was taken, and may be slow or never answer. Called for many pods at once.
     * It may take long, but not for ever; right when repeated.
     */
    Optional<Refusal> complete(Pod pod) throws InterruptedException;
}
