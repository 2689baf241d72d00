package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.kinds.pod.ResourceNames;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts ResourceClaims and the devices that they may get, of each class: {@code gpu.deviceclass.resource.k8s.io/devices}.
 * They are counted also by the names under which pods ask for the same devices as for an extended resource: the one that is
 * derived from the name of the class, {@code requests.deviceclass.resource.kubernetes.io/gpu}, and the one that the class
 * says it has, {@code requests.example.com/gpu}.
 *
 * <p>A claim that was made for the extended resources of a pod is not charged for what the pod was charged for.
 */
final class DeviceClaimEvaluator implements Evaluator {
    private static final String GROUP = "resource.k8s.io";
    private static final String CLAIMS = "resourceclaims";
    private static final String COUNT = "count/" + CLAIMS + "." + GROUP;
    private static final String OF_CLASS = ".deviceclass.resource.k8s.io/devices";
    private static final String REQUESTS = "requests.";

    /** Stands at claims that the scheduler made. */
    private static final String OF_EXTENDED_RESOURCES = "resource.kubernetes.io/extended-resource-claim";

    /** What a claim may get at most. */
    private static final long DEVICES_MAX = 32;

    private final PodEvaluator pods;

    /** The classes that there are, with the extended resources that they say they are; empty for those that do not. */
    private final Map<String, String> classes;

    /** What a pod was charged for, for whose extended resources the claim was made. */
    private final Map<String, Quantity> charged;

    DeviceClaimEvaluator(PodEvaluator pods) {
        this(pods, Map.of(), Map.of());
    }

    private DeviceClaimEvaluator(PodEvaluator pods, Map<String, String> classes, Map<String, Quantity> charged) {
        this.pods = pods;
        this.classes = classes;
        this.charged = charged;
    }

    @Override
    public boolean handles(AdmissionRequest request) {
        return request.subresource().isEmpty()
                && (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE);
    }

    @Override
    public Evaluator knowing(ObjectLookup objects, ObjectNode claim) throws InterruptedException {
        Map<String, String> all = new TreeMap<>();
        for (ObjectNode deviceClass : objects.all(GROUP, "deviceclasses", "")) {
            all.put(
                    ObjectMeta.name(deviceClass),
                    deviceClass.path("spec").path("extendedResourceName").asText(""));
        }
        ObjectNode pod = podOf(objects, claim);
        return new DeviceClaimEvaluator(pods, all, pod == null ? Map.of() : pods.usage(pod));
    }

    /**
     * The pod for whose extended resources a claim was made; null if it was made for anything else. Whoever makes claims can
     * say that of them; so there is one at most for a pod: the one that the pod names, or the first.
     */
    private static @Nullable ObjectNode podOf(ObjectLookup objects, ObjectNode claim) throws InterruptedException {
        JsonNode owner = owner(claim);
        if (owner == null) {
            return null;
        }
        String namespace = ObjectMeta.namespace(claim);
        String uid = owner.path("uid").asText("");
        ObjectNode pod =
                objects.recent("", "pods", namespace, owner.path("name").asText(""));
        if (pod == null || !ObjectMeta.uid(pod).equals(uid)) {
            return null;
        }
        JsonNode named = pod.path("status").path("extendedResourceClaimStatus");
        if (named.isObject()) {
            return named.path("resourceClaimName").asText("").equals(ObjectMeta.name(claim)) ? pod : null;
        }
        for (ObjectNode other : objects.all(GROUP, CLAIMS, namespace)) {
            JsonNode itsOwner = owner(other);
            if (itsOwner != null && itsOwner.path("uid").asText("").equals(uid) && isBefore(other, claim)) {
                return null;
            }
        }
        return pod;
    }

    /** The pod that a claim says it was made for; null if it does not. */
    private static @Nullable JsonNode owner(ObjectNode claim) {
        if (!"true".equals(ObjectMeta.annotation(claim, OF_EXTENDED_RESOURCES))) {
            return null;
        }
        for (JsonNode owner : ObjectMeta.ownerReferences(claim)) {
            if (owner.path("controller").asBoolean(false)) {
                boolean pod = owner.path("kind").asText("").equals("Pod")
                        && owner.path("apiVersion").asText("").equals("v1");
                return pod ? owner : null;
            }
        }
        return null;
    }

    private static boolean isBefore(ObjectNode one, ObjectNode other) {
        int times = ObjectMeta.creationTimestamp(one).compareTo(ObjectMeta.creationTimestamp(other));
        return times < 0 || (times == 0 && ObjectMeta.name(one).compareTo(ObjectMeta.name(other)) < 0);
    }

    @Override
    public Map<String, Quantity> usage(JsonNode claim) {
        Map<String, Quantity> usage = new TreeMap<>();
        usage.put(COUNT, Amounts.ONE);
        Map<String, Long> requested = new TreeMap<>();
        devices(claim).forEach((name, count) -> {
            usage.put(name + OF_CLASS, Amounts.count(count));
            requested.merge(REQUESTS + ResourceNames.OF_DEVICE_CLASS + name, count, Long::sum);
            String extended = classes.getOrDefault(name, "");
            if (!extended.isEmpty()) {
                requested.merge(REQUESTS + extended, count, Long::sum);
            }
        });
        requested.forEach((name, count) -> {
            Quantity left = Amounts.count(count).subtract(charged.getOrDefault(name, Quantity.ZERO));
            if (left.signum() > 0) {
                usage.put(name, left);
            }
        });
        return usage;
    }

    /** How many devices of each class a claim may get. */
    private static Map<String, Long> devices(JsonNode claim) {
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
        return devices;
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
        if (name.equals(COUNT) || name.endsWith(OF_CLASS)) {
            return true;
        }
        if (!name.startsWith(REQUESTS)) {
            return false;
        }
        String resource = name.substring(REQUESTS.length());
        return ResourceNames.isOfDeviceClass(resource)
                ? classes.containsKey(resource.substring(ResourceNames.OF_DEVICE_CLASS.length()))
                : !resource.isEmpty() && classes.containsValue(resource);
    }
}
