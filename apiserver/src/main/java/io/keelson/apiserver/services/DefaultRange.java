package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ServiceCIDR {@code kubernetes}, which has the ranges of the server's flags: made if it is not there, widened from one
 * family to two, and found ready if nobody else has said anything. One thread.
 */
public final class DefaultRange {
    private static final String NAME = ServiceRanges.DEFAULT;

    private final RestApi rest;
    private final Resource resource;
    private final List<AddressRange> ranges;
    private final InstantSource clock;
    private final Complaints complaints;
    private boolean toldOfOther;
    private boolean toldNotReady;

    /** @param ranges of the flags: one, or one of each family, the one to prefer first */
    public DefaultRange(RestApi rest, List<AddressRange> ranges, InstantSource clock) {
        this.rest = rest;
        this.resource = rest.resource("networking.k8s.io", "servicecidrs");
        this.ranges = List.copyOf(ranges);
        this.clock = clock;
        this.complaints = new Complaints(rest, "kubernetes-service-cidr-controller", clock);
    }

    /** Makes it as it should be. */
    public void round() throws InterruptedException {
        ObjectNode present = rest.read(resource, "", NAME);
        if (present == null) {
            present = create();
        }
        if (present == null || ObjectMeta.isBeingDeleted(present)) {
            return;
        }
        JsonNode cidrs = present.path("spec").path("cidrs");
        boolean becomesDual = ranges.size() == 2
                && cidrs.size() == 1
                && cidrs.get(0).asText().equals(ranges.getFirst().text());
        if (becomesDual) {
            widen(present);
        } else if (!cidrs.equals(wanted())) {
            if (!toldOfOther) {
                toldOfOther = true;
                complaints.say(
                        present,
                        "KubernetesDefaultServiceCIDRInconsistent",
                        "ServiceCIDRReconciliation",
                        "The default ServiceCIDR " + cidrs + " does not match the controller flag configurations "
                                + wanted());
            }
        } else {
            ready(present);
        }
    }

    private ArrayNode wanted() {
        return Json.array(ranges.stream().map(AddressRange::text).toList());
    }

    private @Nullable ObjectNode create() throws InterruptedException {
        ObjectNode object =
                Json.object().put("apiVersion", "networking.k8s.io/v1").put("kind", "ServiceCIDR");
        ObjectMeta.setName(object, NAME);
        object.putObject("spec").set("cidrs", wanted());
        try {
            return rest.create(resource, object);
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
            return rest.read(resource, "", NAME);
        }
    }

    private void widen(ObjectNode present) throws InterruptedException {
        try {
            var _ = rest.update(resource, "", NAME, object -> {
                if (object.path("spec").path("cidrs").size() == 1 && object.get("spec") instanceof ObjectNode spec) {
                    spec.set("cidrs", wanted());
                }
                return object;
            });
        } catch (ApiException e) {
            complaints.say(
                    present,
                    "KubernetesDefaultServiceCIDRError",
                    "ServiceCIDRReconciliation",
                    "The default ServiceCIDR can not be upgraded from "
                            + ranges.getFirst().text() + " to dual stack " + wanted() + " : " + e.message());
        }
    }

    private void ready(ObjectNode present) throws InterruptedException {
        JsonNode condition = readyCondition(present);
        switch (condition == null ? "Unknown" : condition.path("status").asText("Unknown")) {
            case "True" -> {
                // As it should be.
            }
            case "False" -> {
                if (!toldNotReady && condition != null) {
                    toldNotReady = true;
                    complaints.say(
                            present,
                            condition.path("reason").asText("NotReady"),
                            "ServiceCIDRReconciliation",
                            "Configuration matches, but "
                                    + condition.path("message").asText(""));
                }
            }
            default -> setReady();
        }
    }

    private void setReady() throws InterruptedException {
        String now = Timestamps.seconds(clock.instant());
        var _ = rest.adjust(resource, "", NAME, object -> {
            JsonNode there = readyCondition(object);
            if (there != null && !there.path("status").asText("").equals("Unknown")) {
                return object;
            }
            ObjectNode status = object.get("status") instanceof ObjectNode node ? node : object.putObject("status");
            ArrayNode conditions = status.withArray("conditions");
            for (int i = conditions.size() - 1; i >= 0; i--) {
                if (conditions.get(i).path("type").asText().equals("Ready")) {
                    conditions.remove(i);
                }
            }
            conditions
                    .addObject()
                    .put("type", "Ready")
                    .put("status", "True")
                    .put("lastTransitionTime", now)
                    .put("reason", "")
                    .put("message", "Kubernetes default Service CIDR is ready");
            return object;
        });
    }

    private static @Nullable JsonNode readyCondition(JsonNode object) {
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition;
            }
        }
        return null;
    }
}
