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
 * @param message why, if there was one; empty otherwise
 */
record SandboxNeed(boolean isNeeded, int attempt, String message) {
    private static final String CHANGED = "Pod sandbox changed, it will be killed and re-created.";

    static SandboxNeed of(Pod pod, RuntimePod runtime) {
        if (runtime.sandboxes().isEmpty()) {
            return new SandboxNeed(true, 0, "");
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
        return new SandboxNeed(isWrong, newest.getMetadata().getAttempt() + 1, isWrong ? CHANGED : "");
    }

    private static boolean isOnHostNetwork(PodSandboxStatus sandbox) {
        return sandbox.getLinux().getNamespaces().getOptions().getNetwork() == NamespaceMode.NODE;
    }
}
