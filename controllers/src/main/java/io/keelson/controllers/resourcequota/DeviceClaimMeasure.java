package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequest;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceSubRequest;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.runtime.Cache;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts ResourceClaims and the devices that they may get, of each class: {@code
 * gpu.deviceclass.resource.k8s.io/devices}; and the same devices by the names under which pods ask for them as for
 * extended resources. A claim that was made for the extended resources of a pod is not charged for what the pod is
 * charged for.
 */
final class DeviceClaimMeasure implements Measure<ResourceClaim> {
    private static final String COUNT = "count/resourceclaims.resource.k8s.io";
    private static final String OF_CLASS = ".deviceclass.resource.k8s.io/devices";
    private static final String REQUESTS = "requests.";
    private static final String BY_CLASS = REQUESTS + PodMeasure.OF_DEVICE_CLASS;
    private static final String FOR_EXTENDED = "resource.kubernetes.io/extended-resource-claim";
    private static final String EXTENDED = "extended resource";

    /** What a claim may get at most. */
    private static final long DEVICES_MAX = 32;

    private final Cache<DeviceClass> classes;
    private final Cache<Pod> pods;
    private final Cache<ResourceClaim> claims;
    private final Measure<Pod> podMeasure;

    /** Before the caches start. */
    DeviceClaimMeasure(
            Cache<DeviceClass> classes, Cache<Pod> pods, Cache<ResourceClaim> claims, Measure<Pod> podMeasure) {
        this.classes = classes;
        this.pods = pods;
        this.claims = claims;
        this.podMeasure = podMeasure;
        classes.index(EXTENDED, one -> List.of(extended(one)));
    }

    private static String extended(@Nullable DeviceClass one) {
        return one == null || one.getSpec() == null
                ? ""
                : OrEmpty.of(one.getSpec().getExtendedResourceName());
    }

    @Override
    public boolean measures(String resource) {
        if (resource.equals(COUNT) || resource.endsWith(OF_CLASS)) {
            return true;
        }
        if (resource.startsWith(BY_CLASS)) {
            return classes.get("", resource.substring(BY_CLASS.length())) != null;
        }
        return resource.startsWith(REQUESTS)
                && resource.length() > REQUESTS.length()
                && !classes.indexed(EXTENDED, resource.substring(REQUESTS.length()))
                        .isEmpty();
    }

    @Override
    public Map<String, Amount> usage(ResourceClaim claim) {
        Map<String, Amount> usage = new TreeMap<>();
        usage.put(COUNT, Amount.ONE);
        Map<String, Long> requested = new TreeMap<>();
        devices(claim).forEach((name, count) -> {
            usage.put(name + OF_CLASS, Amount.of(count));
            DeviceClass of = classes.get("", name);
            if (of != null) {
                requested.merge(BY_CLASS + name, count, Long::sum);
            }
            if (!extended(of).isEmpty()) {
                requested.merge(REQUESTS + extended(of), count, Long::sum);
            }
        });
        Pod pod = podOf(claim);
        Map<String, Amount> charged = pod == null ? Map.of() : podMeasure.usage(pod);
        requested.forEach((name, count) -> {
            Amount left = new Amount(
                    Amount.of(count)
                            .number()
                            .subtract(charged.getOrDefault(name, Amount.ZERO).number()),
                    Amount.Style.DECIMAL);
            if (left.number().signum() > 0) {
                usage.put(name, left);
            }
        });
        return usage;
    }

    /** How many devices of each class a claim may get. */
    private static Map<String, Long> devices(ResourceClaim claim) {
        Map<String, Long> devices = new TreeMap<>();
        if (claim.getSpec() == null || claim.getSpec().getDevices() == null) {
            return devices;
        }
        for (DeviceRequest request : OrEmpty.of(claim.getSpec().getDevices().getRequests())) {
            var exactly = request.getExactly();
            if (exactly != null) {
                devices.merge(
                        OrEmpty.of(exactly.getDeviceClassName()),
                        count(exactly.getAllocationMode(), exactly.getCount()),
                        Long::sum);
            }
            // Any one of these may be what it gets.
            Map<String, Long> worst = new TreeMap<>();
            for (DeviceSubRequest choice : OrEmpty.of(request.getFirstAvailable())) {
                worst.merge(
                        OrEmpty.of(choice.getDeviceClassName()),
                        count(choice.getAllocationMode(), choice.getCount()),
                        Math::max);
            }
            worst.forEach((name, count) -> devices.merge(name, count, Long::sum));
        }
        return devices;
    }

    private static long count(@Nullable String mode, @Nullable Long count) {
        return switch (OrEmpty.of(mode)) {
            case "ExactCount" -> count == null ? 1 : count;
            case "All" -> DEVICES_MAX;
            // Nobody can know how many a mode of a later version gives.
            default -> 0;
        };
    }

    /**
     * The pod for whose extended resources a claim was made; null if it was made for anything else. Whoever makes
     * claims can say that of them; so there is one at most for a pod: the one that the pod names, or the first.
     */
    private @Nullable Pod podOf(ResourceClaim claim) {
        String uid = podUid(claim);
        OwnerReference owner = Owners.controllerOf(claim);
        if (uid == null || owner == null) {
            return null;
        }
        Pod pod = pods.get(OrEmpty.of(claim.getMetadata().getNamespace()), OrEmpty.of(owner.getName()));
        if (pod == null || !uid.equals(pod.getMetadata().getUid())) {
            return null;
        }
        var named = pod.getStatus() == null ? null : pod.getStatus().getExtendedResourceClaimStatus();
        String name = named != null
                ? named.getResourceClaimName()
                : claims.ownedBy(uid).stream()
                        .filter(other -> uid.equals(podUid(other)))
                        .min(Comparator.comparing((ResourceClaim other) ->
                                        OrEmpty.of(other.getMetadata().getCreationTimestamp()))
                                .thenComparing(other -> other.getMetadata().getName()))
                        .map(first -> first.getMetadata().getName())
                        .orElse(claim.getMetadata().getName());
        return claim.getMetadata().getName().equals(name) ? pod : null;
    }

    /** The uid of the pod for whose extended resources a claim says it was made; null if it does not. */
    private static @Nullable String podUid(ResourceClaim claim) {
        OwnerReference owner = Owners.controllerOf(claim);
        boolean extended =
                "true".equals(OrEmpty.of(claim.getMetadata().getAnnotations()).get(FOR_EXTENDED));
        return extended && owner != null && "Pod".equals(owner.getKind()) && "v1".equals(owner.getApiVersion())
                ? owner.getUid()
                : null;
    }

    @Override
    public boolean isIn(Scope scope, ResourceClaim claim) {
        return false;
    }
}
