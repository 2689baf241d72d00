package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;

/** How likely the kernel kills a container's processes when the machine is out of memory: {@code oom_score_adj}. */
final class OomScore {
    private static final long GUARANTEED = -997;
    private static final long BEST_EFFORT = 1000;
    private static final String NODE_CRITICAL = "system-node-critical";
    /** From here on, priorities are the system's. */
    private OomScore() {}

    /**
     * The value of a container: what asks for more of the memory is killed later. A sidecar is not killed before the
     * container that asks for least.
     *
     * @param memoryBytes of the machine
     */
    static long of(Pod pod, Container container, long memoryBytes) {
        if (isNodeCritical(pod)) {
            return GUARANTEED;
        }
        switch (QosClass.of(pod)) {
            case GUARANTEED -> {
                return GUARANTEED;
            }
            case BEST_EFFORT -> {
                return BEST_EFFORT;
            }
            case BURSTABLE -> {}
        }
        long unassigned = unassigned(pod);
        long adjust = adjust(memory(container) + unassigned, memoryBytes);
        boolean isSidecar = PodSums.isSidecar(container)
                && OrEmpty.of(pod.getSpec().getInitContainers()).stream()
                        .anyMatch(init -> init.getName().equals(container.getName()));
        if (isSidecar) {
            long least = OrEmpty.of(pod.getSpec().getContainers()).stream()
                    .mapToLong(OomScore::memory)
                    .min()
                    .orElse(0);
            adjust = Math.min(adjust, adjust(least + unassigned, memoryBytes));
        }
        // Killed after what asks for nothing, and before what is guaranteed.
        return Math.clamp(adjust, 1000 + GUARANTEED, BEST_EFFORT - 1);
    }

    private static long adjust(long bytes, long memoryBytes) {
        return 1000 - 1000 * Math.min(bytes, Long.MAX_VALUE / 1000) / memoryBytes;
    }

    private static long memory(Container container) {
        Quantity request =
                OrEmpty.of(PodSums.of(container.getResources()).getRequests()).get("memory");
        return request == null ? 0 : PodSums.bytes(Milli.of(request));
    }

    /** The part of the memory a pod asks for itself that none of its containers asks for, divided among all of them. */
    private static long unassigned(Pod pod) {
        Quantity own = OrEmpty.of(PodSums.of(pod.getSpec().getResources()).getRequests())
                .get("memory");
        if (own == null || Milli.of(own) <= 0) {
            return 0;
        }
        int containers = OrEmpty.of(pod.getSpec().getContainers()).size()
                + OrEmpty.of(pod.getSpec().getInitContainers()).size();
        long assigned = PodSums.bytes(PodSums.requestsOfContainers(pod).getOrDefault("memory", 0L));
        return (PodSums.bytes(Milli.of(own)) - assigned) / containers;
    }

    private static boolean isNodeCritical(Pod pod) {
        return PodTraits.isCritical(pod) && NODE_CRITICAL.equals(pod.getSpec().getPriorityClassName());
    }
}
