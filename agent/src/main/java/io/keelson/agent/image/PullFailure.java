package io.keelson.agent.image;

import io.keelson.agent.pods.PodProblem;
import io.keelson.controllers.objects.OrEmpty;

/** A pull that failed, in the words of the kubelet. */
final class PullFailure extends Exception {
    private static final long serialVersionUID = 1;

    /** Words with which runtimes begin what they say, so that the reason is not just {@code ErrImagePull}. */
    private static final String UNAVAILABLE = "RegistryUnavailable";

    private static final String UNSIGNED = "SignatureValidationFailed";

    PullFailure(String message) {
        super(message);
    }

    String message() {
        return OrEmpty.of(getMessage());
    }

    /** What the container of this image waits for. */
    PodProblem problem(String reference) {
        if (message().startsWith(UNAVAILABLE)) {
            return problem(reference, UNAVAILABLE, "the registry is unavailable");
        }
        if (message().startsWith(UNSIGNED)) {
            return problem(reference, UNSIGNED, "the signature validation failed");
        }
        return new PodProblem("ErrImagePull", "", message());
    }

    private PodProblem problem(String reference, String reason, String what) {
        return new PodProblem(
                reason,
                "",
                "image pull failed for " + reference + " because " + what
                        + message().substring(reason.length()));
    }
}
