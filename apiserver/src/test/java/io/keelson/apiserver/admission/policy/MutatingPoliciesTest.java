package io.keelson.apiserver.admission.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.webhook.Api;
import io.keelson.apiserver.admission.webhook.Api.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** MutatingAdmissionPolicies on a running server. */
final class MutatingPoliciesTest {
    private static Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = new Cluster();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static Answer changed(String namespace, String data, String pointer) {
        return cluster.mapUntil(
                namespace,
                data,
                answer -> answer.code() >= 400 || !answer.body().at(pointer).isMissingNode());
    }

    @Test
    void appliesAConfiguration() {
        String namespace = cluster.namespace();
        cluster.policy("Mutating", namespace, """
                  reinvocationPolicy: Never
                  variables:
                  - name: first
                    expression: object.data.a
                  mutations:
                  - patchType: ApplyConfiguration
                    applyConfiguration:
                      expression: >-
                        Object{
                          metadata: Object.metadata{
                            labels: Object.metadata.labels{touched: "yes", ?none: optional.none()},
                            ?annotations: optional.of({"first": variables.first})
                          },
                          data: {"b": variables.first + "!"}
                        }
                """);
        Answer made = changed(namespace, "{a: x}", "/data/b").succeeded();
        assertEquals("x!", made.text("/data/b"));
        assertEquals("x", made.text("/data/a"));
        assertEquals("{\"touched\":\"yes\"}", made.body().at("/metadata/labels").toString());
        assertEquals("x", made.text("/metadata/annotations/first"));
        assertTrue(!made.text("/metadata/uid").isEmpty());
        Answer stored = cluster.api().get(Cluster.maps(namespace) + "/" + made.text("/metadata/name"));
        assertEquals("x!", stored.text("/data/b"));
    }

    @Test
    void mergesListsByTheirKeysAndFillsInDefaults() {
        String namespace = cluster.namespace();
        cluster.create(
                        "Mutating",
                        "policies",
                        namespace,
                        Cluster.constrained("""
                  failurePolicy: Fail
                  reinvocationPolicy: Never
                  matchConditions:
                  - name: none
                    expression: '!object.spec.containers.exists(c, c.name == "side")'
                  mutations:
                  - patchType: ApplyConfiguration
                    applyConfiguration:
                      expression: >-
                        Object{spec: Object.spec{containers: [
                          Object.spec.containers{name: "side", image: "side:1"},
                          Object.spec.containers{name: "main", imagePullPolicy: "Never"}]}}
                """.replace("'!", "\"!").replace("\"side\")'", "\\\"side\\\")\""), "pods"))
                .succeeded();
        cluster.bind("Mutating", namespace, namespace, "");
        Answer made = Api.until(
                () -> cluster.api()
                        .yaml("/api/v1/namespaces/" + namespace + "/pods", """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %s}
                        spec: {containers: [{name: main, image: "main:1"}]}
                        """.formatted(Cluster.freshName())),
                answer -> answer.code() >= 400
                        || answer.body().at("/spec/containers").size() > 1);
        made.succeeded();
        assertEquals("side", made.text("/spec/containers/0/name"));
        assertEquals("IfNotPresent", made.text("/spec/containers/0/imagePullPolicy"));
        assertEquals("main:1", made.text("/spec/containers/1/image"));
        assertEquals("Never", made.text("/spec/containers/1/imagePullPolicy"));
    }

