package io.keelson.agent.pods.plan;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;

/**
 * Whether a pod needs another sandbox.
 *
 * @param isNeeded whether the one that is there, if one is, will not do
 * @param attempt the number of the new one
 */
record SandboxNeed(boolean isNeeded, int attempt) {
    static SandboxNeed of(Pod pod, RuntimePod runtime) {
        if (runtime.sandboxes().isEmpty()) {
            return new SandboxNeed(true, 0);
        }
        PodSandboxStatus newest = runtime.sandboxes().getFirst();
        long ready = runtime.sandboxes().stream()
                .filter(sandbox -> sandbox.getState() == PodSandboxState.SANDBOX_READY)
                .count();
        boolean isWrong = ready > 1
                || newest.getState() != PodSandboxState.SANDBOX_READY
                || isOnHostNetwork(newest) != PodTraits.isOnHostNetwork(pod)
                || (!PodTraits.isOnHostNetwork(pod)
                        && newest.getNetwork().getIp().isEmpty());
        return new SandboxNeed(isWrong, newest.getMetadata().getAttempt() + 1);
    }

    private static boolean isOnHostNetwork(PodSandboxStatus sandbox) {
        return sandbox.getLinux().getNamespaces().getOptions().getNetwork() == NamespaceMode.NODE;
    }
}
