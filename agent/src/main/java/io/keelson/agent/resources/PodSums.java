package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a pod asks for in all, in thousandths. Its containers and sidecars run at the same time, so theirs add up; each
 * init container runs with the sidecars before it and nothing else, so the largest of these counts. What a pod says for
 * itself comes in place of that sum.
 */
public final class PodSums {
    private static final ResourceRequirements NOTHING = new ResourceRequirements();

    private PodSums() {}

    /** What a container has; an empty one for none. */
    static ResourceRequirements of(@Nullable ResourceRequirements resources) {
        return resources == null ? NOTHING : resources;
    }

    /** Whether a pod says for itself what it needs. */
    static boolean hasOwn(PodSpec spec) {
        ResourceRequirements own = of(spec.getResources());
        return supported(own.getRequests()) || supported(own.getLimits());
    }

    private static boolean supported(@Nullable Map<String, Quantity> quantities) {
        return OrEmpty.of(quantities).keySet().stream().anyMatch(PodSums::mayBeOwn);
    }

    /** Whether a pod may say this for itself. */
    private static boolean mayBeOwn(String name) {
        return name.equals("cpu") || name.equals("memory") || name.startsWith("hugepages-");
    }

    /** Whether a container goes on running beside the others, though it is an init container. */
    static boolean isSidecar(Container initContainer) {
        return "Always".equals(initContainer.getRestartPolicy());
    }

    /** What it asks for, by the names of resources, with its overhead. */
    public static Map<String, Long> requests(Pod pod) {
        Map<String, Long> sums = requestsWithoutOverhead(pod);
        overhead(pod).forEach((name, milli) -> sums.merge(name, milli, PodSums::plus));
        return sums;
    }

    static Map<String, Long> requestsWithoutOverhead(Pod pod) {
        return withOwn(
                ofContainers(pod, PodSums::effectiveRequests),
                of(pod.getSpec().getResources()).getRequests());
    }

    /** What its containers ask for, whatever it says for itself. */
    static Map<String, Long> requestsOfContainers(Pod pod) {
        return ofContainers(pod, PodSums::effectiveRequests);
    }

    /** What it is limited to, with its overhead where there is a limit. */
    public static Map<String, Long> limits(Pod pod) {
        Map<String, Long> sums = limitsWithoutOverhead(pod);
        overhead(pod).forEach((name, milli) -> sums.computeIfPresent(name, (_, limit) -> plus(limit, milli)));
        return sums;
    }

    static Map<String, Long> limitsWithoutOverhead(Pod pod) {
        return withOwn(
                ofContainers(pod, resources -> OrEmpty.of(resources.getLimits())),
                of(pod.getSpec().getResources()).getLimits());
    }

    static Map<String, Long> overhead(Pod pod) {
        Map<String, Long> overhead = new TreeMap<>();
        OrEmpty.of(pod.getSpec().getOverhead()).forEach((name, quantity) -> overhead.put(name, Milli.of(quantity)));
        return overhead;
    }

    /** What is asked for; what only is limited is asked for as much, as the API has it for new objects. */
    private static Map<String, Quantity> effectiveRequests(ResourceRequirements resources) {
        Map<String, Quantity> requests = new HashMap<>(OrEmpty.of(resources.getLimits()));
        requests.putAll(OrEmpty.of(resources.getRequests()));
        return requests;
    }

    private static Map<String, Long> withOwn(Map<String, Long> sums, @Nullable Map<String, Quantity> own) {
        OrEmpty.of(own).forEach((name, quantity) -> {
            if (mayBeOwn(name)) {
                sums.put(name, Milli.of(quantity));
            }
        });
        return sums;
    }

    private static Map<String, Long> ofContainers(Pod pod, Function<ResourceRequirements, Map<String, Quantity>> what) {
        Map<String, Long> running = new TreeMap<>();
        for (Container container : OrEmpty.of(pod.getSpec().getContainers())) {
            what.apply(of(container.getResources()))
                    .forEach((name, quantity) -> running.merge(name, Milli.of(quantity), PodSums::plus));
        }
        Map<String, Long> sidecars = new HashMap<>();
        Map<String, Long> starting = new HashMap<>();
        for (Container container : OrEmpty.of(pod.getSpec().getInitContainers())) {
            Map<String, Quantity> own = what.apply(of(container.getResources()));
            if (isSidecar(container)) {
                own.forEach((name, quantity) -> {
                    sidecars.merge(name, Milli.of(quantity), PodSums::plus);
                    running.merge(name, Milli.of(quantity), PodSums::plus);
                });
                sidecars.forEach((name, milli) -> starting.merge(name, milli, Math::max));
            } else {
                own.forEach((name, quantity) ->
                        starting.merge(name, plus(Milli.of(quantity), sidecars.getOrDefault(name, 0L)), Math::max));
            }
        }
        starting.forEach((name, milli) -> running.merge(name, milli, Math::max));
        return running;
    }

    private static long plus(long one, long other) {
        return Milli.sum(List.of(one, other));
    }

    /** Thousandths of bytes as bytes, rounded up. */
    public static long bytes(long milli) {
        return milli / 1000 + (milli % 1000 > 0 ? 1 : 0);
    }
}
