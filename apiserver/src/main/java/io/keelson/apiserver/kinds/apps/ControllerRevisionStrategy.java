package io.keelson.apiserver.kinds.apps;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/** Revisions of stateful and daemon sets, whose data never changes. */
public final class ControllerRevisionStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void validate(ObjectNode revision, FieldErrors errors) {
        Place whole = Place.of(revision, errors);
        Place data = whole.at("data");
        if (data.absent()) {
            data.required("data is mandatory");
        } else if (!data.value().isObject()) {
            data.required("data must be a valid JSON object");
        }
        whole.at("revision").notNegative();
    }

    /** Data that cannot change is not looked over again: there was a time when it could be anything. */
    @Override
    public void validateChanged(ObjectNode revision, ObjectNode old, FieldErrors errors) {
        Place.of(revision, errors).at("revision").notNegative();
        validateUpdate(revision, old, errors);
    }

    @Override
    public void validateUpdate(ObjectNode revision, ObjectNode old, FieldErrors errors) {
        Place.of(revision, errors).at("data").mustEqual(old.path("data"));
    }
}
