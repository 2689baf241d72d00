package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;

/** Templates of claims for devices. They never change. */
public final class ResourceClaimTemplateStrategy implements Strategy {
    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode template) {
        DeviceClaimRules.defaults(template.path("spec").path("spec").path("devices"));
    }

    @Override
    public void validate(ObjectNode template, FieldErrors errors) {
        Place spec = Place.of(template, errors).at("spec");
        LabelValidation.labels(spec.at("metadata", "labels"));
        LabelValidation.annotations(spec.at("metadata", "annotations"));
        DeviceClaimRules.validate(spec.at("spec", "devices"));
    }

    /** What never changes need not be looked over again. */
    @Override
    public void validateChanged(ObjectNode template, ObjectNode old, FieldErrors errors) {
        Place.of(template, errors).at("spec").mustEqual(old.path("spec"));
    }
}
