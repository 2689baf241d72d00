package io.keelson.apiserver.kinds.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The match conditions of webhooks and of policies, for which the same holds. */
class MatchConditionsTest {
    private static final String WRONG = "[{name: a, expression: nope == 1}]";

    enum Of {
        VALIDATING_WEBHOOK("webhooks[0]"),
        MUTATING_WEBHOOK("webhooks[0]"),
        VALIDATING_POLICY("spec"),
        MUTATING_POLICY("spec");

        private final String path;

        Of(String path) {
            this.path = path;
        }

        private Strategy strategy() {
            return switch (this) {
                case VALIDATING_WEBHOOK -> new WebhookConfigurationStrategy(false);
                case MUTATING_WEBHOOK -> new WebhookConfigurationStrategy(true);
                case VALIDATING_POLICY -> new AdmissionPolicyStrategy(false);
                case MUTATING_POLICY -> new AdmissionPolicyStrategy(true);
            };
        }

        private String place() {
            return path + ".matchConditions";
        }

        /** @param more fields, which change nothing about the conditions */
        private ObjectNode object(String conditions, String more) {
            String head = switch (this) {
                case VALIDATING_WEBHOOK, MUTATING_WEBHOOK ->
                    "webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1],"
                            + " clientConfig: {url: 'https://example.com/'}";
                case VALIDATING_POLICY -> policy() + "validations: [{expression: 'true'}]";
                case MUTATING_POLICY ->
                    policy() + "reinvocationPolicy: Never, mutations: [{patchType: ApplyConfiguration,"
                            + " applyConfiguration: {expression: 'Object{}'}}]";
            };
            String end = head.startsWith("webhooks") ? "}]" : "}";
            ObjectNode object = Yaml.parseObject(
                    ("metadata: {name: p.example.com}\n" + head + ", matchConditions: " + conditions + more + end)
                            .getBytes(StandardCharsets.UTF_8),
                    new ArrayList<>());
            strategy().applyDefaults(object);
            return object;
        }

        private static String policy() {
            return "spec: {matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE],"
                    + " resources: [pods]}]}, ";
        }

        private List<String> wrong(String conditions) {
            FieldErrors errors = new FieldErrors();
            strategy().validate(object(conditions, ""), errors);
            return texts(errors);
        }

        private List<String> wrongWithChange(ObjectNode old, ObjectNode object) {
            FieldErrors errors = new FieldErrors();
            strategy().validateChanged(object, old, errors);
            return texts(errors);
        }

        private static List<String> texts(FieldErrors errors) {
            return errors.list().stream().map(Object::toString).toList();
        }
    }

    private static String many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{name: n" + i + ", expression: 'true'}")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    @ParameterizedTest
    @EnumSource
    void eachHasANameOfItsOwnAndAnExpression(Of of) {
        String at = of.place();
        List<String> wrong = of.wrong("[{name: '', expression: ' '}, {name: 'a b', expression: 'true'},"
                + " {name: x/c, expression: 'true'}, {name: x/c, expression: ' 1 '}]");
        assertEquals(5, wrong.size(), wrong::toString);
        assertEquals(at + "[0].expression: Required value", wrong.get(0));
        assertEquals(at + "[0].name: Required value", wrong.get(1));
        assertTrue(
                wrong.get(2).startsWith(at + "[1].name: Invalid value: \"a b\": name part must consist of"),
                wrong.get(2));
        assertEquals(at + "[3].expression: Invalid value: \"1\": must evaluate to bool but got int", wrong.get(3));
        assertEquals(at + "[3].name: Duplicate value: \"x/c\"", wrong.get(4));
    }

    @ParameterizedTest
    @EnumSource
    void thereAreAtMost64(Of of) {
        assertEquals(List.of(), of.wrong(many(64)));
        assertEquals(List.of(of.place() + ": Too many: 65: must have at most 64 items"), of.wrong(many(65)));
    }

    @ParameterizedTest
    @EnumSource
    void thoseThatAreAsTheyWereAreLeftAlone(Of of) {
        ObjectNode old = of.object(WRONG, "");
        assertEquals(List.of(), of.wrongWithChange(old, of.object(WRONG, ", failurePolicy: Ignore")));
        List<String> wrong = of.wrongWithChange(old, of.object(WRONG.replace("name: a", "name: b"), ""));
        assertEquals(1, wrong.size(), wrong::toString);
        assertTrue(wrong.getFirst().startsWith(of.place() + "[0].expression: Invalid value: "), wrong.getFirst());
        assertEquals(List.of(), of.wrongWithChange(old, of.object("[]", "")));
    }

    @ParameterizedTest
    @EnumSource(names = {"VALIDATING_POLICY", "MUTATING_POLICY"})
    void parametersOfAnotherKindMakeThemNew(Of of) {
        List<String> wrong = of.wrongWithChange(
                of.object(WRONG, ""), of.object(WRONG, ", paramKind: {apiVersion: v1, kind: ConfigMap}"));
        assertEquals(1, wrong.size(), wrong::toString);
    }

    @ParameterizedTest
    @EnumSource(names = {"VALIDATING_WEBHOOK", "MUTATING_WEBHOOK"})
    void anotherNumberOfWebhooksMakesThemNew(Of of) {
        ObjectNode more = of.object(WRONG, "");
        JsonNode copy = more.path("webhooks").get(0).deepCopy();
        more.withArray("webhooks").add(copy);
        List<String> wrong = of.wrongWithChange(of.object(WRONG, ""), more);
        assertTrue(wrong.getFirst().startsWith(of.place() + "[0].expression: Invalid value: "), wrong::toString);
    }
}
