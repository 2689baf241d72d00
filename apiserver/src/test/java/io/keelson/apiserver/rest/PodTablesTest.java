package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a table says of a pod besides its cells, and by what fields pods and events are chosen. */
@ExtendWith(LiveApi.Extension.class)
class PodTablesTest {
    private final LiveApi api;
    private final String namespace;
    private final String pods;

    PodTablesTest(LiveApi api) {
        this.api = api;
        namespace = api.namespace();
        pods = "/api/v1/namespaces/" + namespace + "/pods";
    }

    private void pod(String name, String node, String phase) {
        api.post(
                        pods,
                        "{'metadata': {'name': '" + name + "'}, 'spec': {'nodeName': '" + node
                                + "', 'containers': [{'name': 'c', 'image': 'i'}]}}")
                .succeeded();
        api.merge(pods + "/" + name + "/status", "{'status': {'phase': '" + phase + "'}}")
                .succeeded();
    }

    @Test
    void aPodThatHasEndedIsMarkedSo() {
        pod("a", "n", "Failed");
        pod("b", "n", "Running");
        pod("c", "n", "Succeeded");
        JsonNode rows = api.table(pods).succeeded().at("/rows");
        assertEquals(3, rows.size());
        assertEquals(
                "[{\"type\":\"Completed\",\"status\":\"True\",\"reason\":\"Failed\",\"message\":\"The pod failed.\"}]",
                rows.at("/0/conditions").toString());
        assertFalse(rows.get(1).has("conditions"));
        assertEquals(
                "[{\"type\":\"Completed\",\"status\":\"True\",\"reason\":\"Succeeded\",\"message\":\"The pod has completed"
                        + " successfully.\"}]",
                rows.at("/2/conditions").toString());
        assertEquals(
                "Completed",
                api.table(pods + "/a")
                        .succeeded()
                        .at("/rows/0/conditions/0/type")
                        .asText());
    }

    @Test
    void isFoundByTheOldNameOfItsNode() {
        pod("here", "one", "Running");
        pod("there", "two", "Running");
        JsonNode found =
                api.get(pods + "?fieldSelector=spec.host%3Done").succeeded().at("/items");
        assertEquals(1, found.size());
        assertEquals("here", found.at("/0/metadata/name").asText());
    }

    @Test
    void eventsAreFoundByTheFieldsOfTheirGroup() {
        String events = "/apis/events.k8s.io/v1/namespaces/" + namespace + "/events";
        for (String name : new String[] {"web", "db"}) {
            api.post(
                            events,
                            "{'metadata': {'name': '" + name + "'}, 'regarding': {'kind': 'Pod', 'namespace': '"
                                    + namespace + "', 'name': '" + name
                                    + "'}, 'eventTime': '2026-05-01T11:59:30.000000Z', 'type': 'Normal', 'reason': 'R',"
                                    + " 'action': 'A', 'reportingController': 'example.com/" + name
                                    + "', 'reportingInstance': 'i', 'note': 'n'}")
                    .succeeded();
        }
        for (String selector : new String[] {"regarding.name%3Dweb", "reportingController%3Dexample.com/web"}) {
            JsonNode found =
                    api.get(events + "?fieldSelector=" + selector).succeeded().at("/items");
            assertEquals(1, found.size(), selector);
            assertEquals("web", found.at("/0/regarding/name").asText());
        }
        assertEquals(
                400,
                api.get(events + "?fieldSelector=involvedObject.name%3Dweb").code());
        assertEquals(
                422,
                api.post(
                                events,
                                "{'metadata': {'name': 'bad'}, 'regarding': {'kind': 'Pod', 'namespace': '" + namespace
                                        + "', 'name': 'web'}, 'type': 'Normal', 'reason': 'R', 'deprecatedCount': 1}")
                        .code());
    }
}
