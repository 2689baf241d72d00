package io.keelson.apiserver.admission.policy;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.NoKinds;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.kvstore.metrics.Metrics;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which requests policies and their bindings are for, and what they leave in the audit log; without a server. */
final class MatchingTest {
    private static final String MAP = "metadata: {name: m, namespace: default, labels: {l: a}}\ndata: {a: b}\n";

    /** Knows no kinds. */
    private static final KindLookup NO_KINDS = new NoKinds();

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

    private static ValidatingAdmissionPolicy plugin(TestObjects cluster) {
        return new ValidatingAdmissionPolicy(
                cluster, NO_KINDS, Authorizer.ALWAYS_DENY, new ValidatingPolicyMetrics(new Metrics()));
    }

    private static boolean refuses(String policy, String binding, TestWrite write) throws InterruptedException {
        ValidatingAdmissionPolicy plugin = plugin(cluster(policy, binding));
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
        ValidatingAdmissionPolicy plugin = plugin(cluster(policy + failing + "]\n", "validationActions: [Deny]"));
        assertEquals(
                "configmaps \"m\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: expression"
                        + " 'object.absent == 1' resulted in error: no such key: absent",
                assertThrows(ApiException.class, () -> plugin.validate(write.request()))
                        .message());
        ValidatingAdmissionPolicy lenient = plugin(cluster(
                policy.replace("validations", "failurePolicy: Ignore\nvalidations") + failing + "]\n",
                "validationActions: [Deny]"));
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

    private static List<String> checks(String validations, String binding) throws InterruptedException {
        Metrics metrics = new Metrics();
        String policy =
                matching("resourceRules: " + rule("")).replace("[{expression: \"false\", message: nope}]", validations);
        ValidatingAdmissionPolicy plugin = new ValidatingAdmissionPolicy(
                cluster(policy, binding), NO_KINDS, Authorizer.ALWAYS_DENY, new ValidatingPolicyMetrics(metrics));
        try {
            plugin.validate(TestWrite.create("configmaps", MAP).request());
        } catch (ApiException e) {
            assertEquals(422, e.code());
        }
        String name = "apiserver_validating_admission_policy_check_";
        String timed = name + "duration_seconds_count";
        List<String> counts = metrics.text()
                .lines()
                .filter(line -> line.startsWith(name + "total{"))
                .map(line -> line.substring(name.length() + "total".length()))
                .toList();
        assertEquals(
                counts,
                metrics.text()
                        .lines()
                        .filter(line -> line.startsWith(timed))
                        .map(line -> line.substring(timed.length()))
                        .toList(),
                "each is timed");
        return counts.stream()
                .map(line -> line.replace("policy=\"p\",policy_binding=\"b\"", "p"))
                .toList();
    }

    @Test
    void whatComesOfValidationsIsCounted() throws InterruptedException {
        String fine = "[{expression: 'true'}]";
        String broken = "[{expression: 'object.absent == 1'}, {expression: 'false'}, {expression: 'false'}]";
        assertEquals(List.of(), checks(fine, "validationActions: [Deny]"));
        assertEquals(
                List.of(
                        "{enforcement_action=\"deny\",error_type=\"invalid_error\",p} 1",
                        "{enforcement_action=\"deny\",error_type=\"no_error\",p} 2"),
                checks(broken, "validationActions: [Deny]"));
        assertEquals(
                List.of(
                        "{enforcement_action=\"audit\",error_type=\"invalid_error\",p} 1",
                        "{enforcement_action=\"audit\",error_type=\"no_error\",p} 2",
                        "{enforcement_action=\"warn\",error_type=\"invalid_error\",p} 1",
                        "{enforcement_action=\"warn\",error_type=\"no_error\",p} 2"),
                checks(broken, "validationActions: [Warn, Audit]"));
        assertEquals(
                List.of("{enforcement_action=\"deny\",error_type=\"compile_error\",p} 1"),
                checks("[{expression: 'nothing.like(it'}]", "validationActions: [Deny]"));
        assertEquals(
                List.of(
                        "{enforcement_action=\"allow\",error_type=\"invalid_error\",p} 1",
                        "{enforcement_action=\"deny\",error_type=\"no_error\",p} 2"),
                checks(broken + "\nfailurePolicy: Ignore", "validationActions: [Deny]"));
        assertEquals(
                List.of("{enforcement_action=\"deny\",error_type=\"invalid_error\",p} 1"),
                checks(
                        fine + "\nauditAnnotations: [{key: k, valueExpression: \"object.absent + 'x'\"}]",
                        "validationActions: [Deny]"));
    }
}
