package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.flow.DefaultFlows;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowsTest {
    private static final Kind SCHEMAS = Kind.of("flowschemas.flowcontrol.apiserver.k8s.io");
    private static final Kind LEVELS = Kind.of("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io");

    private static final String EXEMPT_LEVEL =
            "{metadata: {name: exempt}, spec: {type: Exempt, exempt: {nominalConcurrencyShares: 0, lendablePercent: 0}}}";
    private static final String CATCH_ALL_LEVEL = "{metadata: {name: catch-all}, spec: {type: Limited, limited:"
            + " {nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: {type: Reject}}}}";
    private static final String EXEMPT_SCHEMA = "{metadata: {name: exempt}, spec: {matchingPrecedence: 1,"
            + " priorityLevelConfiguration: {name: exempt}, rules: [{subjects: [{kind: Group, group:"
            + " {name: 'system:masters'}}], resourceRules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*'],"
            + " namespaces: ['*'], clusterScope: true}], nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]}]}}";

    private static final String LEVEL = "{metadata: {name: a}, spec: {type: Limited, limited:"
            + " {nominalConcurrencyShares: 5, limitResponse: {type: Reject}}}}";

    private static void only(String error, List<String> errors) {
        assertEquals(List.of(error), errors);
    }

    private static void refusedAsFixed(String what, List<String> errors) {
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().startsWith("spec: Invalid value: {"), errors::toString);
        assertTrue(errors.getFirst().endsWith(": " + what + " must equal the fixed value"), errors::toString);
    }

    @Test
    void thoseThatEveryClusterHasAreFine() {
        DefaultFlows.all().forEach(part -> {
            part.path("levels").forEach(level -> assertEquals(List.of(), LEVELS.errorsOf(object(level))));
            part.path("schemas").forEach(schema -> assertEquals(List.of(), SCHEMAS.errorsOf(object(schema))));
        });
        assertEquals(List.of(), LEVELS.errorsOf(EXEMPT_LEVEL));
        assertEquals(List.of(), LEVELS.errorsOf(CATCH_ALL_LEVEL));
        assertEquals(List.of(), SCHEMAS.errorsOf(EXEMPT_SCHEMA));
    }

    private static String object(JsonNode line) {
        ObjectNode object = Kind.read("metadata: {name: " + line.path("name").asText() + "}");
        object.set("spec", line.path("spec"));
        return object.toString();
    }

    @Test
    void theMandatoryOnesStayAsTheyAre() {
        refusedAsFixed("spec of 'exempt'", SCHEMAS.errorsOf(EXEMPT_SCHEMA.replace("system:masters", "everybody")));
        refusedAsFixed(
                "spec of 'catch-all'",
                SCHEMAS.errorsOf(EXEMPT_SCHEMA
                        .replace("name: exempt}, spec", "name: catch-all}, spec")
                        .replace("matchingPrecedence: 1,", "matchingPrecedence: 10000,")));
        refusedAsFixed(
                "spec of 'catch-all'",
                LEVELS.errorsOfChange(
                        CATCH_ALL_LEVEL, CATCH_ALL_LEVEL.replace("ConcurrencyShares: 5", "ConcurrencyShares: 6")));
        assertEquals(
                List.of(),
                LEVELS.errorsOfChange(
                        EXEMPT_LEVEL,
                        EXEMPT_LEVEL.replace("Shares: 0", "Shares: 10").replace("Percent: 0", "Percent: 50")),
                "how much of what is exempt is lent is for the cluster to say");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Shares: 0 | Shares: -1 | spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer",
                "Percent: 0 | Percent: 101 | spec.exempt.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive",
            })
    void whatIsExemptLendsOnlyWhatItHas(String from, String to, String error) {
        only(error, LEVELS.errorsOf(EXEMPT_LEVEL.replace(from, to)));
    }

    @Test
    void whatIsLimitedBorrowsNothingNegative() {
        assertEquals(List.of(), LEVELS.errorsOf(LEVEL));
        assertEquals(List.of(), LEVELS.errorsOf(LEVEL.replace("Shares: 5", "Shares: 5, borrowingLimitPercent: 0")));
        only(
                "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer",
                LEVELS.errorsOf(LEVEL.replace("Shares: 5", "Shares: 5, borrowingLimitPercent: -1")));
    }

    private static String schema(String subjects, String rules) {
        return "{metadata: {name: a}, spec: {priorityLevelConfiguration: {name: b}, rules: [{subjects: [" + subjects
                + "], " + rules + "}]}}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resourceRules: [{verbs: [fly], apiGroups: [''], resources: [pods], namespaces: ['*']}] | resourceRules[0].verbs: Unsupported value: [\"fly\"]: supported values: \"create\", \"delete\", \"deletecollection\", \"get\", \"list\", \"patch\", \"proxy\", \"update\", \"watch\"",
                "resourceRules: [{verbs: ['*', get], apiGroups: [''], resources: [pods], namespaces: ['*']}] | resourceRules[0].verbs: Invalid value: [\"*\",\"get\"]: if '*' is present, must not specify other verbs",
                "resourceRules: [{verbs: [get], resources: [pods], namespaces: ['*']}] | resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group",
                "resourceRules: [{verbs: [get], apiGroups: [''], resources: [pods], namespaces: [A]}] | resourceRules[0].namespaces[0]: Invalid value: \"A\": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "nonResourceRules: [{verbs: [get], nonResourceURLs: [healthz]}] | nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"healthz\": must start with slash",
                "nonResourceRules: [{verbs: [get], nonResourceURLs: ['/a b']}] | nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"/a b\": must not contain white-space",
                "nonResourceRules: [{verbs: [get], nonResourceURLs: [/a//b]}] | nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"/a//b\": must not contain double slash",
                "nonResourceRules: [{verbs: [get], nonResourceURLs: ['/a*']}] | nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"/a*\": wildcard can only do suffix matching",
                "nonResourceRules: [{verbs: [get], nonResourceURLs: ['*', /a]}] | nonResourceRules[0].nonResourceURLs: Invalid value: [\"*\",\"/a\"]: if '*' is present, must not specify other non-resource URLs",
            })
    void saysWhatIsWrongWithRules(String rules, String error) {
        only("spec.rules[0]." + error, SCHEMAS.errorsOf(schema("{kind: Group, group: {name: a}}", rules)));
    }

    @Test
    void rulesThatMakeSenseAreFine() {
        assertEquals(
                List.of(),
                SCHEMAS.errorsOf(schema(
                        "{kind: ServiceAccount, serviceAccount: {name: '*', namespace: shop}}",
                        "resourceRules: [{verbs: [get, list], apiGroups: [''], resources: [pods], clusterScope: true}],"
                                + " nonResourceRules: [{verbs: ['*'], nonResourceURLs: [/, /healthz, '/apis/*']}]")));
        only(
                "spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service"
                        + " account",
                SCHEMAS.errorsOf(schema(
                        "{kind: ServiceAccount, serviceAccount: {name: a}}",
                        "nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]")));
    }
}
