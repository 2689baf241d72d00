package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a pod takes of a node. Containers run beside each other, so theirs add up; init containers run one after the other
 * before them, so the largest counts, if it is larger; sidecars (init containers that always restart) run from their turn on
 * to the end, so theirs add to all that come after them. What a pod as a whole requests stands for its containers'. The
 * runtime's overhead comes on top. A container whose requests are being changed in place counts for the most of what it should
 * have, what its node has set aside for it and what it has; if the node can never do it, only for the latter two.
 *
 * <p>Worked through: an init container of 3 CPUs, then a sidecar of 1, then an init container of 1, then two containers of 1:
 * max(3, 1 + 1, 1 + 1 + 1) = 3.
 */
final class PodRequests {
    /** What containers that request none are taken to use when nodes are compared. */
    private static final Map<String, Quantity> USUAL =
            Map.of("cpu", new Quantity("100m"), "memory", new Quantity("200Mi"));

    private PodRequests() {}

    /** What has to be free on a node. */
    static Amounts of(Pod pod, ResourceTable table) {
        Amounts sum = sum(pod, table, false);
        sum.set(ResourceTable.PODS, 1);
        return sum;
    }

    /** The same, with something for containers that request no CPU or memory: what counts when nodes are compared. */
    static Amounts usual(Pod pod, ResourceTable table) {
        return sum(pod, table, true);
    }

    /** Whether two versions of a pod whose spec is the same request the same, by all that counts of their status. */
    static boolean runsOnTheSame(Pod one, Pod other) {
        return Running.of(one).requestsTheSame(Running.of(other));
    }

    private static Amounts sum(Pod pod, ResourceTable table, boolean usual) {
        PodSpec spec = pod.getSpec();
        Running observed = Running.of(pod);
        Map<String, Quantity> defaults = usual ? defaults(pod) : Map.of();
        Amounts running = new Amounts();
        for (Container container : OrEmpty.of(spec.getContainers())) {
            running.add(of(container, observed, table, defaults));
        }
        Amounts sidecars = new Amounts();
        Amounts most = new Amounts();
        for (Container container : OrEmpty.of(spec.getInitContainers())) {
            boolean isSidecar = "Always".equals(container.getRestartPolicy());
            Amounts own = of(container, isSidecar ? observed : Running.UNKNOWN, table, defaults);
            if (isSidecar) {
                sidecars.add(own);
                most.raise(sidecars);
            } else {
                Amounts now = sidecars.copy();
                now.add(own);
                most.raise(now);
            }
        }
        running.add(sidecars);
        running.raise(most);
        ResourceRequirements whole = spec.getResources();
        if (whole != null) {
            Amounts wholeRequests = Amounts.of(whole.getRequests(), table);
            for (String name : OrEmpty.of(whole.getRequests()).keySet()) {
                int resource = table.number(name);
                running.set(resource, wholeRequests.get(resource));
            }
        }
        Map<String, Quantity> overhead = spec.getOverhead();
        running.add(Amounts.of(overhead, table));
        return running;
    }

    /**
     * What stands for the CPU and memory that containers do not request. If the pod as a whole requests something, or one of
     * its containers does, that is taken to be for all of them.
     */
    private static Map<String, Quantity> defaults(Pod pod) {
        PodSpec spec = pod.getSpec();
        Set<String> requested = new HashSet<>();
        if (spec.getResources() != null
                && !OrEmpty.of(spec.getResources().getRequests()).isEmpty()) {
            requested.addAll(spec.getResources().getRequests().keySet());
            Stream.concat(OrEmpty.of(spec.getContainers()).stream(), OrEmpty.of(spec.getInitContainers()).stream())
                    .forEach(container ->
                            requested.addAll(requests(container.getResources()).keySet()));
        }
        Map<String, Quantity> defaults = new HashMap<>(USUAL);
        defaults.keySet().removeAll(requested);
        return defaults;
    }

    private static Amounts of(
            Container container, Running observed, ResourceTable table, Map<String, Quantity> defaults) {
        Map<String, Quantity> requests = requests(container.getResources());
        ContainerStatus status = observed.status(container);
        Amounts amounts;
        if (status == null || status.getResources() == null) {
            amounts = Amounts.of(requests, table);
        } else {
            // While a resize is under way a node has to have room for what was as well as for what will be.
            amounts = observed.resizeIsInfeasible() ? new Amounts() : Amounts.of(requests, table);
            amounts.raise(Amounts.of(status.getResources().getRequests(), table));
            amounts.raise(Amounts.of(status.getAllocatedResources(), table));
        }
        defaults.forEach((name, quantity) -> {
            if (!requests.containsKey(name)) {
                amounts.raise(Amounts.of(Map.of(name, quantity), table));
            }
        });
        return amounts;
    }

    private static Map<String, Quantity> requests(@Nullable ResourceRequirements resources) {
        return OrEmpty.of(resources == null ? null : resources.getRequests());
    }

    /** What the node says of the containers that stay: the ordinary ones and the sidecars. */
    private record Running(Map<String, ContainerStatus> containers, boolean resizeIsInfeasible) {
        static final Running UNKNOWN = new Running(Map.of(), false);

        static Running of(Pod pod) {
            if (pod.getStatus() == null) {
                return UNKNOWN;
            }
            Map<String, ContainerStatus> containers = new HashMap<>();
            for (ContainerStatus each : OrEmpty.of(pod.getStatus().getInitContainerStatuses())) {
                containers.put(OrEmpty.of(each.getName()), each);
            }
            for (ContainerStatus each : OrEmpty.of(pod.getStatus().getContainerStatuses())) {
                containers.put(OrEmpty.of(each.getName()), each);
            }
            PodCondition pending = Pods.condition(pod, "PodResizePending");
            return new Running(containers, pending != null && "Infeasible".equals(pending.getReason()));
        }

        boolean requestsTheSame(Running other) {
            return resizeIsInfeasible == other.resizeIsInfeasible
                    && containers.keySet().equals(other.containers.keySet())
                    && containers.entrySet().stream()
                            .allMatch(each -> requestsTheSame(each.getValue(), other.containers.get(each.getKey())));
        }

        private static boolean requestsTheSame(ContainerStatus one, @Nullable ContainerStatus other) {
            return other != null
                    && Objects.equals(one.getResources(), other.getResources())
                    && OrEmpty.of(one.getAllocatedResources()).equals(OrEmpty.of(other.getAllocatedResources()));
        }

        @Nullable
        ContainerStatus status(Container container) {
            return containers.get(OrEmpty.of(container.getName()));
        }
    }
}
