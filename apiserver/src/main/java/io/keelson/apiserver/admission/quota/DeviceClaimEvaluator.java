package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.TreeMap;

/** Counts ResourceClaims and the devices that they may get, of each class: {@code gpu.deviceclass.resource.k8s.io/devices}. */
final class DeviceClaimEvaluator implements Evaluator {
    private static final String COUNT = "count/resourceclaims.resource.k8s.io";
    private static final String OF_CLASS = ".deviceclass.resource.k8s.io/devices";

    /** What a claim may get at most. */
    private static final long DEVICES_MAX = 32;

    @Override
    public boolean handles(AdmissionRequest request) {
        return request.subresource().isEmpty()
                && (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE);
    }

    @Override
    public Map<String, Quantity> usage(JsonNode claim) {
        Map<String, Long> devices = new TreeMap<>();
        for (JsonNode request : claim.path("spec").path("devices").path("requests")) {
            if (request.path("exactly").isObject()) {
                devices.merge(className(request.path("exactly")), count(request.path("exactly")), Long::sum);
            }
            // Any one of these may be what it gets.
            Map<String, Long> worst = new TreeMap<>();
            for (JsonNode choice : request.path("firstAvailable")) {
                worst.merge(className(choice), count(choice), Math::max);
            }
            worst.forEach((name, count) -> devices.merge(name, count, Long::sum));
        }
        Map<String, Quantity> usage = new TreeMap<>();
        usage.put(COUNT, Amounts.ONE);
        devices.forEach((name, count) -> usage.put(name + OF_CLASS, Amounts.count(count)));
        return usage;
    }

    private static String className(JsonNode request) {
        return request.path("deviceClassName").asText("");
    }

    private static long count(JsonNode request) {
        return switch (request.path("allocationMode").asText("")) {
            case "ExactCount" -> request.path("count").asLong(1);
            case "All" -> DEVICES_MAX;
            // Nobody can know how many a mode of a later version gives.
            default -> 0;
        };
    }

    @Override
    public boolean uses(String name) {
        return name.equals(COUNT) || name.endsWith(OF_CLASS);
    }
}
