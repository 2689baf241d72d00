package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The quality of service of a pod: {@code Guaranteed} if processors and memory of all its containers are limited and as
 * many as are limited are requested, {@code BestEffort} if none says anything of them, {@code Burstable} otherwise.
 * Resources of the pod as a whole, where it has them, count in place of its containers'.
 */
public final class PodQuality {
    private static final List<String> COUNTED = List.of("cpu", "memory");

    private PodQuality() {}

    /** The class of a pod, by its specification. */
    public static String of(Pod pod) {
        List<@Nullable ResourceRequirements> all = new ArrayList<>();
        ResourceRequirements whole = pod.getSpec().getResources();
        if (isGiven(whole)) {
            all.add(whole);
        } else {
            PodContainers.initial(pod)
                    .forEach(container -> all.add(container.container().getResources()));
            PodContainers.ordinary(pod)
                    .forEach(container -> all.add(container.container().getResources()));
        }
        return of(all);
    }

    private static boolean isGiven(@Nullable ResourceRequirements whole) {
        return whole != null
                && (!OrEmpty.of(whole.getRequests()).isEmpty()
                        || !OrEmpty.of(whole.getLimits()).isEmpty());
    }

    private static String of(List<@Nullable ResourceRequirements> all) {
        Map<String, Long> requests = new HashMap<>();
        Map<String, Long> limits = new HashMap<>();
        boolean allLimited = true;
        for (ResourceRequirements one : all) {
            add(requests, one == null ? null : one.getRequests());
            add(limits, one == null ? null : one.getLimits());
            allLimited &= one != null && isLimited(OrEmpty.of(one.getLimits()));
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return "BestEffort";
        }
        boolean requestsAreLimits = requests.entrySet().stream()
                .allMatch(request -> request.getValue().equals(limits.get(request.getKey())));
        return allLimited && requestsAreLimits ? "Guaranteed" : "Burstable";
    }

    private static boolean isLimited(Map<String, Quantity> limits) {
        return COUNTED.stream().allMatch(name -> limits.containsKey(name) && Milli.of(limits.get(name)) > 0);
    }

    private static void add(Map<String, Long> sums, @Nullable Map<String, Quantity> amounts) {
        OrEmpty.of(amounts).forEach((name, amount) -> {
            long milli = COUNTED.contains(name) ? Milli.of(amount) : 0;
            if (milli > 0) {
                sums.merge(name, milli, (one, other) -> Milli.sum(List.of(one, other)));
            }
        });
    }
}