    @Test
    void appliesAJsonPatch() {
        String namespace = cluster.namespace();
        cluster.policy("Mutating", namespace, """
                  reinvocationPolicy: Never
                  mutations:
                  - patchType: JSONPatch
                    jsonPatch:
                      expression: >-
                        [JSONPatch{op: "test", path: "/data/a", value: "other"},
                        JSONPatch{op: "add", path: "/data/never", value: "x"}]
                  - patchType: JSONPatch
                    jsonPatch:
                      expression: >-
                        [JSONPatch{op: "add", path: "/metadata/labels", value: Object.metadata.labels{l: "1"}},
                        JSONPatch{op: "add", path: "/metadata/annotations", value: {"k": "v"}},
                        JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("a/b.c"), value: "w"},
                        JSONPatch{op: "copy", from: "/data/a", path: "/data/b"}]
                        + (has(object.data.c) ? [JSONPatch{op: "remove", path: "/data/c"}] : [])
                """);
        Answer made = changed(namespace, "{a: x, c: z}", "/data/b").succeeded();
        assertEquals("{\"a\":\"x\",\"b\":\"x\"}", made.body().path("data").toString());
        assertEquals("1", made.text("/metadata/labels/l"));
        assertEquals(
                "w",
                made.body().path("metadata").path("annotations").path("a/b.c").asText());
        assertEquals("v", made.text("/metadata/annotations/k"));
    }

    @Test
    void laterPoliciesSeeTheChangesAndEarlierOnesAgainIfTheyWish() {
        String namespace = cluster.namespace();
        String counting = """
                  reinvocationPolicy: %s
                  mutations:
                  - patchType: ApplyConfiguration
                    applyConfiguration:
                      expression: >-
                        Object{data: {"%s": object.data.?%s.orValue("") + string(object.data.size())}}
                """;
        cluster.create(
                        "Mutating",
                        "policies",
                        namespace + "-a",
                        Cluster.constrained(counting.formatted("IfNeeded", "first", "first"), "configmaps"))
                .succeeded();
        cluster.create(
                        "Mutating",
                        "policies",
                        namespace + "-b",
                        Cluster.constrained(counting.formatted("Never", "second", "second"), "configmaps"))
                .succeeded();
        for (String policy : new String[] {namespace + "-b", namespace + "-a"}) {
            cluster.create("Mutating", "policybindings", policy, """
                      policyName: %s
                      matchResources:
                        namespaceSelector: {matchLabels: {ns: %s}}
                    """.formatted(policy, namespace))
                    .succeeded();
        }
        Answer made = cluster.mapUntil(
                namespace,
                "{a: x}",
                answer -> answer.code() >= 400
                        || (answer.body().path("data").has("first")
                                && answer.body().path("data").has("second")));
        assertEquals("13", made.succeeded().text("/data/first"));
        assertEquals("2", made.text("/data/second"));
    }

    @Test
    void refusesWhatDoesNotFit() {
        refused(
                "Object{data: Object.metadata{a: \"b\"}}",
                "type mismatch: unexpected type name \"Object.metadata\", expected \"Object.data\", which matches field"
                        + " name path from root Object type");
        refused(
                "Object{unheard: \"b\"}",
                "error applying patch: failed to convert patch object to typed object: .unheard: field not declared in"
                        + " schema");
        refused(
                "Object{data: {\"a\": object.data.absent}}",
                "expression 'Object{data: {\"a\": object.data.absent}}' resulted in error: no such key: absent");
        refused(
                "Object{metadata: Object.metadata{ownerReferences: [Object.metadata.ownerReferences{uid: \"u\"}],"
                        + " managedFields: [Object.metadata.managedFields{manager: \"m\"}]}}",
                "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs:"
                        + " .metadata.ownerReferences[0], .metadata.managedFields");
    }

    private static void refused(String expression, String why) {
        String namespace = cluster.namespace();
        cluster.policy("Mutating", namespace, """
                  reinvocationPolicy: Never
                  mutations:
                  - patchType: ApplyConfiguration
                    applyConfiguration:
                      expression: >-
                        %s
                """.formatted(expression));
        Answer answer = cluster.refused(namespace, "{a: b}");
        assertEquals(403, answer.code());
        assertEquals("Invalid", answer.text("/reason"));
        assertEquals(
                "policy '" + namespace + "' with binding '" + namespace + "' denied request: " + why, answer.message());
        assertEquals(answer.message(), answer.text("/details/causes/0/message"));
    }
}
