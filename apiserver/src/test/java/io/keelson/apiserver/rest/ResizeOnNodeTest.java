package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods that are resized on their nodes, through a running server. */
@ExtendWith(LiveApi.Extension.class)
class ResizeOnNodeTest {
    private static final String REQUESTS = "'resources': {'requests': {'cpu': '%s', 'memory': '64Mi'}}";

    private final LiveApi api;
    private final String namespace;

    ResizeOnNodeTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
    }

    /** A node of that system, with a pod on it; both have the name of the namespace. */
    private String podOn(String system) {
        api.post("/api/v1/nodes", """
                        {'metadata': {'name': '%s', 'labels': {'kubernetes.io/os': '%s'}},
                         'status': {'allocatable': {'cpu': '2', 'memory': '1Gi'}}}""".formatted(namespace, system)).succeeded();
        return pod();
    }

    private String pod() {
        String pods = "/api/v1/namespaces/" + namespace + "/pods";
        api.post(
                        pods,
                        "{'metadata': {'name': 'web'}, 'spec': {'nodeName': '" + namespace
                                + "', 'containers': [{'name': 'a', 'image': 'i', " + REQUESTS.formatted("1") + "}]}}")
                .succeeded();
        return pods + "/web/resize";
    }

    private Answer resize(String path, String cpu) {
        return api.strategic(path, "{'spec': {'containers': [{'name': 'a', " + REQUESTS.formatted(cpu) + "}]}}");
    }

    @Test
    void aPodGrowsUpToItsNode() {
        String path = podOn("linux");
        assertEquals("2", resize(path, "2").succeeded().text("/spec/containers/0/resources/requests/cpu"));
        Answer refused = resize(path, "3");
        assertEquals(403, refused.code());
        assertEquals("Forbidden", refused.reason());
        assertEquals(
                "pods \"web\" is forbidden: Node didn't have enough allocatable resources: cpu, requested: 3000,"
                        + " allocatable: 2000",
                refused.message());
        assertEquals(
                "[{\"reason\":\"NodeCapacity\"}]", refused.at("/details/causes").toString());
    }

    @Test
    void aPodOnWindowsStaysAsItIs() {
        String path = podOn("windows");
        Answer refused = resize(path, "2");
        assertEquals(403, refused.code());
        assertEquals(
                "pods \"web\" is forbidden: pod resize is only supported on linux nodes, node \"" + namespace
                        + "\" is \"windows\"",
                refused.message());
        assertEquals(
                "[{\"reason\":\"UnsupportedPlatform\"}]",
                refused.at("/details/causes").toString());
        resize(path, "1").succeeded();
    }

    @Test
    void aPodAsAWholeIsResizedIfItsNodeDeclaresThatItCan() {
        for (String declared : new String[] {"", "'InPlacePodLevelResourcesVerticalScaling'"}) {
            String name = namespace + (declared.isEmpty() ? "-old" : "-new");
            api.post("/api/v1/nodes", """
                            {'metadata': {'name': '%s', 'labels': {'kubernetes.io/os': 'linux'}},
                             'status': {'allocatable': {'cpu': '2', 'memory': '1Gi'}, 'declaredFeatures': [%s]}}""".formatted(name, declared)).succeeded();
            String amounts = "'resources': {'requests': {'cpu': '1'}, 'limits': {'cpu': '%s'}}";
            String pods = "/api/v1/namespaces/" + namespace + "/pods";
            api.post(
                            pods,
                            "{'metadata': {'name': '" + name + "'}, 'spec': {'nodeName': '" + name + "', "
                                    + amounts.formatted("1500m") + ", 'containers': [{'name': 'a', 'image': 'i'}]}}")
                    .succeeded();
            Answer answer =
                    api.strategic(pods + "/" + name + "/resize", "{'spec': {" + amounts.formatted("1800m") + "}}");
            if (declared.isEmpty()) {
                assertEquals(403, answer.code());
                assertEquals(
                        "pods \"" + name + "\" is forbidden: pod update requires features"
                                + " InPlacePodLevelResourcesVerticalScaling which are not available on node \"" + name
                                + "\"",
                        answer.message());
            } else {
                answer.succeeded();
            }
        }
    }

    @Test
    void aPodWithoutItsNodeStaysAsItIs() {
        Answer refused = resize(pod(), "2");
        assertEquals(403, refused.code());
        assertEquals("pods \"web\" is forbidden: node \"" + namespace + "\" not found", refused.message());
    }
}
