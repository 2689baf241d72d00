package io.keelson.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests to a node, as rights to parts of its object. */
class NodeRightsTest {
    @Test
    void requestsAreMappedAsTheKubeletDoes() {
        assertEquals(new NodeRights("get", List.of("stats")), NodeRights.of("GET", "stats"));
        assertEquals(new NodeRights("get", List.of("metrics")), NodeRights.of("GET", "metrics"));
        assertEquals(new NodeRights("get", List.of("log")), NodeRights.of("GET", "logs"));
        assertEquals(new NodeRights("create", List.of("checkpoint")), NodeRights.of("POST", "checkpoint"));
        assertEquals(new NodeRights("get", List.of("pods", "proxy")), NodeRights.of("GET", "pods"));
        assertEquals(new NodeRights("get", List.of("healthz", "proxy")), NodeRights.of("GET", "healthz"));
        assertEquals(new NodeRights("get", List.of("configz", "proxy")), NodeRights.of("GET", "configz"));
        assertEquals(new NodeRights("get", List.of("proxy")), NodeRights.of("GET", "containerLogs"));
        assertEquals(new NodeRights("create", List.of("proxy")), NodeRights.of("POST", "exec"));
        assertEquals(new NodeRights("update", List.of("proxy")), NodeRights.of("PUT", ""));
        assertEquals(new NodeRights("", List.of("proxy")), NodeRights.of("BREW", "Stats"));
    }
}
