package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a change of a claim's status: what it was given, for whom, and what drivers say of it. */
final class ClaimStatusRules {
    private static final int RESERVED_MAX = 256;

    private ClaimStatusRules() {}

    static void validate(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(claim, errors);
        Place status = whole.at("status");
        Place allocation = status.at("allocation");
        reserved(status.at("reservedFor"), allocation, whole.at("metadata", "deletionTimestamp"), old);
        Set<DeviceId> given = DeviceId.givenTo(claim);
        List<Place> devices = status.at("devices").items();
        devices.forEach(device -> DeviceStatusRules.validate(device, given));
        Bounded.unique(devices, DeviceId::of);
        JsonNode before = old.path("status").path("allocation");
        if (before.isObject() && allocation.present()) {
            allocation.mustEqual(before);
        } else if (allocation.present()) {
            AllocationRules.validate(
                    allocation, RequestNames.of(claim.path("spec").path("devices")));
        }
    }

    private static void reserved(Place reserved, Place allocation, Place deleted, ObjectNode old) {
        List<Place> consumers = Bounded.items(reserved, RESERVED_MAX);
        for (Place consumer : consumers) {
            for (String field : List.of("resource", "name", "uid")) {
                consumer.at(field).mustBeFilled();
            }
        }
        Bounded.unique(consumers, consumer -> consumer.at("uid").text());
        if (reserved.size() == 0) {
            return;
        }
        if (allocation.absent()) {
            reserved.forbidden("may not be specified when `allocated` is not set");
        } else if (deleted.present()) {
            Set<JsonNode> before = new HashSet<>();
            old.path("status").path("reservedFor").forEach(before::add);
            if (reserved.items().stream().anyMatch(consumer -> !before.contains(consumer.value()))) {
                reserved.forbidden("new entries may not be added while `deallocationRequested` or `deletionTimestamp`"
                        + " are set");
            }
        }
    }
}
