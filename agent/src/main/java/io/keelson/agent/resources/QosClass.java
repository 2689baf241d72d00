package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How well a pod is served when the node is short of something. */
public enum QosClass {
    /** All containers have limits of processors and memory, and ask for as much. */
    GUARANTEED(""),
    /** Something is asked for, or limited. */
    BURSTABLE("burstable"),
    /** Nothing is. */
    BEST_EFFORT("besteffort");

    private static final List<String> COUNTED = List.of("cpu", "memory");

    private final String cgroup;

    QosClass(String cgroup) {
        this.cgroup = cgroup;
    }

    /** The name of the cgroup that its pods are in; empty for that of all pods. */
    String cgroup() {
        return cgroup;
    }

    /**
     * The class of a pod, by what its containers, or itself where it has them, ask for. Ephemeral containers do not
     * count.
     */
    public static QosClass of(Pod pod) {
        PodSpec spec = pod.getSpec();
        List<ResourceRequirements> counted = new ArrayList<>();
        if (PodSums.hasOwn(spec)) {
            counted.add(spec.getResources());
        } else {
            for (Container container : OrEmpty.of(spec.getContainers())) {
                counted.add(PodSums.of(container.getResources()));
            }
            for (Container container : OrEmpty.of(spec.getInitContainers())) {
                counted.add(PodSums.of(container.getResources()));
            }
        }
        Map<String, Long> requests = new TreeMap<>();
        Map<String, Long> limits = new TreeMap<>();
        boolean isLimited = true;
        for (ResourceRequirements resources : counted) {
            add(requests, OrEmpty.of(resources.getRequests()));
            isLimited &= add(limits, OrEmpty.of(resources.getLimits())) == COUNTED.size();
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return BEST_EFFORT;
        }
        return isLimited && requests.equals(limits) ? GUARANTEED : BURSTABLE;
    }

    /** Adds what counts, and returns how many of them there are. */
    private static int add(Map<String, Long> sums, Map<String, Quantity> quantities) {
        int found = 0;
        for (String name : COUNTED) {
            Quantity quantity = quantities.get(name);
            if (quantity != null && Milli.of(quantity) > 0) {
                sums.merge(name, Milli.of(quantity), (one, other) -> Milli.sum(List.of(one, other)));
                found++;
            }
        }
        return found;
    }
}
