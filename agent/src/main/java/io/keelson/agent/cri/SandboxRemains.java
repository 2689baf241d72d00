package io.keelson.agent.cri;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.PodSandbox;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Pods that a node has left in a runtime of the machine, for who gives it back. Others may have pods there, too. */
public final class SandboxRemains {
    private static final String UID = "io.kubernetes.pod.uid";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final RuntimeConnection runtime;
    private final Set<String> uids;

    /**
     * Those of a node.
     *
     * @param uids of the pods that the node has folders of
     */
    public SandboxRemains(RuntimeConnection runtime, Set<String> uids) {
        this.runtime = runtime;
        this.uids = Set.copyOf(uids);
    }

    /**
     * The sandboxes of its pods.
     *
     * @throws IOException if the runtime does not say
     */
    public List<PodSandbox> find() throws IOException {
        try {
            return runtime
                    .runtime(LIMIT)
                    .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                    .getItemsList()
                    .stream()
                    .filter(sandbox -> uids.contains(sandbox.getLabelsOrDefault(UID, "")))
                    .toList();
        } catch (StatusRuntimeException e) {
            throw new IOException("the container runtime does not tell its pods: " + e.getMessage(), e);
        }
    }

    /**
     * Ends a pod and takes it away; right if it is gone.
     *
     * @throws IOException if the runtime cannot
     */
    public void remove(String id) throws IOException {
        try {
            var _ = runtime.runtime(LIMIT)
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(id)
                            .build());
            var _ = runtime.runtime(LIMIT)
                    .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                            .setPodSandboxId(id)
                            .build());
        } catch (StatusRuntimeException e) {
            throw new IOException("the container runtime does not remove the pod " + id + ": " + e.getMessage(), e);
        }
    }
}
