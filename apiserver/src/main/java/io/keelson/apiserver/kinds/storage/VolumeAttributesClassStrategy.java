package io.keelson.apiserver.kinds.storage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;

/** Classes of attributes of volumes; they never change. */
public final class VolumeAttributesClassStrategy implements Strategy {
    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void validate(ObjectNode attributes, FieldErrors errors) {
        Place whole = Place.of(attributes, errors);
        StorageClassStrategy.provisioner(whole.at("driverName"));
        StorageClassStrategy.parameters(whole.at("parameters"), false);
    }

    @Override
    public void validateUpdate(ObjectNode attributes, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(attributes, errors);
        for (String field : List.of("driverName", "parameters")) {
            if (!SemanticEquality.equal(whole.at(field).value(), old.path(field))) {
                whole.at(field).forbidden("updates to " + field + " are forbidden.");
            }
        }
    }
}
