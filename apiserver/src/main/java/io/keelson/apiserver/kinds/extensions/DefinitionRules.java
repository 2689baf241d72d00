package io.keelson.apiserver.kinds.extensions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.schema.StructuralSchema;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What is wrong with a definition of a custom kind by itself. */
final class DefinitionRules {
    private static final String APPROVED = "api-approved.kubernetes.io";
    private static final String OPEN = "preserveUnknownFields";
    private static final int WARNING_BYTES_MAX = 256;

    private DefinitionRules() {}

    /** A new definition. */
    static void validate(Place definition) {
        approval(definition);
        mustBeClosed(definition.at("spec", OPEN));
        validate(definition, Set.of(), false);
        ConversionRules.validate(definition.at("spec", "conversion"), MissingNode.getInstance());
    }

    /**
     * A definition that is changed. Two things that were wrong before may stay so, because there was a time when nobody
     * asked for them: the approval of the community, and that fields are dropped that the schema does not have.
     */
    static void validateChanged(Place definition, JsonNode old) {
        FieldErrors unapproved = new FieldErrors();
        approval(Place.of(definition.value(), unapproved));
        FieldErrors before = new FieldErrors();
        approval(Place.of(old, before));
        boolean same = before.list().stream()
                .map(FieldError::type)
                .toList()
                .equals(unapproved.list().stream().map(FieldError::type).toList());
        if (!same) {
            definition.errors().addAll(unapproved);
        }
        Place open = definition.at("spec", OPEN);
        boolean wasOpen = old.path("spec").path(OPEN).asBoolean();
        if (!wasOpen) {
            mustBeClosed(open);
        }
        Set<JsonNode> unchanged = new HashSet<>();
        for (JsonNode version : old.path("spec").path("versions")) {
            unchanged.add(version.path("schema").path("openAPIV3Schema"));
        }
        validate(definition, unchanged, wasOpen && open.flag());
        ConversionRules.validate(
                definition.at("spec", "conversion"), old.path("spec").path("conversion"));
    }

    private static void mustBeClosed(Place open) {
        if (open.flag()) {
            open.invalid("cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
                    + " spec.versions[*].schema instead");
        }
    }

    /**
     * @param unchanged schemas whose rules were checked before, and stay as they are
     * @param open whether it is of the time when schemas could be left out, and be anything
     */
    private static void validate(Place definition, Set<JsonNode> unchanged, boolean open) {
        Place spec = definition.at("spec");
        String group = spec.at("group").text();
        Place name = definition.at("metadata", "name");
        if (!name.is(spec.at("names", "plural").text() + "." + group)) {
            name.invalid("must be spec.names.plural+\".\"+spec.group");
        }
        group(spec.at("group"));
        spec.at("scope").oneOf("Cluster", "Namespaced");
        versions(spec.at("versions"), unchanged, open);
        for (String required : List.of("plural", "singular", "kind", "listKind")) {
            spec.at("names", required).mustBeFilled();
        }
        names(spec.at("names"));
    }

    /** Groups of the community may be defined by others only with its approval, which the definition refers to. */
    private static void approval(Place definition) {
        String group = definition.at("spec", "group").text();
        Place annotations = definition.at("metadata", "annotations");
        boolean community = group.equals("k8s.io")
                || group.equals("kubernetes.io")
                || group.endsWith(".k8s.io")
                || group.endsWith(".kubernetes.io");
        if (!community) {
            return;
        }
        Place approved = annotations
                .as(annotations.path().key(APPROVED))
                .with(annotations.value().get(APPROVED));
        String text = approved.text();
        if (text.isEmpty()) {
            approved.required("protected groups must have approval annotation \"" + APPROVED
                    + "\", see https://github.com/kubernetes/enhancements/pull/1111");
        } else if (!text.startsWith("https://") && !text.startsWith("http://") && !text.startsWith("unapproved")) {
            approved.invalid("protected groups must have approval annotation \"" + APPROVED
                    + "\" with either a URL or a reason starting with \"unapproved\", see "
                    + "https://github.com/kubernetes/enhancements/pull/1111");
        }
    }

