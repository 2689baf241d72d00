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
        if (whole.at("data").absent()) {
            whole.at("data").required("data is mandatory");
        }
        whole.at("revision").notNegative();
    }

    @Override
    public void validateUpdate(ObjectNode revision, ObjectNode old, FieldErrors errors) {
        Place.of(revision, errors).at("data").mustEqual(old.path("data"));
    }
}
