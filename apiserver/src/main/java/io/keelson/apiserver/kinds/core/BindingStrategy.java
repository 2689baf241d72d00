package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/** Bindings of pods to nodes, which are carried out and not kept. */
public final class BindingStrategy implements Strategy {
    @Override
    public void validate(ObjectNode binding, FieldErrors errors) {
        Place target = Place.of(binding, errors).at("target");
        if (target.at("kind").filled() && !target.at("kind").is("Node")) {
            target.at("kind").notSupported("Node", "<empty>");
        }
        target.at("name").mustBeFilled();
    }
}
