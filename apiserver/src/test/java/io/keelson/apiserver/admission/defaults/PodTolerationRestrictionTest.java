package io.keelson.apiserver.admission.defaults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.object.Json;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PodTolerationRestrictionTest {
    private static final String POD =
            "{metadata: {name: p}, spec: {tolerations: [{key: own, operator: Exists}], containers: [{name: c}]}}";
    private static final String KEYS = "/spec/tolerations";

    private static PodTolerationRestriction plugin(String annotations, @Nullable JsonNode configuration) {
        TestObjects objects =
                new TestObjects().with("namespaces", "{metadata: {name: default, annotations: {" + annotations + "}}}");
        return new PodTolerationRestriction(objects, configuration);
    }

    private static JsonNode configuration(String body) {
        return Json.parse("{\"apiVersion\":\"podtolerationrestriction.admission.k8s.io/v1alpha1\","
                + "\"kind\":\"Configuration\"," + body.replace('\'', '"') + "}");
    }

    @Test
    void theNamespaceOrTheClusterAddsTolerations() throws Exception {
        String annotation =
                "scheduler.alpha.kubernetes.io/defaultTolerations: '[{\"key\":\"ns\",\"operator\":\"Exists\"}]'";
        JsonNode cluster = configuration("'default':[{'key':'all','operator':'Exists'}]");
        assertEquals(
                "[{'key':'ns','operator':'Exists'},{'key':'own','operator':'Exists'}]",
                TestWrite.create("pods", POD).through(plugin(annotation, cluster), KEYS));
        assertEquals(
                "[{'key':'all','operator':'Exists'},{'key':'own','operator':'Exists'}]",
                TestWrite.create("pods", POD).through(plugin("", cluster), KEYS));
        assertEquals(
                "[{'key':'own','operator':'Exists'}]",
                TestWrite.create("pods", POD).through(plugin("", null), KEYS));
    }

    @Test
    void podsThatRequestSomethingTolerateMemoryPressure() throws Exception {
        assertEquals(
                "[{'key':'node.kubernetes.io/memory-pressure','operator':'Exists','effect':'NoSchedule'}]",
                TestWrite.create(
                                "pods",
                                "{metadata: {name: p}, spec: {containers: [{name: c, resources: {requests: {cpu: 1}}}]}}")
                        .through(plugin("", null), KEYS));
    }

    @Test
    void whatIsNotAllowedIsRefused() {
        String annotation =
                "scheduler.alpha.kubernetes.io/tolerationsWhitelist: '[{\"key\":\"other\",\"operator\":\"Exists\"}]'";
        String start = "pod tolerations (possibly merged with namespace default tolerations) conflict with its ";
        assertEquals(
                start + "namespace whitelist", TestWrite.create("pods", POD).refusedBy(plugin(annotation, null)));
        assertEquals(
                start + "cluster whitelist",
                TestWrite.create("pods", POD)
                        .refusedBy(plugin("", configuration("'whitelist':[{'key':'x','operator':'Exists'}]"))));
        assertThrows(IllegalArgumentException.class, () -> plugin("", Json.object()));
    }
}
