package io.keelson.apiserver.admission.policy;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.admission.NoKinds;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which requests policies and their bindings are for, and what they leave in the audit log; without a server. */
final class MatchingTest {
    private static final String MAP = "metadata: {name: m, namespace: default, labels: {l: a}}\ndata: {a: b}\n";

    private static TestObjects cluster(String policy, String binding) {
        return new TestObjects()
                .with("namespaces", "metadata: {name: default, labels: {team: red}}")
                .with("validatingadmissionpolicies.admissionregistration.k8s.io", """
                        metadata: {name: p, uid: u1, resourceVersion: "1"}
                        spec:
                          failurePolicy: Fail
                        """ + policy.indent(2))
                .with("validatingadmissionpolicybindings.admissionregistration.k8s.io", """
                        metadata: {name: b, uid: u2, resourceVersion: "2"}
                        spec:
                          policyName: p
                        """ + binding.indent(2));
    }

    private static String matching(String rules) {
        return """
                matchConstraints:
                  namespaceSelector: {}
                  objectSelector: {}
                """ + rules.indent(2) + """
                validations: [{expression: "false", message: nope}]
                """;
    }

    private static boolean refuses(String policy, String binding, TestWrite write) throws InterruptedException {
        ValidatingAdmissionPolicy plugin =
                new ValidatingAdmissionPolicy(cluster(policy, binding), NoKinds.AT_ALL, Authorizer.ALWAYS_DENY);
        try {
            plugin.validate(write.request());
            return false;
        } catch (ApiException e) {
            assertEquals(
                    "configmaps \"m\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: nope",
                    e.message());
            return true;
        }
    }

    private static boolean refuses(String rules) throws InterruptedException {
        return refuses(matching(rules), "validationActions: [Deny]", TestWrite.create("configmaps", MAP));
    }

    private static String rule(String more) {
        return "[{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]" + more + "}]";
    }

    @Test
    void rulesSayWhatIsMeantAndWhatIsNot() throws InterruptedException {
        assertEquals(true, refuses("resourceRules: " + rule("")));
        assertEquals(false, refuses("resourceRules: " + rule("").replace("CREATE", "UPDATE")));
        assertEquals(false, refuses("resourceRules: " + rule("").replace("[v1]", "[v2]")));
        assertEquals(false, refuses("resourceRules: " + rule(", scope: Cluster")));
        assertEquals(true, refuses("resourceRules: " + rule(", scope: Namespaced, resourceNames: [m]")));
        assertEquals(false, refuses("resourceRules: " + rule(", resourceNames: [other]")));
        assertEquals(
                false,
                refuses("resourceRules: " + rule("") + "\nexcludeResourceRules: " + rule(", resourceNames: [m]")));
    }

    @Test
    void bindingsNarrowThemDown() throws InterruptedException {
        String policy = matching("resourceRules: " + rule(""));
        for (String fits : List.of(
                "namespaceSelector: {matchLabels: {team: red}}, objectSelector: {}",
                "namespaceSelector: {}, objectSelector: {matchLabels: {l: a}}",
                "namespaceSelector: {}, objectSelector: {}, resourceRules: " + rule(""))) {
            assertEquals(true, refuses(policy, narrowed(fits), TestWrite.create("configmaps", MAP)), fits);
        }
        for (String unfit : List.of(
                "namespaceSelector: {matchLabels: {team: blue}}, objectSelector: {}",
                "namespaceSelector: {}, objectSelector: {matchLabels: {l: b}}",
                "namespaceSelector: {}, objectSelector: {}, resourceRules: " + rule("").replace("configmaps", "pods"),
                "namespaceSelector: {}, objectSelector: {}, excludeResourceRules: " + rule(""))) {
            assertEquals(false, refuses(policy, narrowed(unfit), TestWrite.create("configmaps", MAP)), unfit);
        }
    }

    private static String narrowed(String match) {
        return "validationActions: [Deny]\nmatchResources: {" + match + "}\n";
    }

    @Test
    void conditionsThatFailCountOnlyIfAllOthersHold() throws InterruptedException {
        String policy = matching("resourceRules: " + rule(""));
        String failing = "matchConditions: [{name: a, expression: 'object.absent == 1'}";
        TestWrite write = TestWrite.create("configmaps", MAP);
        assertEquals(
                false,
                refuses(
                        policy + failing + ", {name: b, expression: 'object.data.a == \"c\"'}]\n",
                        "validationActions: [Deny]",
                        write));
        ValidatingAdmissionPolicy plugin = new ValidatingAdmissionPolicy(
                cluster(policy + failing + "]\n", "validationActions: [Deny]"), NoKinds.AT_ALL, Authorizer.ALWAYS_DENY);
        assertEquals(
                "configmaps \"m\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: expression"
                        + " 'object.absent == 1' resulted in error: no such key: absent",
                assertThrows(ApiException.class, () -> plugin.validate(write.request()))
                        .message());
        ValidatingAdmissionPolicy lenient = new ValidatingAdmissionPolicy(
                cluster(policy.replace("validations", "failurePolicy: Ignore\nvalidations") + failing + "]\n", "validationActions: [Deny]")
                        ,
                NoKinds.AT_ALL,
                Authorizer.ALWAYS_DENY);
        assertDoesNotThrow(() -> lenient.validate(write.request()));
    }

    @Test
    void failuresAndAnnotationsGoToTheAuditLog() throws InterruptedException {
        String policy = matching("resourceRules: " + rule("")) + """
                auditAnnotations:
                - {key: name, valueExpression: "object.metadata.name + ' by ' + request.userInfo.username"}
                - {key: none, valueExpression: "null"}
                - {key: blank, valueExpression: "'  '"}
                """;
        TestWrite write = TestWrite.create("configmaps", MAP);
        assertEquals(false, refuses(policy, "validationActions: [Audit]", write));
        assertEquals(
                "{validation.policy.admission.k8s.io/validation_failure=[{\"message\":\"nope\",\"policy\":\"p\",\"binding\":\"b\","
                        + "\"expressionIndex\":0,\"validationActions\":[\"Audit\"]}], p/name=m by system:apiserver}",
                write.request().auditAnnotations().toString());
    }

    @Test
    void aPolicyIsCompiledAgainOnlyWhenItHasChanged() throws InterruptedException {
        TestObjects objects = cluster(matching("resourceRules: " + rule("")), "validationActions: [Deny]");
        int[] compiled = new int[1];
        PolicySource<String> source = new PolicySource<>(
                objects, "validatingadmissionpolicies", "validatingadmissionpolicybindings", policy -> {
                    compiled[0]++;
                    return policy.path("metadata").path("resourceVersion").asText();
                });
        assertEquals("1", source.active().getFirst().policy());
        objects.with("validatingadmissionpolicybindings.admissionregistration.k8s.io", """
                metadata: {name: c, uid: u3, resourceVersion: "3"}
                spec: {policyName: p}
                """);
        assertEquals(2, source.active().getFirst().bindings().size());
        assertEquals(1, compiled[0]);
        objects.with("validatingadmissionpolicies.admissionregistration.k8s.io", """
                metadata: {name: p, uid: u1, resourceVersion: "4"}
                spec: {}
                """);
        assertEquals("4", source.active().getFirst().policy());
        assertEquals(2, compiled[0]);
    }
}
