package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Defaulting;
import io.keelson.apiserver.schema.Pruning;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TypeCheck;
import io.keelson.apiserver.schema.UnknownFields;
import io.keelson.apiserver.schema.WireForm;
import java.util.List;

/** Brings objects into the form that the schema of their kind gives them. */
final class SchemaForm implements Incoming.ObjectForm {
    @Override
    public ObjectNode fit(
            Resource resource,
            ServedVersion version,
            ObjectNode object,
            List<String> unknown,
            Incoming.Refusal refusal) {
        Schema schema = version.schema();
        if (resource.custom()) {
            metadata(object, refusal);
        } else {
            String wrong = TypeCheck.check(object, schema);
            if (wrong != null) {
                throw refusal.because(wrong);
            }
        }
        List<String> found = UnknownFields.find(object, schema);
        if (!found.isEmpty()) {
            // Those of custom kinds are told in the order of the alphabet.
            unknown.addAll(resource.custom() ? found.stream().sorted().toList() : found);
            Pruning.prune(object, schema);
        }
        return object;
    }

    /** The metadata of custom kinds is that of all kinds, whatever their schema is. */
    private static void metadata(ObjectNode object, Incoming.Refusal refusal) {
        JsonNode metadata = object.path("metadata");
        if (!metadata.isMissingNode()) {
            String wrong = TypeCheck.check(metadata, BuiltInSchemas.objectMeta());
            if (wrong != null) {
                throw refusal.because(wrong);
            }
        }
    }

    @Override
    public void fillIn(Resource resource, ServedVersion version, ObjectNode object) {
        Schema schema = version.schema();
        if (resource.custom()) {
            if (object.path("metadata") instanceof ObjectNode metadata) {
                WireForm.apply(metadata, BuiltInSchemas.objectMeta());
            }
            Defaulting.dropNulls(object, schema);
            Defaulting.apply(object, schema);
        } else {
            fillIn(object, schema);
        }
    }

    /** Of an object of a built-in kind; in place, and doing it again changes nothing. */
    static void fillIn(ObjectNode object, Schema schema) {
        // In this order: a default may stand where an empty value, which says nothing, has been taken away.
        WireForm.apply(object, schema);
        Defaulting.apply(object, schema);
    }
}
