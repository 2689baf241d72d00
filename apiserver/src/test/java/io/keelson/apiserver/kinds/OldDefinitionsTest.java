package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Definitions of custom kinds that were stored when less was asked of them. */
class OldDefinitionsTest {
    private static final Kind DEFINITIONS = Kind.of("customresourcedefinitions.apiextensions.k8s.io");
    private static final String APPROVAL = "api-approved.kubernetes.io";

    /** @param more fields of the specification, with a comma behind */
    private static String definition(String annotations, String group, String more, String version) {
        return "{metadata: {name: boats." + group + ", annotations: {" + annotations + "}}, spec: {" + more + " group: "
                + group + ", scope: Namespaced, names: {plural: boats, kind: Boat}, versions: [{name: v1, served: true,"
                + " storage: true" + version + "}]}}";
    }

    private static final String SCHEMA = ", schema: {openAPIV3Schema: {type: object}}";
    private static final String OPEN = "preserveUnknownFields: true,";

    @Test
    void nobodyMakesOneThatKeepsUnknownFields() {
        String error = "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set"
                + " x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
        String open = definition("", "example.com", OPEN, SCHEMA);
        assertEquals(List.of(error), DEFINITIONS.errorsOf(open));
        assertEquals(List.of(error), DEFINITIONS.errorsOfChange(definition("", "example.com", "", SCHEMA), open));
    }

    @Test
    void oneThatKeepsThemCanBeChanged() {
        String untyped = ", schema: {openAPIV3Schema: {properties: {spec: {properties: {oars: {}}}}}}";
        for (String schema : List.of("", untyped, SCHEMA)) {
            String before = definition("", "example.com", OPEN, schema);
            assertEquals(
                    List.of(), DEFINITIONS.errorsOfChange(before, definition("a: b", "example.com", OPEN, schema)));
        }
        assertEquals(
                List.of("spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"),
                DEFINITIONS.errorsOfChange(
                        definition("", "example.com", OPEN, ""), definition("", "example.com", "", "")));
    }

    @Test
    void oneThatWasNeverApprovedCanBeChanged() {
        String group = "boats.k8s.io";
        String before = definition("", group, "", SCHEMA);
        assertEquals(List.of(), DEFINITIONS.errorsOfChange(before, definition("a: b", group, "", SCHEMA)));
        String approved = definition(APPROVAL + ": 'https://example.com/1'", group, "", SCHEMA);
        assertEquals(List.of(), DEFINITIONS.errorsOfChange(before, approved));
        assertEquals(
                1,
                DEFINITIONS
                        .errorsOfChange(approved, definition(APPROVAL + ": x", group, "", SCHEMA))
                        .size());
    }

    @Test
    void oneWhoseConversionsNobodyKnowsCanBeChanged() {
        String before = definition("", "example.com", converted("[v0]"), SCHEMA);
        String error = "spec.conversion.conversionReviewVersions: Invalid value: [\"v0\"]: must include at least one of"
                + " v1, v1beta1";
        assertEquals(List.of(error), DEFINITIONS.errorsOf(before));
        assertEquals(
                List.of(),
                DEFINITIONS.errorsOfChange(before, definition("a: b", "example.com", converted("[v0]"), SCHEMA)));
        assertEquals(
                List.of(error),
                DEFINITIONS.errorsOfChange(definition("", "example.com", converted("[v0, v1]"), SCHEMA), before));
    }

    private static String converted(String reviews) {
        return "conversion: {strategy: Webhook, webhook: {clientConfig: {url: 'https://example.com'},"
                + " conversionReviewVersions: " + reviews + "}},";
    }
}
