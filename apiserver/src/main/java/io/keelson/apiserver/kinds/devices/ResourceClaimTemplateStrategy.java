package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;

/** Templates of claims for devices. They never change. */
public final class ResourceClaimTemplateStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode template) {
        DeviceRules.defaults(template.path("spec").path("spec").path("devices"));
    }

    @Override
    public void validate(ObjectNode template, FieldErrors errors) {
        Place spec = Place.of(template, errors).at("spec");
        LabelValidation.labels(spec.at("metadata", "labels"));
        LabelValidation.annotations(spec.at("metadata", "annotations"));
        DeviceRules.claim(spec.at("spec", "devices"));
    }

    @Override
    public void validateUpdate(ObjectNode template, ObjectNode old, FieldErrors errors) {
        Place.of(template, errors).at("spec").mustEqual(old.path("spec"));
    }
}
