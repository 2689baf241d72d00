package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pod takes of a node. Containers run beside each other, so theirs add up; init containers run one after the other
 * before them, so the largest counts, if it is larger; sidecars (init containers that always restart) run from their turn on
 * to the end, so theirs add to all that come after them. What a pod as a whole requests stands for its containers'. The
 * runtime's overhead comes on top.
 *
 * <p>Worked through: an init container of 3 CPUs, then a sidecar of 1, then an init container of 1, then two containers of 1:
 * max(3, 1 + 1, 1 + 1 + 1) = 3.
 */
final class PodRequests {
    /** What a container that requests no CPU is taken to use when nodes are compared: 0.1. */
    private static final long USUAL_CPU = 100;

    /** What a container that requests no memory is taken to use when nodes are compared: 200 MB. */
    private static final long USUAL_MEMORY = 200L * 1024 * 1024;

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

    private static Amounts sum(Pod pod, ResourceTable table, boolean usual) {
        PodSpec spec = pod.getSpec();
        Amounts running = new Amounts();
        for (Container container : OrEmpty.of(spec.getContainers())) {
            running.add(of(container, table, usual));
        }
        Amounts sidecars = new Amounts();
        Amounts most = new Amounts();
        for (Container container : OrEmpty.of(spec.getInitContainers())) {
            Amounts own = of(container, table, usual);
            if ("Always".equals(container.getRestartPolicy())) {
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

    private static Amounts of(Container container, ResourceTable table, boolean usual) {
        @Nullable ResourceRequirements resources = container.getResources();
        Map<String, Quantity> requests = OrEmpty.of(resources == null ? null : resources.getRequests());
        Amounts amounts = Amounts.of(requests, table);
        if (usual) {
            for (String name : List.of("cpu", "memory")) {
                if (!requests.containsKey(name)) {
                    amounts.set(table.number(name), name.equals("cpu") ? USUAL_CPU : USUAL_MEMORY);
                }
            }
        }
        return amounts;
    }
}
