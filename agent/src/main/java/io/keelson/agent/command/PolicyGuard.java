package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodGuard;
import io.keelson.agent.policy.NetworkPolicies;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts pods under the cluster's network policies. */
record PolicyGuard(NetworkPolicies policies) implements PodGuard {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyGuard.class);

    /** How long a pod waits for its rules: an API or a kernel that does not answer must not hold it up for ever. */
    private static final Duration PROTECTED_MAX = Duration.ofSeconds(5);

    @Override
    public void protect(Pod pod, List<String> addresses) throws InterruptedException {
        if (!policies.protect(pod, addresses, PROTECTED_MAX)) {
            LOG.warn(
                    "the pod {} starts though its network policies are not in force yet",
                    pod.getMetadata().getName());
        }
    }

    @Override
    public void release(Pod pod) {
        policies.forget(pod);
    }
}