    private static void group(Place group) {
        if (group.empty()) {
            group.required("");
            return;
        }
        List<String> wrong = Names.dnsSubdomain(group.text());
        if (!wrong.isEmpty()) {
            group.invalid(String.join(",", wrong));
        } else if (group.text().indexOf('.') < 0) {
            group.invalid("should be a domain with at least one dot");
        }
    }

    private static void versions(Place versions, Set<JsonNode> unchanged, boolean open) {
        Set<String> names = new HashSet<>();
        boolean unique = true;
        int stored = 0;
        for (Place version : versions.items()) {
            unique &= names.add(version.at("name").text());
            stored += version.at("storage").flag() ? 1 : 0;
            version(version, unchanged, open);
        }
        if (!unique) {
            versions.invalid("must contain unique version names");
        }
        if (stored != 1) {
            versions.invalid("must have exactly one version marked as storage version");
        }
    }

    private static void version(Place version, Set<JsonNode> unchanged, boolean open) {
        label(version.at("name"), version.at("name").text(), "");
        deprecation(version.at("deprecationWarning"), version.at("deprecated").flag());
        Place schema = version.at("schema", "openAPIV3Schema");
        if (schema.absent()) {
            if (!open) {
                schema.required("schemas are required");
            }
        } else if (!open || !unchanged.contains(schema.value())) {
            FieldErrors found = new FieldErrors();
            StructuralSchema.validate(schema.value(), schema.path(), found);
            schema.errors().addAll(found);
            if (found.isEmpty() && !unchanged.contains(schema.value())) {
                ExpressionRules.validate(schema.value(), schema.path(), schema.errors());
            }
        }
        for (Place column : version.at("additionalPrinterColumns").items()) {
            PartRules.column(column);
        }
        PartRules.scale(version.at("subresources", "scale"));
        PartRules.selectableFields(version.at("selectableFields"), schema.value());
    }

    private static void deprecation(Place warning, boolean deprecated) {
        if (warning.absent()) {
            return;
        }
        if (!deprecated) {
            warning.invalid("can only be set for deprecated versions");
            return;
        }
        String text = warning.text();
        if (text.getBytes(StandardCharsets.UTF_8).length > WARNING_BYTES_MAX) {
            warning.invalid("must be <= " + WARNING_BYTES_MAX + " characters long");
        }
        if (text.isEmpty()) {
            warning.invalid("must not be an empty string");
        }
        int bytes = 0;
        for (int character : text.codePoints().toArray()) {
            if (!GoText.isPrinted(character)) {
                warning.invalid("must only contain printable UTF-8 characters; non-printable character found at index "
                        + bytes);
                break;
            }
            bytes += Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
        }
    }

    /** Names that were given or accepted; those that are left out are complained about elsewhere. */
    static void names(Place names) {
        for (String name : List.of("plural", "singular")) {
            if (names.at(name).filled()) {
                label(names.at(name), names.at(name).text(), "");
            }
        }
        for (String kind : List.of("kind", "listKind")) {
            if (names.at(kind).filled()) {
                label(
                        names.at(kind),
                        names.at(kind).text().toLowerCase(Locale.ROOT),
                        "may have mixed case, but should otherwise match: ");
            }
        }
        for (Place shortName : names.at("shortNames").items()) {
            label(shortName, shortName.text(), "");
        }
        if (names.at("kind").filled()
                && names.at("listKind").is(names.at("kind").text())) {
            names.at("listKind").invalid("kind and listKind may not be the same");
        }
        for (Place category : names.at("categories").items()) {
            label(category, category.text(), "");
        }
    }

    private static void label(Place place, String text, String before) {
        List<String> wrong = Names.dnsLabel1035(text);
        if (!wrong.isEmpty()) {
            place.invalid(before + String.join(",", wrong));
        }
    }
}
