package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a pod requests and may use at most, in all.
 *
 * <p>Its containers run together, so theirs is added up, and so is that of sidecars (init containers that are restarted
 * always). The other init containers run one after the other, each beside the sidecars that started before it: what the
 * largest of these moments needs is needed if it is more. What the pod says for itself as a whole counts instead, of
 * the resources that it can say it of. What its runtime costs comes on top: of limits only where there is one.
 *
 * <p>While a container is resized it is charged for what it asks for and for what it still has, whichever is more; once
 * its resize is known to be impossible, for what it has.
 */
final class PodAmounts {
    private PodAmounts() {}

    static Map<String, Amount> requests(Pod pod) {
        Map<String, ContainerStatus> statuses = statuses(pod);
        boolean infeasible = isInfeasible(pod);
        Map<String, Amount> sum = sum(pod.getSpec(), (container, held) -> {
            Map<String, Amount> asked = Amount.list(requests(container.getResources()));
            ContainerStatus status = held ? statuses.get(container.getName()) : null;
            if (status == null || status.getResources() == null) {
                return asked;
            }
            Map<String, Amount> charged = infeasible ? new TreeMap<>() : asked;
            Amount.raiseTo(charged, Amount.list(requests(status.getResources())));
            Amount.raiseTo(charged, Amount.list(status.getAllocatedResources()));
            return charged;
        });
        putWhole(sum, requests(pod.getSpec().getResources()));
        Amount.addTo(sum, Amount.list(pod.getSpec().getOverhead()));
        return sum;
    }

    static Map<String, Amount> limits(Pod pod) {
        Map<String, ContainerStatus> statuses = statuses(pod);
        boolean infeasible = isInfeasible(pod);
        Map<String, Amount> sum = sum(pod.getSpec(), (container, held) -> {
            Map<String, Amount> asked = Amount.list(limits(container.getResources()));
            ContainerStatus status = held ? statuses.get(container.getName()) : null;
            if (status == null || status.getResources() == null) {
                return asked;
            }
            Map<String, Amount> charged = infeasible ? new TreeMap<>() : asked;
            Amount.raiseTo(charged, Amount.list(limits(status.getResources())));
            return charged;
        });
        putWhole(sum, limits(pod.getSpec().getResources()));
        Amount.list(pod.getSpec().getOverhead())
                .forEach((name, cost) ->
                        sum.computeIfPresent(name, (_, limit) -> limit.isZero() ? limit : limit.plus(cost)));
        return sum;
    }

    /** Whether it goes without any request or limit of cpu and memory. */
    static boolean isBestEffort(Pod pod) {
        String known = pod.getStatus() == null ? "" : OrEmpty.of(pod.getStatus().getQosClass());
        if (!known.isEmpty()) {
            return known.equals("BestEffort");
        }
        PodSpec spec = pod.getSpec();
        return !says(spec.getResources())
                && OrEmpty.of(spec.getContainers()).stream().noneMatch(one -> says(one.getResources()))
                && OrEmpty.of(spec.getInitContainers()).stream().noneMatch(one -> says(one.getResources()));
    }

    private static boolean says(@Nullable ResourceRequirements resources) {
        Function<Map<String, Quantity>, Boolean> some = list -> Amount.list(list).entrySet().stream()
                .anyMatch(
                        entry -> (entry.getKey().equals("cpu") || entry.getKey().equals("memory"))
                                && !entry.getValue().isZero());
        return some.apply(requests(resources)) || some.apply(limits(resources));
    }

    @FunctionalInterface
    private interface Charge {
        /** What a container is charged for. */
        Map<String, Amount> of(Container container, boolean held);
    }

    private static Map<String, Amount> sum(PodSpec spec, Charge charge) {
        Map<String, Amount> together = new TreeMap<>();
        for (Container container : OrEmpty.of(spec.getContainers())) {
            Amount.addTo(together, charge.of(container, true));
        }
        Map<String, Amount> sidecars = new TreeMap<>();
        Map<String, Amount> largest = new TreeMap<>();
        for (Container container : OrEmpty.of(spec.getInitContainers())) {
            boolean sidecar = "Always".equals(container.getRestartPolicy());
            Map<String, Amount> own = charge.of(container, sidecar);
            if (sidecar) {
                Amount.addTo(together, own);
                Amount.addTo(sidecars, own);
                Amount.raiseTo(largest, sidecars);
            } else {
                Map<String, Amount> moment = new TreeMap<>(own);
                Amount.addTo(moment, sidecars);
                Amount.raiseTo(largest, moment);
            }
        }
        Amount.raiseTo(together, largest);
        return together;
    }

    private static void putWhole(Map<String, Amount> sum, Map<String, Quantity> whole) {
        Amount.list(whole).forEach((name, amount) -> {
            if (name.equals("cpu") || name.equals("memory") || name.startsWith("hugepages-")) {
                sum.put(name, amount);
            }
        });
    }

    private static Map<String, Quantity> requests(@Nullable ResourceRequirements resources) {
        return resources == null ? Map.of() : OrEmpty.of(resources.getRequests());
    }

    private static Map<String, Quantity> limits(@Nullable ResourceRequirements resources) {
        return resources == null ? Map.of() : OrEmpty.of(resources.getLimits());
    }

    private static Map<String, ContainerStatus> statuses(Pod pod) {
        Map<String, ContainerStatus> statuses = new HashMap<>();
        if (pod.getStatus() != null) {
            List.of(
                            OrEmpty.of(pod.getStatus().getContainerStatuses()),
                            OrEmpty.of(pod.getStatus().getInitContainerStatuses()))
                    .forEach(list -> list.forEach(status -> statuses.put(status.getName(), status)));
        }
        return statuses;
    }

    private static boolean isInfeasible(Pod pod) {
        PodCondition pending = Pods.condition(pod, "PodResizePending");
        return pending != null && "Infeasible".equals(pending.getReason());
    }
}
