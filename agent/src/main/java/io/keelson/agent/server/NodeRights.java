package io.keelson.agent.server;

import java.util.List;

/**
 * What somebody must be allowed to do with the node to be answered: one of some subresources is enough.
 *
 * @param verb of the API; empty for a method that it has no verb for
 * @param subresources in the order in which they are asked about
 */
record NodeRights(String verb, List<String> subresources) {
    private static final String PROXY = "proxy";

    /**
     * As the kubelet maps requests.
     *
     * @param method of HTTP
     * @param first part of the path
     */
    static NodeRights of(String method, String first) {
        String verb = switch (method) {
            case "POST" -> "create";
            case "GET" -> "get";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "";
        };
        List<String> subresources = switch (first) {
            case "stats" -> List.of("stats");
            case "metrics" -> List.of("metrics");
            case "logs" -> List.of("log");
            case "checkpoint" -> List.of("checkpoint");
            case "pods", "runningpods" -> List.of("pods", PROXY);
            case "healthz" -> List.of("healthz", PROXY);
            case "configz" -> List.of("configz", PROXY);
            default -> List.of(PROXY);
        };
        return new NodeRights(verb, subresources);
    }
}
