package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;

/** ConfigMaps: at most 1 MiB of text and bytes under keys that can be names of files. */
public final class ConfigMapStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void validate(ObjectNode object, FieldErrors errors) {
        Place whole = Place.of(object, errors);
        Place bytes = whole.at("binaryData");
        long size = 0;
        for (Place entry : whole.at("data").entries()) {
            Entries.key(entry);
            if (bytes.at(entry.key()).present()) {
                entry.invalid(entry.key(), "duplicate of key present in binaryData");
            }
            size += Entries.utf8Bytes(entry.text());
        }
        for (Place entry : bytes.entries()) {
            Entries.key(entry);
            size += Entries.decodedBytes(entry);
        }
        if (size > Entries.BYTES_MAX) {
            // The place has an empty name there, and that is how it is written.
            errors.tooLong(FieldPath.root().key(""), Entries.BYTES_MAX);
        }
    }

    @Override
    public void validateUpdate(ObjectNode object, ObjectNode old, FieldErrors errors) {
        Entries.immutable(Place.of(object, errors), old, "data", "binaryData");
    }
}
