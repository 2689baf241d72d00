package io.keelson.apiserver.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rules for metadata that all kinds share: names, labels, annotations, owners, finalizers and managed fields of a new
 * object, and what of it may change afterwards.
 */
public final class MetadataValidation {
    private static final Set<String> STANDARD_FINALIZERS = Set.of("kubernetes", "orphan", "foregroundDeletion");
    private static final int MANAGER_CHARS_MAX = 128;
    private static final int SUBRESOURCE_BYTES_MAX = 256;
    private static final List<String> NEVER_CHANGING =
            List.of("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds");

    private MetadataValidation() {}

    /**
     * Looks over the metadata of an object whose name was generated already, if it was to be.
     *
     * @param namespaced whether objects of the kind live in namespaces
     * @param nameRule what is wrong with a name, {@link Names#dnsSubdomain} for most kinds
     */
    public static void validate(
            ObjectNode object, boolean namespaced, Function<String, List<String>> nameRule, FieldErrors errors) {
        validate(object, namespaced, nameRule, true, errors);
    }

    /**
     * As the other, of kinds whose finalizers need not be qualified, too.
     *
     * @param qualified whether a finalizer that is not known has to have a slash in it
     */
    public static void validate(
            ObjectNode object,
            boolean namespaced,
            Function<String, List<String>> nameRule,
            boolean qualified,
            FieldErrors errors) {
        Place metadata = Place.of(object, errors).at("metadata");
        Place prefix = metadata.at("generateName");
        if (prefix.filled()) {
            for (String wrong : nameRule.apply(withoutDashAtEnd(prefix.text()))) {
                prefix.invalid(wrong);
            }
        }
        if (metadata.at("name").empty()) {
            metadata.at("name").required("name or generateName is required");
        } else {
            metadata.at("name").check(nameRule);
        }
        if (namespaced) {
            metadata.at("namespace").requireAndCheck(Names::dnsLabel);
        } else if (metadata.at("namespace").filled()) {
            metadata.at("namespace").forbidden("not allowed on this type");
        }
        metadata.at("generation").notNegative();
        parts(metadata, qualified);
    }

    /** Looks over a change of an object's metadata; the new object carries the resource version it replaces. */
    public static void validateUpdate(ObjectNode object, ObjectNode old, FieldErrors errors) {
        validateUpdate(object, old, true, errors);
    }

    /**
     * As the other, of kinds whose finalizers need not be qualified, too.
     *
     * @param qualified whether a finalizer that is not known has to have a slash in it
     */
    public static void validateUpdate(ObjectNode object, ObjectNode old, boolean qualified, FieldErrors errors) {
        Place metadata = Place.of(object, errors).at("metadata");
        JsonNode before = old.path("metadata");
        if (metadata.at("resourceVersion").empty()) {
            metadata.at("resourceVersion").invalid("", "must be specified for an update");
        }
        if (metadata.at("generation").number() < before.path("generation").asLong()) {
            metadata.at("generation").invalid("must not be decremented");
        }
        for (String field : NEVER_CHANGING) {
            metadata.at(field).mustEqual(before.path(field));
        }
        if (metadata.at("deletionTimestamp").present()) {
            noNewFinalizers(metadata.at("finalizers"), before.path("finalizers"));
        }
        parts(metadata, qualified);
    }

    private static void parts(Place metadata, boolean qualified) {
        LabelValidation.labels(metadata.at("labels"));
        LabelValidation.annotations(metadata.at("annotations"));
        owners(metadata.at("ownerReferences"));
        finalizers(metadata.at("finalizers"), qualified);
        managedFields(metadata.at("managedFields"));
    }

    private static void owners(Place owners) {
        String controller = "";
        for (Place owner : owners.items()) {
            String version = owner.at("apiVersion").text();
            int slash = version.indexOf('/');
            if (slash != version.lastIndexOf('/') || slash == version.length() - 1) {
                owner.at("apiVersion").invalid("version must not be empty");
            }
            for (String field : List.of("kind", "name", "uid")) {
                if (owner.at(field).empty()) {
                    owner.at(field).invalid(field + " must not be empty");
                }
            }
            if (version.equals("v1") && owner.at("kind").is("Event")) {
                owners.invalid(owner.value(), "/v1, Kind=Event is disallowed from being an owner");
            }
            if (owner.at("controller").flag()) {
                String name = owner.at("kind").text() + "/" + owner.at("name").text();
                if (controller.isEmpty()) {
                    controller = name;
                } else {
                    owners.invalid(
                            "Only one reference can have Controller set to true. Found \"true\" in references for "
                                    + controller + " and " + name);
                }
            }
        }
    }

    private static void finalizers(Place finalizers, boolean qualified) {
        for (Place finalizer : finalizers.items()) {
            for (String wrong : Names.qualifiedName(finalizer.text())) {
                finalizers.invalid(finalizer.text(), wrong);
            }
            if (qualified && !isQualifiedFinalizer(finalizer.text())) {
                finalizer.invalid("name is neither a standard finalizer name nor is it fully qualified");
            }
        }
        if (finalizers.textItems().containsAll(List.of("orphan", "foregroundDeletion"))) {
            finalizers.invalid("finalizer orphan and foregroundDeletion cannot be both set");
        }
    }

    /** Whether a finalizer is one of those that Kubernetes knows, or has a domain and a path. */
    public static boolean isQualifiedFinalizer(String finalizer) {
        return finalizer.indexOf('/') >= 0 || STANDARD_FINALIZERS.contains(finalizer);
    }

    private static void noNewFinalizers(Place finalizers, JsonNode before) {
        List<String> added = new ArrayList<>(finalizers.textItems());
        before.forEach(finalizer -> added.remove(finalizer.asText()));
        if (!added.isEmpty()) {
            finalizers.forbidden("no new finalizers can be added if the object is being deleted, found new finalizers "
                    + added.stream()
                            .sorted()
                            .map(FieldErrors::quoted)
                            .collect(Collectors.joining(", ", "[]string{", "}")));
        }
    }

    private static void managedFields(Place managers) {
        for (Place manager : managers.items()) {
            Place operation = manager.at("operation");
            if (!operation.is("Apply") && !operation.is("Update")) {
                operation.invalid("must be `Apply` or `Update`");
            }
            Place type = manager.at("fieldsType");
            if (type.filled() && !type.is("FieldsV1")) {
                type.invalid("must be `FieldsV1`");
            }
            manager(manager.at("manager"));
            if (manager.at("subresource").text().length() > SUBRESOURCE_BYTES_MAX) {
                manager.at("subresource").tooLong(SUBRESOURCE_BYTES_MAX);
            }
        }
    }

    private static void manager(Place manager) {
        String name = manager.text();
        if (name.length() > MANAGER_CHARS_MAX) {
            manager.tooLong(MANAGER_CHARS_MAX);
        }
        if (name.codePoints().anyMatch(Character::isISOControl)) {
            manager.invalid("should only contain printable characters");
        }
    }

    /** A prefix may end with a dash, because something is put behind it. */
    private static String withoutDashAtEnd(String prefix) {
        return prefix.length() > 1 && prefix.endsWith("-") ? prefix.substring(0, prefix.length() - 2) + "a" : prefix;
    }
}
