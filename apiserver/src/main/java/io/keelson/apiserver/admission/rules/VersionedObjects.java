package io.keelson.apiserver.admission.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Defaulting;
import io.keelson.apiserver.schema.Pruning;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TypeCheck;
import io.keelson.apiserver.schema.WireForm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects of requests as webhooks and policies see them, and back: in the version of their rules, and, when the object is
 * new, without what the server gives it only once it has been admitted.
 */
public final class VersionedObjects {
    /** What a new object has from the server. */
    private static final List<String> GIVEN = List.of("uid", "creationTimestamp", "generation");

    private VersionedObjects() {}

    /** The object as it is to become; null for a deletion. Not to be changed. */
    public static @Nullable ObjectNode object(AdmissionRequest request, Target target) {
        ObjectNode object = request.object();
        if (object == null) {
            return null;
        }
        ObjectNode shown = shown(request, object, target);
        if (request.operation() != Operation.CREATE || !(shown.path("metadata") instanceof ObjectNode metadata)) {
            return shown;
        }
        ObjectNode without = shallow(shown);
        without.set("metadata", shallow(metadata).remove(GIVEN));
        return without;
    }

    /** The object as it was; null for a creation. Not to be changed. */
    public static @Nullable ObjectNode old(AdmissionRequest request, Target target) {
        ObjectNode old = request.old();
        return old == null ? null : shown(request, old, target);
    }

    /** The schema of what is sent, in that version; null if none is known. */
    public static @Nullable Schema schema(AdmissionRequest request, Target target) {
        if (!Target.isOwnKind(request)) {
            return BuiltInSchemas.find(
                    target.kind().group(),
                    target.kind().version(),
                    target.kind().kind());
        }
        ServedVersion version = request.resource().version(target.version());
        return version == null ? null : version.schema();
    }

    private static ObjectNode shown(AdmissionRequest request, ObjectNode object, Target target) {
        if (!Target.isOwnKind(request)) {
            return object;
        }
        Resource resource = request.resource();
        ObjectNode shown = target.version().equals(resource.workedOnIn())
                ? shallow(object)
                : resource.conversion().convert(object.deepCopy(), resource.workedOnIn(), target.version());
        return named(
                shown, target.kind().groupVersion().toString(), target.kind().kind());
    }

    private static ObjectNode shallow(ObjectNode object) {
        ObjectNode copy = object.objectNode();
        copy.setAll(object);
        return copy;
    }

    private static ObjectNode named(ObjectNode object, String apiVersion, String kind) {
        // In front, where clients of the API look for them first.
        ObjectNode named = object.objectNode().put("kind", kind).put("apiVersion", apiVersion);
        object.properties().forEach(field -> {
            if (!named.has(field.getKey())) {
                named.set(field.getKey(), field.getValue());
            }
        });
        return named;
    }

    /**
     * Puts what somebody has made of the object into the request, in form and with defaults.
     *
     * @param changed as {@link #object} gave it, and changed; becomes part of the request
     * @throws ApiException InternalError if it is no object of its kind any more
     */
    public static void replace(AdmissionRequest request, ObjectNode changed, Target target) {
        String apiVersion = target.kind().groupVersion().toString();
        if (!ObjectMeta.kind(changed).equals(target.kind().kind())
                || !ObjectMeta.apiVersion(changed).equals(apiVersion)) {
            throw ApiException.internal(
                    "no kind \"" + ObjectMeta.kind(changed) + "\" in version \"" + ObjectMeta.apiVersion(changed)
                            + "\" can take the place of " + target.kind(),
                    null);
        }
        ObjectNode before = request.object();
        if (before != null && request.operation() == Operation.CREATE) {
            giveBack(before.path("metadata"), ObjectMeta.metadata(changed));
        }
        if (!Target.isOwnKind(request)) {
            Schema schema = BuiltInSchemas.find(
                    target.kind().group(),
                    target.kind().version(),
                    target.kind().kind());
            if (schema != null) {
                builtIn(changed, schema);
            }
            request.replace(changed);
            return;
        }
        Resource resource = request.resource();
        ServedVersion version = resource.version(target.version());
        if (version == null) {
            throw ApiException.internal("unable to convert to " + target.kind() + ": unknown kind", null);
        }
        if (resource.custom()) {
            custom(changed, version.schema());
        } else {
            builtIn(changed, version.schema());
        }
        ObjectNode worked = target.version().equals(resource.workedOnIn())
                ? changed
                : resource.conversion().convert(changed, target.version(), resource.workedOnIn());
        ObjectMeta.setApiVersion(worked, resource.workedOnAs().toString());
        ObjectMeta.setKind(worked, resource.kind().kind());
        resource.strategy().applyDefaults(worked);
        request.replace(worked);
    }

    private static void giveBack(JsonNode before, ObjectNode metadata) {
        for (String field : GIVEN) {
            JsonNode value = before.get(field);
            if (value == null) {
                metadata.remove(field);
            } else {
                metadata.set(field, value);
            }
        }
    }

    private static void builtIn(ObjectNode object, Schema schema) {
        requireTypes(object, schema);
        Pruning.prune(object, schema);
        WireForm.apply(object, schema);
        Defaulting.apply(object, schema);
    }

    private static void custom(ObjectNode object, Schema schema) {
        if (object.path("metadata") instanceof ObjectNode metadata) {
            requireTypes(metadata, BuiltInSchemas.objectMeta());
            WireForm.apply(metadata, BuiltInSchemas.objectMeta());
        }
        Pruning.prune(object, schema);
        Defaulting.dropNulls(object, schema);
        Defaulting.apply(object, schema);
    }

    private static void requireTypes(ObjectNode object, Schema schema) {
        String wrong = TypeCheck.check(object, schema);
        if (wrong != null) {
            throw ApiException.internal(wrong, null);
        }
    }
}
