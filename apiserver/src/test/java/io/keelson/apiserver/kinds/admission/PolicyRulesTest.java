package io.keelson.apiserver.kinds.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is wrong with policies and their bindings. */
final class PolicyRulesTest {
    private static final String MATCH = """
              matchConstraints:
                resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
            """;

    private static List<String> wrong(Strategy strategy, String spec) {
        ObjectNode object = Yaml.parseObject(
                ("metadata: {name: p.example.com}\nspec:\n" + spec).getBytes(StandardCharsets.UTF_8),
                new ArrayList<>());
        strategy.applyDefaults(object);
        FieldErrors errors = new FieldErrors();
        strategy.validate(object, errors);
        return errors.list().stream().map(Object::toString).toList();
    }

    private static List<String> validating(String spec) {
        return wrong(new AdmissionPolicyStrategy(false), MATCH + spec);
    }

    private static List<String> mutating(String spec) {
        return wrong(new AdmissionPolicyStrategy(true), MATCH + "  reinvocationPolicy: Never\n" + spec);
    }

    private static void one(String expected, List<String> wrong) {
        assertEquals(List.of(expected), wrong);
    }

    @Test
    void aPolicyThatUsesEverythingIsFine() {
        assertEquals(List.of(), validating("""
                  paramKind: {apiVersion: v1, kind: ConfigMap}
                  matchConditions: [{name: a, expression: "request.userInfo.username != params.metadata.name"}]
                  variables:
                  - {name: names, expression: "object.spec.containers.map(c, c.name)"}
                  - {name: first, expression: "string(variables.names[0])"}
                  validations:
                  - expression: variables.first.startsWith("a") && authorizer.requestResource.check("get").allowed()
                    messageExpression: variables.first + request.namespace + namespaceObject.metadata.name
                    reason: Forbidden
                  auditAnnotations: [{key: k, valueExpression: "variables.first == 'a' ? variables.first : string(1)"}]
                """));
    }

    @Test
    void expressionsMustCompile() {
        assertTrue(validating("""
                  validations: [{expression: "object."}]
                """).getFirst().contains("compilation failed: ERROR: <input>:1:8: "));
        one(
                "spec.validations[0].expression: Invalid value: \"object.a\": must evaluate to bool but got dyn",
                validating("""
                  validations: [{expression: object.a}]
                """));
        one(
                "spec.validations[0].messageExpression: Invalid value: \"1\": must evaluate to string but got int",
                validating("""
                  validations: [{expression: "true", messageExpression: "1"}]
                """));
        one(
                "spec.auditAnnotations[0].valueExpression: Invalid value: \"true\": must evaluate to one of [string null_type] but"
                        + " got bool",
                validating("""
                          auditAnnotations: [{key: a, valueExpression: "true"}]
                        """));
        assertTrue(validating("""
                  validations: [{expression: variables.absent}]
                """).getFirst().contains("undeclared reference to 'variables'"));
        List<String> undefined = validating("""
                  variables: [{name: a, expression: variables.b}, {name: b, expression: "1"}]
                  validations: [{expression: variables.c == variables.b}]
                """);
        assertTrue(
                undefined
                        .get(0)
                        .startsWith("spec.variables[0].expression: Invalid value: \"variables.b\": compilation"
                                + " failed: ERROR: <input>:1:10: undefined field 'b'"),
                undefined.get(0));
        assertTrue(undefined.get(1).contains("undefined field 'c'"), undefined.get(1));
        assertTrue(validating("""
                  validations: [{expression: params.a == 1}]
                """).getFirst().contains("undeclared reference to 'params'"));
        assertTrue(validating("""
                  validations: [{expression: "true", messageExpression: authorizer.path("/").check("get").reason()}]
                """).getFirst().contains("undeclared reference to 'authorizer'"));
        assertTrue(validating("""
                  validations: [{expression: request.nope == ""}]
                """).getFirst().contains("undefined field 'nope'"));
    }

