package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;

/**
 * How a set looks at its pods at a time.
 *
 * @param minReadySeconds how long a pod has to be ready to be available
 */
record Readiness(int minReadySeconds, Instant now) {
    static Readiness of(StatefulSet set, Instant now) {
        return new Readiness(OrEmpty.of(set.getSpec().getMinReadySeconds()), now);
    }

    boolean isReady(Pod pod) {
        return Pods.phase(pod).equals("Running") && Pods.isReady(pod);
    }

    boolean isAvailable(Pod pod) {
        return isReady(pod) && Pods.isAvailable(pod, minReadySeconds, now);
    }

    /** Whether a pod does its work and is to go on with it. */
    boolean isSteady(Pod pod) {
        return isAvailable(pod) && !Pods.isTerminating(pod);
    }
}
