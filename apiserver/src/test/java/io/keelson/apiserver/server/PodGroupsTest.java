package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Groups of pods and workloads, on a server that serves them; and what another makes of them. */
final class PodGroupsTest {
    private static final String GROUPS = "/apis/scheduling.k8s.io/v1alpha2/namespaces/default/podgroups";
    private static final String WORKLOADS = "/apis/scheduling.k8s.io/v1alpha2/namespaces/default/workloads";
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final String GANG = "schedulingPolicy\":{\"gang\":{\"minCount\":2}}";

    private static FlaggedServer asked;
    private static Caller admin;
    private static FlaggedServer usual;
    private static Caller usualAdmin;

    @BeforeAll
    static void start(@TempDir Path folder, @TempDir Path other) throws Exception {
        asked = FlaggedServer.start(
                folder,
                "--feature-gates=GenericWorkload=true",
                "--disable-admission-plugins=ServiceAccount",
                "--runtime-config=scheduling.k8s.io/v1alpha2=true");
        admin = asked.admin();
        usual = FlaggedServer.start(
                other,
                "--disable-admission-plugins=ServiceAccount",
                "--runtime-config=scheduling.k8s.io/v1alpha2=true");
        usualAdmin = usual.admin();
    }

    @AfterAll
    static void stop() {
        asked.close();
        usual.close();
    }

    private static JsonNode group(String name, String spec) throws Exception {
        return admin.post(GROUPS, "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":{" + spec + "}}")
                .succeeded()
                .body();
    }

    private static String pod(String name) {
        return """
                {"metadata":{"name":"%s"},"spec":{"schedulingGroup":{"podGroupName":"workers"},
                 "containers":[{"name":"c","image":"i"}]}}""".formatted(name);
    }

    @Test
    void theyAreServedWhereTheirFeatureIsOn() throws Exception {
        assertEquals(200, admin.get(GROUPS).code());
        assertEquals(200, admin.get(WORKLOADS).code());
        assertEquals(404, usualAdmin.get(GROUPS).code());
        assertEquals(404, usualAdmin.get(WORKLOADS).code());
        assertEquals(
                "v1",
                admin.get("/apis/scheduling.k8s.io")
                        .succeeded()
                        .body()
                        .at("/preferredVersion/version")
                        .asText());
        String role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:kube-scheduler";
        Deadline.await(() -> admin.get(role).text().contains("podgroups/status"));
        assertFalse(usualAdmin.get(role).text().contains("podgroups"));
    }

    @Test
    void aPodKeepsItsGroupWhereTheFeatureIsOn() throws Exception {
        JsonNode made = admin.post(PODS, pod("kept")).succeeded().body();
        assertEquals("workers", made.at("/spec/schedulingGroup/podGroupName").asText());
        String moved = made.toString().replace("\"workers\"", "\"others\"");
        assertEquals(422, admin.call("PUT", PODS + "/kept", moved).code(), "it is in that group for good");
        JsonNode without = usualAdmin.post(PODS, pod("kept")).succeeded().body();
        assertTrue(without.at("/spec/schedulingGroup").isMissingNode(), without::toString);
        assertEquals(
                422,
                admin.post(PODS, pod("unnamed").replace("\"podGroupName\":\"workers\"", ""))
                        .code());
        assertEquals(
                422,
                admin.post(PODS, pod("odd").replace("workers", "Not_A_Name")).code());
    }

    @Test
    void aGroupHasAPolicyAndKeepsIt() throws Exception {
        JsonNode made = group(
                "policy",
                "\"priority\":7,\"priorityClassName\":\"high\",\"disruptionMode\":\"PodGroup\",\"resourceClaims\":"
                        + "[{\"name\":\"c\",\"resourceClaimName\":\"c\"}],\"schedulingConstraints\":{\"topology\":"
                        + "[{\"key\":\"zone\"}]},\"" + GANG);
        JsonNode spec = made.path("spec");
        assertEquals("Pod", spec.path("disruptionMode").asText());
        assertEquals(2, spec.at("/schedulingPolicy/gang/minCount").asInt());
        for (String other : List.of("priority", "priorityClassName", "resourceClaims", "schedulingConstraints")) {
            assertFalse(spec.has(other), other + " belongs to another feature");
        }
        String changed = made.toString().replace("\"minCount\":2", "\"minCount\":3");
        Caller.Answer refused = admin.call("PUT", GROUPS + "/policy", changed);
        assertEquals(422, refused.code());
        assertTrue(refused.text().contains("spec.schedulingPolicy: Invalid value"), refused::text);
        assertTrue(refused.text().contains("field is immutable"), refused::text);
        String labelled =
                made.toString().replace("\"name\":\"policy\"", "\"name\":\"policy\",\"labels\":{\"a\":\"b\"}");
        admin.call("PUT", GROUPS + "/policy", labelled).succeeded();
    }

    @Test
    void itStaysUntilSomebodySaysThatNoPodNeedsIt() throws Exception {
        JsonNode made = group("kept", '"' + GANG);
        assertEquals(
                "scheduling.k8s.io/podgroup-protection",
                made.at("/metadata/finalizers/0").asText());
        assertEquals(1, made.at("/metadata/finalizers").size());
        String role =
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:controller:podgroup-protection-controller";
        Deadline.await(() -> admin.get(role).text().contains("\"update\""));
        assertEquals(404, usualAdmin.get(role).code());
    }

