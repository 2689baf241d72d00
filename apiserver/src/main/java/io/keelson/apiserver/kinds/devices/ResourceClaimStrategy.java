package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Claims for devices. What is asked for never changes. */
public final class ResourceClaimStrategy extends SpecAndStatus {
    private static final int RESERVED_MAX = 256;

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode claim) {
        DeviceRules.defaults(claim.path("spec").path("devices"));
    }

    @Override
    public void validate(ObjectNode claim, FieldErrors errors) {
        DeviceRules.claim(Place.of(claim, errors).at("spec", "devices"));
    }

    @Override
    public void validateUpdate(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        Place.of(claim, errors).at("spec").mustEqual(old.path("spec"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(claim, errors).at("status");
        Place reserved = status.at("reservedFor");
        if (reserved.size() > RESERVED_MAX) {
            reserved.tooMany(RESERVED_MAX);
        }
        Set<String> uids = new HashSet<>();
        for (Place consumer : reserved.items()) {
            for (String field : List.of("resource", "name", "uid")) {
                consumer.at(field).mustBeFilled();
            }
            if (!uids.add(consumer.at("uid").text())) {
                consumer.duplicate();
            }
        }
        JsonNode before = old.path("status").path("allocation");
        Place allocation = status.at("allocation");
        if (before.isObject() && allocation.present()) {
            allocation.mustEqual(before);
        }
        if (reserved.size() > 0 && allocation.absent()) {
            reserved.forbidden("may not be specified when `allocated` is not set");
        }
    }
}
