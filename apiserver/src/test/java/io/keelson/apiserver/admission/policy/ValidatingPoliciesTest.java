package io.keelson.apiserver.admission.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.webhook.Api;
import io.keelson.apiserver.admission.webhook.Api.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** ValidatingAdmissionPolicies on a running server. */
final class ValidatingPoliciesTest {
    private static Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = new Cluster();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static String denied(String namespace, String why) {
        return "ValidatingAdmissionPolicy '" + namespace + "' with binding '" + namespace + "' denied request: " + why;
    }

    @Test
    void refusesInTheWordsOfTheApi() {
        String namespace = cluster.namespace();
        cluster.policy("Validating", namespace, """
                  validations:
                  - expression: object.data.size() < 2
                  - expression: object.data.?a.orValue("") != "no"
                    message: not this
                    reason: Forbidden
                  - expression: object.data.?a.orValue("") != "big"
                    messageExpression: "\\"too big: \\" + object.data.a"
                    message: not used
                    reason: RequestEntityTooLarge
                """);
        Answer plain = cluster.refused(namespace, "{x: '1', y: '2'}");
        assertEquals(422, plain.code());
        assertEquals("Invalid", plain.text("/reason"));
        String why = denied(namespace, "failed expression: object.data.size() < 2");
        assertTrue(plain.message().startsWith("configmaps \"n"), plain.message());
        assertTrue(plain.message().endsWith("\" is forbidden: " + why), plain.message());
        assertEquals(why, plain.text("/details/causes/0/message"));
        Answer forbidden = cluster.map(namespace, "{a: 'no'}");
        assertEquals(403, forbidden.code());
        assertEquals("Forbidden", forbidden.text("/reason"));
        assertTrue(forbidden.message().endsWith(denied(namespace, "not this")), forbidden.message());
        Answer large = cluster.map(namespace, "{a: big}");
        assertEquals(413, large.code());
        assertEquals("RequestEntityTooLarge", large.text("/reason"));
        assertTrue(large.message().endsWith(denied(namespace, "too big: big")), large.message());
        cluster.map(namespace, "{a: fine}").succeeded();
    }

    @Test
    void seesRequestNamespaceOldObjectRightsAndVariables() {
        String namespace = cluster.namespace();
        cluster.policy("Validating", namespace, """
                  variables:
                  - name: what
                    expression: object.data.what
                  - name: long
                    expression: variables.what + variables.what
                  validations:
                  - expression: variables.what != "request" || (request.operation == "CREATE" && request.kind.kind == "Secret")
                  - expression: variables.what != "namespace" || namespaceObject.metadata.labels.ns != request.namespace
                  - expression: variables.what != "user" || !("system:masters" in request.userInfo.groups)
                  - expression: variables.what != "rights" || !authorizer.group("").resource("pods").namespace("x").check("get").allowed()
                  - expression: variables.what != "requested" || !authorizer.requestResource.check("create").allowed()
                  - expression: variables.what != "composed" || variables.long != "composedcomposed"
                  - expression: variables.what != "has" || !has(variables.long)
                  - expression: oldObject == null || oldObject.data.what == object.data.what
                """);
        for (String what : new String[] {"request", "namespace", "user", "rights", "requested", "composed", "has"}) {
            Answer refused = cluster.refused(namespace, "{what: " + what + "}");
            assertTrue(refused.message().contains("variables.what != \"" + what + "\""), refused.message());
        }
        String name = cluster.map(namespace, "{what: other}").succeeded().text("/metadata/name");
        Answer changed = cluster.api().merge(Cluster.maps(namespace) + "/" + name, "{'data': {'what': 'another'}}");
        assertEquals(422, changed.code());
        assertTrue(changed.message().contains("oldObject == null"), changed.message());
    }

    @Test
    void warnsInsteadOfRefusing() {
        String namespace = cluster.namespace();
        cluster.policy("Validating", namespace, """
                  validations:
                  - expression: object.data.a == "fine"
                    message: mind the gap
                """, "  validationActions: [Warn, Audit]");
        Answer warned = cluster.mapUntil(
                namespace, "{a: b}", answer -> !answer.warnings().isEmpty());
        assertEquals(201, warned.code());
        assertEquals(
                "299 - \"Validation failed for ValidatingAdmissionPolicy '" + namespace + "' with binding '" + namespace
                        + "': mind the gap\"",
                warned.warnings().getFirst());
    }

    @Test
    void failuresRefuseUnlessTheyMayBeIgnored() {
        String namespace = cluster.namespace();
        cluster.policy("Validating", namespace, """
                  validations:
                  - expression: object.data.absent == "x"
                """);
        Answer refused = cluster.refused(namespace, "{a: b}");
        assertEquals(422, refused.code());
        assertTrue(
                refused.message()
                        .endsWith(denied(
                                namespace,
                                "expression 'object.data.absent == \"x\"' resulted in error: no such key: absent")),
                refused.message());

        String other = cluster.namespace();
        cluster.policy("Validating", other, """
                  failurePolicy: Ignore
                  validations:
                  - expression: object.data.absent == "x"
                  - expression: object.data.a != "no"
                """);
        Answer denied = cluster.refused(other, "{a: \"no\"}");
        assertTrue(denied.message().contains("object.data.a"), denied.message());
        cluster.map(other, "{a: b}").succeeded();
    }

    @Test
    void worksOfHostileExpressionsAreStopped() {
        String namespace = cluster.namespace();
        cluster.policy("Validating", namespace, """
                  variables:
                  - name: numbers
                    expression: "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]"
                  validations:
                  - expression: >-
                      variables.numbers.all(a, variables.numbers.all(b, variables.numbers.all(c,
                      variables.numbers.all(d, variables.numbers.all(e, variables.numbers.all(f, a + b + c + d + e + f > 0))))))
                """);
        long before = System.nanoTime();
        Answer refused = cluster.refused(namespace, "{a: b}");
        assertTrue(refused.message().contains("actual cost limit exceeded"), refused.message());
        assertTrue(System.nanoTime() - before < 30_000_000_000L);
    }

    @Test
    void isNotAskedAboutPoliciesThemselves() {
        String namespace = cluster.namespace();
        cluster.create("Validating", "policies", namespace, """
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"], resourceNames: [%s]}
                  validations:
                  - expression: "false"
                """.formatted(namespace))
                .succeeded();
        cluster.create("Validating", "policybindings", namespace, """
                  policyName: %s
                  validationActions: [Deny]
                """.formatted(namespace))
                .succeeded();
        Answer refused = Api.until(
                () -> cluster.api().merge("/api/v1/namespaces/" + namespace, "{'metadata': {'labels': {'a': 'b'}}}"),
                answer -> answer.code() == 422);
        assertTrue(refused.message().contains("failed expression: false"), refused.message());
        cluster.api()
                .delete("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/" + namespace)
                .succeeded();
    }
}
