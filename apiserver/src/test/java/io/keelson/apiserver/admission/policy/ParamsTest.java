package io.keelson.apiserver.admission.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.webhook.Api;
import io.keelson.apiserver.admission.webhook.Api.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Parameters of policies: objects of built-in and of custom kinds, on a running server. */
final class ParamsTest {
    private static final String LIMITED = """
              paramKind: {apiVersion: v1, kind: ConfigMap}
              validations:
              - expression: int(object.data.size) <= int(params.data.most)
                messageExpression: "\\"at most \\" + params.data.most + \\" by \\" + params.kind + \\" \\" + params.metadata.name"
            """;

    private static Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = new Cluster();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static void param(String namespace, String name, String most) {
        cluster.api().yaml(Cluster.maps(namespace), """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: %s, labels: {limits: "yes"}}
                data: {most: "%s", size: "0"}
                """.formatted(name, most)).succeeded();
    }

    private static String why(Answer refused) {
        String start = " denied request: ";
        String message = refused.message();
        return message.substring(message.indexOf(start) + start.length());
    }

    @Test
    void aNamedOneOfTheNamespaceOfTheRequest() {
        String namespace = cluster.namespace();
        param(namespace, "limit", "5");
        cluster.policy("Validating", namespace, LIMITED, """
                  validationActions: [Deny]
                  paramRef: {name: limit, parameterNotFoundAction: Deny}
                """);
        assertEquals("at most 5 by ConfigMap limit", why(cluster.refused(namespace, "{size: '6'}")));
        cluster.map(namespace, "{size: '5'}").succeeded();
        cluster.api()
                .merge(Cluster.maps(namespace) + "/limit", "{'data': {'most': '7'}}")
                .succeeded();
        cluster.mapUntil(namespace, "{size: '6'}", answer -> answer.code() == 201);
    }

    @Test
    void allWithALabelInANamespaceThatIsNamed() {
        String namespace = cluster.namespace();
        String params = cluster.namespace();
        param(params, "a", "9");
        param(params, "b", "3");
        cluster.policy("Validating", namespace, LIMITED, """
                  validationActions: [Deny]
                  paramRef: {selector: {matchLabels: {limits: "yes"}}, namespace: %s, parameterNotFoundAction: Deny}
                """.formatted(params));
        assertEquals("at most 3 by ConfigMap b", why(cluster.refused(namespace, "{size: '6'}")));
        cluster.map(namespace, "{size: '3'}").succeeded();
    }

    @Test
    void noneAtAll() {
        String namespace = cluster.namespace();
        cluster.policy("Validating", namespace, LIMITED, """
                  validationActions: [Deny]
                  paramRef: {name: absent, parameterNotFoundAction: Deny}
                """);
        Answer refused = cluster.refused(namespace, "{size: '1'}");
        assertEquals(422, refused.code());
        assertEquals(
                "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
                why(refused));

        String other = cluster.namespace();
        cluster.policy("Validating", other, LIMITED + """
                  - expression: object.data.size != "1"
                """, """
                  validationActions: [Deny]
                  paramRef: {name: absent, parameterNotFoundAction: Allow}
                """);
        cluster.bind("Validating", other + "-without", other, "  validationActions: [Deny]");
        Answer without = cluster.refused(other, "{size: '1'}");
        assertTrue(without.message().contains("with binding '" + other + "-without'"), without.message());
        assertTrue(why(without).startsWith("expression 'int(object.data.size)"), without.message());
    }

    @Test
    void ofAKindThatIsNotServed() {
        String namespace = cluster.namespace();
        cluster.create("Validating", "policies", namespace, """
                  paramKind: {apiVersion: limits.example.com/v1, kind: Absent}
                  matchConstraints:
                    namespaceSelector: {matchLabels: {ns: %s}}
                    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
                  validations: [{expression: "true"}]
                """.formatted(namespace))
                .succeeded();
        cluster.bind("Validating", namespace, namespace, "  validationActions: [Deny]");
        assertEquals(
                "failed to configure policy: failed to find resource referenced by paramKind: 'limits.example.com/v1,"
                        + " Kind=Absent'",
                why(cluster.refused(namespace, "{size: '1'}")));
    }

    @Test
    void ofACustomKind() {
        String namespace = cluster.namespace();
        cluster.api()
                .yaml("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: ceilings.limits.example.com}
                spec:
                  group: limits.example.com
                  scope: Cluster
                  names: {plural: ceilings, singular: ceiling, kind: Ceiling, listKind: CeilingList}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema: {openAPIV3Schema: {type: object, properties: {most: {type: integer}}}}
                  - name: v2
                    served: true
                    storage: false
                    schema: {openAPIV3Schema: {type: object, properties: {most: {type: integer}}}}
                """)
                .succeeded();
        Api.until(
                () -> cluster.api().yaml("/apis/limits.example.com/v1/ceilings", """
                        apiVersion: limits.example.com/v1
                        kind: Ceiling
                        metadata: {name: low}
                        most: 2
                        """), answer -> answer.code() == 201);
        cluster.policy("Validating", namespace, """
                  paramKind: {apiVersion: limits.example.com/v2, kind: Ceiling}
                  validations:
                  - expression: int(object.data.size) <= params.most
                    messageExpression: string(params.most) + params.apiVersion
                """, """
                  validationActions: [Deny]
                  paramRef: {name: low, parameterNotFoundAction: Deny}
                """);
        assertEquals("2limits.example.com/v2", why(cluster.refused(namespace, "{size: '3'}")));
        cluster.map(namespace, "{size: '2'}").succeeded();
    }

    @Test
    void forMutations() {
        String namespace = cluster.namespace();
        param(namespace, "limit", "5");
        cluster.policy("Mutating", namespace, """
                  paramKind: {apiVersion: v1, kind: ConfigMap}
                  reinvocationPolicy: IfNeeded
                  matchConditions: [{name: unset, expression: "!has(object.data.most)"}]
                  mutations:
                  - patchType: ApplyConfiguration
                    applyConfiguration: {expression: "Object{data: {\\"most\\": params.data.most}}"}
                """, """
                  paramRef: {name: limit, parameterNotFoundAction: Deny}
                """);
        Answer made = cluster.mapUntil(
                namespace, "{size: '3'}", answer -> answer.body().path("data").has("most"));
        assertEquals("5", made.succeeded().text("/data/most"));
    }
}
