package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Optional;

/**
 * Whether a pod may run on this node. Called on the thread of a pod, before anything is done for it, and for one pod at
 * a time.
 */
public interface PodAdmission {
    /**
     * Why a pod may not.
     *
     * @param reason one word that becomes the pod's reason: {@code OutOfcpu}, {@code NodeAffinity}, {@code
     *     UnexpectedAdmissionError}, …
     * @param message what is wrong
     */
    record Refusal(String reason, String message) {}

    /** Lets all in. */
    PodAdmission ALL = (pod, others) -> Optional.empty();

    /**
     * Looks at a pod that wants in. It is quick, and asks nobody.
     *
     * @param others the pods that are in or about to be, and have not ended, with the resources that they were given
     */
    Optional<Refusal> refusal(Pod pod, Collection<Pod> others);

    /** Both have to let it in; this one is asked first. */
    default PodAdmission and(PodAdmission next) {
        return (pod, others) -> {
            Optional<Refusal> refusal = refusal(pod, others);
            return refusal.isPresent() ? refusal : next.refusal(pod, others);
        };
    }
}
