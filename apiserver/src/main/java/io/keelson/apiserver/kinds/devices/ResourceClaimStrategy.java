package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/** Claims for devices. What is asked for never changes. */
public final class ResourceClaimStrategy extends SpecAndStatus {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode claim) {
        DeviceClaimRules.defaults(claim.path("spec").path("devices"));
    }

    @Override
    public void validate(ObjectNode claim, FieldErrors errors) {
        DeviceClaimRules.validate(Place.of(claim, errors).at("spec", "devices"));
    }

    /** What never changes need not be looked over again. */
    @Override
    public void validateChanged(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        Place.of(claim, errors).at("spec").mustEqual(old.path("spec"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        ClaimStatusRules.validate(claim, old, errors);
    }
}
