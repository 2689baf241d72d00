package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TypeCheck;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.MetadataValidation;
import io.keelson.apiserver.validation.Names;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether what stands within an object where its schema says {@code x-kubernetes-embedded-resource} is a whole object: with
 * a kind, a version and, if any, metadata as all objects have it.
 */
final class EmbeddedObjects {
    private final FieldErrors errors;

    private EmbeddedObjects(FieldErrors errors) {
        this.errors = errors;
    }

    /** Looks below the root of an object, which is judged as such elsewhere. */
    static void validate(JsonNode object, Schema schema, FieldErrors errors) {
        new EmbeddedObjects(errors).below(object, schema, FieldPath.root());
    }

    private void visit(JsonNode value, Schema schema, FieldPath path) {
        if (schema.embeddedResource() && value.isObject()) {
            embedded(value, path);
        }
        below(value, schema, path);
    }

    private void below(JsonNode value, Schema schema, FieldPath path) {
        if (value.isObject()) {
            Map<String, Schema> properties = schema.properties();
            Schema values = schema.additionalProperties();
            if (properties.isEmpty() && values == null) {
                return;
            }
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                Schema property = properties.get(field.getKey());
                if (property != null) {
                    visit(field.getValue(), property, path.child(field.getKey()));
                } else if (values != null) {
                    visit(field.getValue(), values, path.key(field.getKey()));
                }
            }
        } else if (value.isArray()) {
            Schema items = schema.items();
            for (int i = 0; items != null && i < value.size(); i++) {
                visit(value.get(i), items, path.index(i));
            }
        }
    }

    private void embedded(JsonNode object, FieldPath path) {
        text(object.get("apiVersion"), path.child("apiVersion"));
        text(object.get("kind"), path.child("kind"));
        String apiVersion = object.path("apiVersion").asText("");
        if (!apiVersion.isEmpty()) {
            try {
                var _ = GroupVersion.parse(apiVersion);
            } catch (ApiException e) {
                errors.invalid(path.child("apiVersion"), apiVersion, e.message());
            }
        }
        String kind = object.path("kind").asText("");
        List<String> wrong = kind.isEmpty() ? List.of() : Names.dnsLabel1035(kind.toLowerCase(Locale.ROOT));
        if (!wrong.isEmpty()) {
            errors.invalid(
                    path.child("kind"),
                    kind,
                    "may have mixed case, but should otherwise match: " + String.join(",", wrong));
        }
        JsonNode metadata = object.get("metadata");
        if (metadata != null) {
            metadata(metadata, path.child("metadata"));
        }
    }

    private void text(@Nullable JsonNode value, FieldPath path) {
        if (value == null || (value.isTextual() && value.textValue().isEmpty())) {
            errors.required(path, "");
        } else if (!value.isTextual()) {
            errors.invalid(path, value, "must be a string");
        }
    }

    private void metadata(JsonNode metadata, FieldPath path) {
        String wrong = TypeCheck.check(metadata, BuiltInSchemas.objectMeta());
        if (wrong != null) {
            errors.invalid(path, metadata, wrong);
            return;
        }
        ObjectNode object = Json.object();
        object.set("metadata", metadata.deepCopy());
        if (ObjectMeta.name(object).isEmpty()) {
            // It need not have one.
            ObjectMeta.setName(object, "fakename");
        }
        FieldErrors found = new FieldErrors();
        boolean namespaced = !ObjectMeta.namespace(object).isEmpty();
        MetadataValidation.validate(object, namespaced, Names::pathSegment, found);
        String above = path.toString();
        for (FieldError error : found.list()) {
            String place = above.substring(0, above.length() - "metadata".length()) + error.field();
            errors.add(new FieldError(error.type(), place, error.body()));
        }
    }
}
