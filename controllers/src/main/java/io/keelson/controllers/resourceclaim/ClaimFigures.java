package io.keelson.controllers.resourceclaim;

import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequest;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimSpec;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How many claims there are, counted anew each time that somebody asks, and how many were made for pods. */
final class ClaimFigures {
    private static final String PREFIX = "resourceclaim_controller_";

    private final Counter creations;

    ClaimFigures(ControllerMetrics metrics, Cache<ResourceClaim> claims) {
        creations = metrics.counter(
                PREFIX + "creates_total", "How often a claim was to be made for a pod", "status", "admin_access");
        metrics.gauge(
                PREFIX + "resource_claims",
                "Claims by whether they have what they ask for, and by who made them",
                callback -> claims.all().stream()
                        .collect(Collectors.groupingBy(ClaimFigures::labels, Collectors.counting()))
                        .forEach((labels, count) -> callback.call(count, labels.toArray(String[]::new))),
                "allocated",
                "admin_access",
                "source");
    }

    private static List<String> labels(ResourceClaim claim) {
        Map<String, String> annotations = OrEmpty.of(claim.getMetadata().getAnnotations());
        String source = annotations.containsKey(GeneratedClaim.ENTRY)
                ? "resource_claim_template"
                : "true".equals(annotations.get(GeneratedClaim.EXTENDED)) ? "extended_resource" : "";
        return List.of(
                Boolean.toString(Reservation.isAllocated(claim)),
                Boolean.toString(hasAdminAccess(claim.getSpec())),
                source);
    }

    private static boolean hasAdminAccess(ResourceClaimSpec spec) {
        if (spec == null || spec.getDevices() == null) {
            return false;
        }
        for (DeviceRequest request : OrEmpty.of(spec.getDevices().getRequests())) {
            if (request.getExactly() != null
                    && Boolean.TRUE.equals(request.getExactly().getAdminAccess())) {
                return true;
            }
        }
        return false;
    }

    /** The API was asked to make a claim. */
    void asked(ResourceClaim claim, boolean well) {
        creations
                .labelValues(well ? "success" : "failure", Boolean.toString(hasAdminAccess(claim.getSpec())))
                .inc();
    }
}
