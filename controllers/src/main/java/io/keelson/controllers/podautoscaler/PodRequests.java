package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What pods request of a resource. */
final class PodRequests {
    private PodRequests() {}

    /**
     * Thousandths by the names of pods: what the pod requests as a whole, else what its containers that run along with
     * it request together.
     *
     * @param container which container alone counts; empty for all
     * @throws MetricException if one requests nothing
     */
    static Map<String, Long> of(Collection<Pod> pods, String resource, String container) throws MetricException {
        Map<String, Long> requests = new HashMap<>();
        for (Pod pod : pods) {
            requests.put(pod.getMetadata().getName(), of(pod, resource, container));
        }
        return requests;
    }

    private static long of(Pod pod, String resource, String container) throws MetricException {
        Quantity whole = container.isEmpty() ? request(pod.getSpec().getResources(), resource) : null;
        if (whole != null) {
            return Milli.of(whole);
        }
        List<Long> requests = new ArrayList<>();
        for (Container one : running(pod.getSpec())) {
            if (container.isEmpty() || container.equals(one.getName())) {
                Quantity request = request(one.getResources(), resource);
                if (request == null) {
                    throw new MetricException("missing request for %s in container %s of Pod %s"
                            .formatted(
                                    resource, one.getName(), pod.getMetadata().getName()));
                }
                requests.add(Milli.of(request));
            }
        }
        return Milli.sum(requests);
    }

    private static List<Container> running(PodSpec spec) {
        List<Container> running = new ArrayList<>(OrEmpty.of(spec.getContainers()));
        for (Container initial : OrEmpty.of(spec.getInitContainers())) {
            if ("Always".equals(initial.getRestartPolicy())) {
                running.add(initial);
            }
        }
        return running;
    }

    private static @Nullable Quantity request(@Nullable ResourceRequirements resources, String resource) {
        return resources == null ? null : OrEmpty.of(resources.getRequests()).get(resource);
    }
}