    @Test
    void itsStatusIsWrittenByItself() throws Exception {
        JsonNode made = group("status", '"' + GANG);
        String written = made.toString()
                .replace(
                        "\"status\":{}",
                        "\"status\":{\"conditions\":[{\"type\":\"PodGroupScheduled\",\"status\":\"True\",\"reason\":"
                                + "\"Scheduled\",\"message\":\"\",\"lastTransitionTime\":\"2026-05-01T12:00:00Z\"}]}")
                .replace("\"minCount\":2", "\"minCount\":9");
        JsonNode now = admin.call("PUT", GROUPS + "/status/status", written)
                .succeeded()
                .body();
        assertEquals("True", now.at("/status/conditions/0/status").asText());
        assertEquals(2, now.at("/spec/schedulingPolicy/gang/minCount").asInt());
        String wrong = now.toString().replace("\"reason\":\"Scheduled\"", "\"reason\":\"\"");
        assertEquals(422, admin.call("PUT", GROUPS + "/status/status", wrong).code());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                       | spec.schedulingPolicy: Invalid value: \\\"\\\": must specify one of:",
                "{\"basic\":{},\"gang\":{\"minCount\":1}} | exactly one of `basic`, `gang` is required, but multiple",
                "{\"gang\":{}}                            | spec.schedulingPolicy.gang.minCount: Required value",
                "{\"gang\":{\"minCount\":0}}              | spec.schedulingPolicy.gang.minCount: Required value",
                "{\"gang\":{\"minCount\":-1}}             | must be greater than or equal to 1",
            })
    void aPolicyThatIsNoneIsRefused(String policy, String why) throws Exception {
        Caller.Answer refused = admin.post(
                GROUPS, "{\"metadata\":{\"name\":\"wrong\"},\"spec\":{\"schedulingPolicy\":" + policy + "}}");
        assertEquals(422, refused.code(), refused::text);
        assertTrue(refused.text().contains(why), refused::text);
    }

    @Test
    void aGroupIsMadeByATemplateThatThereIs() throws Exception {
        String templates = """
                {"metadata":{"name":"training"},"spec":{"controllerRef":{"apiGroup":"batch","kind":"Job","name":"j"},
                 "podGroupTemplates":[{"name":"workers","priority":3,"schedulingPolicy":{"gang":{"minCount":4}}},
                 {"name":"drivers","schedulingPolicy":{"basic":{}}}]}}""";
        JsonNode made = admin.post(WORKLOADS, templates).succeeded().body();
        assertTrue(made.findValue("priority") == null, made::toString);
        assertEquals(
                422,
                admin.call("PUT", WORKLOADS + "/training", made.toString().replace("\"minCount\":4", "\"minCount\":5"))
                        .code());
        String reference =
                "\"podGroupTemplateRef\":{\"workload\":{\"workloadName\":\"%s\",\"podGroupTemplateName\":\"%s\"}},";
        group("made", reference.formatted("training", "workers") + '"' + GANG);
        String spec = "{\"metadata\":{\"name\":\"x\"},\"spec\":{" + reference + '"' + GANG + "}}";
        Caller.Answer absent = admin.post(GROUPS, spec.formatted("none", "workers"));
        assertEquals(403, absent.code());
        assertTrue(absent.text().contains("PodGroup rejected: Workload \\\"none\\\" not found"), absent::text);
        Caller.Answer other = admin.post(GROUPS, spec.formatted("training", "others"));
        assertTrue(
                other.text()
                        .contains("PodGroup rejected: PodGroupTemplate \\\"others\\\" not found in Workload"
                                + " \\\"training\\\""),
                other::text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]                                                      | spec.podGroupTemplates: Required value",
                "[{\"name\":\"\",\"schedulingPolicy\":{\"basic\":{}}}]   | spec.podGroupTemplates[0].name: Required value",
                "[{\"name\":\"A.b\",\"schedulingPolicy\":{\"basic\":{}}}] | spec.podGroupTemplates[0].name: Invalid value",
                "[{\"name\":\"a\",\"schedulingPolicy\":{}}]              | spec.podGroupTemplates[0].schedulingPolicy: Invalid",
            })
    void aWorkloadThatMakesNoSenseIsRefused(String templates, String why) throws Exception {
        Caller.Answer refused = admin.post(
                WORKLOADS, "{\"metadata\":{\"name\":\"wrong\"},\"spec\":{\"podGroupTemplates\":" + templates + "}}");
        assertEquals(422, refused.code(), refused::text);
        assertTrue(refused.text().contains(why), refused::text);
    }

    @Test
    void tooManyTemplatesAreRefused() throws Exception {
        String many = String.join(",", Collections.nCopies(9, "{\"name\":\"a\",\"schedulingPolicy\":{\"basic\":{}}}"));
        Caller.Answer refused = admin.post(
                WORKLOADS, "{\"metadata\":{\"name\":\"many\"},\"spec\":{\"podGroupTemplates\":[" + many + "]}}");
        assertEquals(422, refused.code());
        assertTrue(refused.text().contains("must have at most 8 items"), refused::text);
    }
}
