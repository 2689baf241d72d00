package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;

/** The secrets with which the images of a pod are pulled. */
@FunctionalInterface
public interface PullSecrets {
    /**
     * Secrets of a pod.
     *
     * @param secrets those that are there
     * @param missing names of those that the pod names and that are not there, or not to be read
     */
    record Found(List<Secret> secrets, List<String> missing) {
        /** Keeps copies. */
        public Found {
            secrets = List.copyOf(secrets);
            missing = List.copyOf(missing);
        }
    }

    /** What there is of the secrets in {@code spec.imagePullSecrets}. */
    Found of(Pod pod);
}
