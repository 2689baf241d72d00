package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Amounts of processors, memory and other things that a pod asks its node for; in thousandths. */
public final class Resources {
    private Resources() {}

    /**
     * What a pod asks for: what it says as a whole, or else what its containers need at once when they need most (all
     * ordinary ones and sidecars; or, before, one init container and the sidecars before it), and its overhead.
     */
    public static Map<String, Long> requests(Pod pod) {
        Map<String, Long> running = new HashMap<>();
        for (PodContainer container : PodContainers.ordinary(pod)) {
            add(running, requests(container.container()));
        }
        Map<String, Long> sidecars = new HashMap<>();
        Map<String, Long> most = new HashMap<>();
        for (PodContainer container : PodContainers.initial(pod)) {
            Map<String, Long> now = new HashMap<>(sidecars);
            add(now, requests(container.container()));
            if (container.sort() == PodContainer.Sort.SIDECAR) {
                sidecars = now;
            }
            now.forEach((name, amount) -> most.merge(name, amount, Math::max));
        }
        add(running, sidecars);
        most.forEach((name, amount) -> running.merge(name, amount, Math::max));
        ResourceRequirements whole = pod.getSpec().getResources();
        if (whole != null) {
            running.putAll(milli(whole.getRequests()));
        }
        add(running, milli(pod.getSpec().getOverhead()));
        return running;
    }

    private static Map<String, Long> requests(Container container) {
        ResourceRequirements resources = container.getResources();
        return resources == null ? Map.of() : milli(resources.getRequests());
    }

    private static Map<String, Long> milli(@Nullable Map<String, Quantity> amounts) {
        Map<String, Long> milli = new HashMap<>();
        OrEmpty.of(amounts).forEach((name, amount) -> milli.put(name, Milli.of(amount)));
        return milli;
    }

    private static void add(Map<String, Long> sums, Map<String, Long> amounts) {
        amounts.forEach((name, amount) -> sums.merge(name, amount, (one, other) -> Milli.sum(List.of(one, other))));
    }

    /** Whether two say the same of what can be changed while a container runs: processors and memory. */
    public static boolean sameChangeable(@Nullable ResourceRequirements one, @Nullable ResourceRequirements other) {
        return changeable(one).equals(changeable(other));
    }

    /** What of processors and memory differs: {@code cpu}, {@code memory}. */
    public static List<String> changed(@Nullable ResourceRequirements one, @Nullable ResourceRequirements other) {
        Map<String, Long> before = changeable(one);
        Map<String, Long> now = changeable(other);
        return List.of("cpu", "memory").stream()
                .filter(name -> !Objects.equals(before.get("requests." + name), now.get("requests." + name))
                        || !Objects.equals(before.get("limits." + name), now.get("limits." + name)))
                .toList();
    }

    private static Map<String, Long> changeable(@Nullable ResourceRequirements resources) {
        Map<String, Long> all = new TreeMap<>();
        if (resources != null) {
            for (String name : List.of("cpu", "memory")) {
                put(all, "requests." + name, OrEmpty.of(resources.getRequests()).get(name));
                put(all, "limits." + name, OrEmpty.of(resources.getLimits()).get(name));
            }
        }
        return all;
    }

    private static void put(Map<String, Long> all, String name, @Nullable Quantity amount) {
        if (amount != null) {
            all.put(name, Milli.of(amount));
        }
    }
}