    @Test
    void fieldsMustBeRight() {
        one(
                "spec.paramKind.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c",
                validating("""
                  paramKind: {apiVersion: a/b/c, kind: X}
                  validations: [{expression: "true"}]
                """));
        one("spec.variables[0].name: Invalid value: \"a-b\": name is not a valid CEL identifier", validating("""
                  variables: [{name: a-b, expression: "1"}]
                  validations: [{expression: "true"}]
                """));
        one(
                "spec.variables[0].name: Invalid value: \"namespace\": name is not a valid CEL identifier",
                validating("""
                  variables: [{name: namespace, expression: "1"}]
                  validations: [{expression: "true"}]
                """));
        one(
                "spec.validations[0].reason: Unsupported value: \"Gone\": supported values: \"Forbidden\", \"Invalid\","
                        + " \"RequestEntityTooLarge\", \"Unauthorized\"",
                validating("""
                          validations: [{expression: "true", reason: Gone}]
                        """));
        one(
                "spec.auditAnnotations[0].key: Invalid value: \"p.example.com/a b\": name part must consist of alphanumeric"
                        + " characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',"
                        + "  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                validating("""
                          auditAnnotations: [{key: a b, valueExpression: '"x"'}]
                        """));
    }

    @Test
    void mutationsMustMakeWhatTheyAreFor() {
        assertEquals(List.of(), mutating("""
                  mutations:
                  - {patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{spec: Object.spec{a: [1]}}"}}
                  - {patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{op: 'add', path: '/a', value: 1}]"}}
                """));
        one(
                "spec.mutations[0].applyConfiguration.expression: Invalid value: \"Object.spec{}\": must evaluate to Object but got"
                        + " Object.spec",
                mutating("""
                          mutations:
                          - {patchType: ApplyConfiguration, applyConfiguration: {expression: "Object.spec{}"}}
                        """));
        one(
                "spec.mutations[0].jsonPatch.expression: Invalid value: \"[1]\": must evaluate to list(JSONPatch) but got"
                        + " list(int)",
                mutating("""
                          mutations:
                          - {patchType: JSONPatch, jsonPatch: {expression: "[1]"}}
                        """));
        assertTrue(mutating("""
                  mutations:
                  - {patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{op: 1, path: '/a'}]"}}
                """)
                .getFirst()
                .contains("expected type of field 'op' is 'string' but provided type is 'int'"));
        assertTrue(mutating("""
                  mutations:
                  - {patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{nope: 1}]"}}
                """).getFirst().contains("undefined field 'nope'"));
        assertEquals(
                List.of(
                        "spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch",
                        "spec.mutations[0].applyConfiguration: Invalid value: \"{applyConfiguration}\": must not be specified"
                                + " when patchType is JSONPatch"),
                mutating("""
                          mutations:
                          - {patchType: JSONPatch, applyConfiguration: {expression: "Object{}"}}
                        """));
        one(
                "spec.matchConstraints.resourceRules.operations: Unsupported value: \"DELETE\": supported values: \"*\","
                        + " \"CONNECT\", \"CREATE\", \"UPDATE\"",
                wrong(new AdmissionPolicyStrategy(true), MATCH.replace("CREATE", "DELETE") + """
                          reinvocationPolicy: Never
                          mutations:
                          - {patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{}"}}
                        """));
    }

    @Test
    void bindingsNameParametersOneWay() {
        assertEquals(
                List.of(
                        "spec.paramRef.name: Forbidden: name and selector are mutually exclusive",
                        "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive",
                        "spec.paramRef.parameterNotFoundAction: Required value",
                        "spec.validationActions: Required value: at least one validation action is required"),
                wrong(new AdmissionPolicyBindingStrategy(false), """
                          policyName: a
                          paramRef: {name: x, selector: {}}
                        """));
    }

    @Test
    void aPolicyMayHaveManyVariables() {
        StringBuilder spec =
                new StringBuilder("  validations: [{expression: variables.v1999 == 2000}]\n  variables:\n");
        spec.append("  - {name: v0, expression: \"1\"}\n");
        for (int i = 1; i < 2_000; i++) {
            spec.append("  - {name: v")
                    .append(i)
                    .append(", expression: variables.v")
                    .append(i - 1)
                    .append(" + 1}\n");
        }
        assertEquals(List.of(), validating(spec.toString()));
    }

    @Test
    void aPolicyFullOfErrorsIsNotReadToItsEnd() {
        StringBuilder spec = new StringBuilder("  validations:\n");
        for (int i = 0; i < 5_000; i++) {
            spec.append("  - {expression: \"a.b.c.d\"}\n");
        }
        assertEquals(FieldErrors.ERRORS_MAX, validating(spec.toString()).size());
    }
}
