package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.kinds.pod.PodAmounts;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lets pods be resized only to what their node could hold if they were alone on it, and only on nodes that can resize pods
 * at all. Whether there is room beside the other pods, the node decides. Refusals have a cause by which programs know that
 * it is no use to try again: {@code NodeCapacity} or {@code UnsupportedPlatform}.
 */
public final class PodResizeValidator implements AdmissionPlugin {
    private static final String SYSTEM_LABEL = "kubernetes.io/os";

    private final ObjectLookup objects;

    public PodResizeValidator(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PodResizeValidator";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        BoundPodChange change = request.subresource().equals(BoundPodChange.RESIZE) ? BoundPodChange.of(request) : null;
        if (change == null) {
            return;
        }
        ObjectNode node = change.node(request, objects);
        List<String> exceeded = exceeded(change.pod(), node);
        if (!exceeded.isEmpty()) {
            throw refused(
                    request,
                    "Node didn't have enough allocatable resources: " + String.join("; ", exceeded),
                    "NodeCapacity");
        }
        String system = ObjectMeta.labels(node).getOrDefault(SYSTEM_LABEL, "");
        if (!system.equals("linux")) {
            throw refused(
                    request,
                    "pod resize is only supported on linux nodes, node \"" + ObjectMeta.name(node) + "\" is \"" + system
                            + "\"",
                    "UnsupportedPlatform");
        }
    }

    private static List<String> exceeded(ObjectNode pod, ObjectNode node) {
        Map<String, Quantity> requests = PodAmounts.requestsWithOverhead(pod);
        Map<String, Quantity> allocatable = PodAmounts.list(node.path("status").path("allocatable"));
        long cpu = amount(requests, "cpu").milliValue();
        long cpuMax = amount(allocatable, "cpu").milliValue();
        long memory = amount(requests, "memory").value();
        long memoryMax = amount(allocatable, "memory").value();
        List<String> exceeded = new ArrayList<>();
        if (cpu > cpuMax) {
            exceeded.add("cpu, requested: " + cpu + ", allocatable: " + cpuMax);
        }
        if (memory > memoryMax) {
            exceeded.add("memory, requested: " + memory + ", allocatable: " + memoryMax);
        }
        return exceeded;
    }

    private static Quantity amount(Map<String, Quantity> amounts, String resource) {
        return amounts.getOrDefault(resource, Quantity.ZERO);
    }

    private static ApiException refused(AdmissionRequest request, String why, String cause) {
        ApiException refused = request.forbidden(why);
        return ApiException.of(
                refused.reason(),
                refused.message(),
                refused.details().withCauses(List.of(new StatusCause(cause, "", ""))));
    }
}
