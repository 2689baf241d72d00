package io.keelson.apiserver.kinds.extensions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.schema.StructuralSchema;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Definitions of custom kinds. Whether their names are free, and whether they are established, is found out later. */
public final class CustomResourceDefinitionStrategy extends SpecAndStatus {
    /** Keeps a definition until all objects of its kind are gone. */
    public static final String CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

    private static final String IMMUTABLE = "field is immutable";

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode definition) {
        ObjectNode spec = Fill.object(definition, "spec");
        ObjectNode names = Fill.object(spec, "names");
        String kind = names.path("kind").asText("");
        if (!kind.isEmpty()) {
            if (names.path("singular").asText("").isEmpty()) {
                names.put("singular", kind.toLowerCase(Locale.ROOT));
            }
            if (names.path("listKind").asText("").isEmpty()) {
                names.put("listKind", kind + "List");
            }
        }
        ObjectNode conversion = Fill.object(spec, "conversion");
        Fill.text(conversion, "strategy", "None");
        if (conversion.path("webhook").path("clientConfig").path("service") instanceof ObjectNode service) {
            Fill.number(service, "port", 443);
        }
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode definition) {
        super.prepareForCreate(context, definition);
        rememberStoredVersion(definition);
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode definition, ObjectNode old) {
        super.prepareForUpdate(context, definition, old);
        rememberStoredVersion(definition);
    }

    /** From now on there may be objects in the version that is stored, until somebody has rewritten them. */
    private static void rememberStoredVersion(ObjectNode definition) {
        for (JsonNode version : definition.path("spec").path("versions")) {
            if (version.path("storage").asBoolean()) {
                ObjectNode status = Fill.object(definition, "status");
                ArrayNode stored = status.path("storedVersions") instanceof ArrayNode known
                        ? known.deepCopy()
                        : status.arrayNode();
                if (!Place.of(stored, new FieldErrors())
                        .textItems()
                        .contains(version.path("name").asText(""))) {
                    stored.add(version.path("name").asText(""));
                }
                status.set("storedVersions", stored);
                return;
            }
        }
    }

    /** Before the definition goes, so do all objects of its kind. */
    @Override
    public void prepareForDeletion(ObjectNode definition, ObjectNode old) {
        List<String> finalizers = new ArrayList<>(ObjectMeta.finalizers(definition));
        if (!finalizers.contains(CLEANUP_FINALIZER)) {
            finalizers.add(CLEANUP_FINALIZER);
            ObjectMeta.setFinalizers(definition, finalizers);
        }
        DefinitionConditions.set(
                definition,
                DefinitionConditions.TERMINATING,
                true,
                "InstanceDeletionPending",
                "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
                ObjectMeta.deletionTimestamp(definition));
    }

    @Override
    public void validate(ObjectNode definition, FieldErrors errors) {
        DefinitionRules.validate(Place.of(definition, errors));
    }

    /** Rules are compiled once, when they are new: that a definition is changed otherwise must not fail on them. */
    @Override
    public void validateChanged(ObjectNode definition, ObjectNode old, FieldErrors errors) {
        DefinitionRules.validateChanged(Place.of(definition, errors), old);
        validateUpdate(definition, old, errors);
    }

    @Override
    public void validateUpdate(ObjectNode definition, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(definition, errors).at("spec");
        JsonNode before = old.path("spec");
        if (DefinitionConditions.isTrue(old, DefinitionConditions.ESTABLISHED)) {
            // What is stored already depends on these.
            immutable(spec.at("scope"), before.path("scope"));
            immutable(spec.at("names", "kind"), before.path("names").path("kind"));
            // Nobody is asked by a definition that is not in force yet: its authorities may still be to come.
            ConversionRules.authorities(spec.at("conversion"), before.path("conversion"));
        }
        immutable(spec.at("group"), before.path("group"));
        immutable(spec.at("names", "plural"), before.path("names").path("plural"));
        storedVersions(Place.of(definition, errors));
    }

    private static void immutable(Place place, JsonNode old) {
        if (!place.text().equals(old.asText(""))) {
            place.invalid(IMMUTABLE);
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode definition, ObjectNode old, FieldErrors errors) {
        DefinitionRules.names(Place.of(definition, errors).at("status", "acceptedNames"));
    }

    /** A format that nobody knows is told of when it comes, and not again with every change of something else. */
    @Override
    public void warn(ObjectNode definition, @Nullable ObjectNode old, List<String> warnings) {
        Set<String> known = old == null ? Set.of() : new HashSet<>(unrecognizedFormats(old));
        for (String format : unrecognizedFormats(definition)) {
            if (!known.contains(format)) {
                warnings.add("unrecognized format " + GoText.quoted(format));
            }
        }
    }

    private static List<String> unrecognizedFormats(ObjectNode definition) {
        List<String> formats = new ArrayList<>();
        for (JsonNode version : definition.path("spec").path("versions")) {
            formats.addAll(
                    StructuralSchema.unrecognizedFormats(version.path("schema").path("openAPIV3Schema")));
        }
        return formats;
    }

    private static void storedVersions(Place definition) {
        Place stored = definition.at("status", "storedVersions");
        List<String> names = stored.textItems();
        if (names.isEmpty()) {
            stored.invalid("must have at least one stored version");
            return;
        }
        Set<String> known = new HashSet<>();
        for (Place version : definition.at("spec", "versions").items()) {
            String name = version.at("name").text();
            known.add(name);
            if (version.at("storage").flag() && !names.contains(name)) {
                stored.invalid("must have the storage version " + name);
            }
        }
        for (Place version : stored.items()) {
            String name = version.text();
            if (!known.contains(name)) {
                version.invalid("missing from spec.versions; " + name
                        + " was previously a storage version, and must remain in spec.versions until a storage"
                        + " migration ensures no data remains persisted in " + name + " and removes " + name
                        + " from status.storedVersions");
            }
        }
    }
}
