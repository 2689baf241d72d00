package io.keelson.benchmarks.controllers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;

/** Small objects of several kinds, without names. */
final class Samples {
    private Samples() {}

    private static ObjectNode parsed(String json) {
        return Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
    }

    static ObjectNode configMap() {
        return parsed("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{},"data":{"key":"value"}}\
            """);
    }

    static ObjectNode secret() {
        return parsed("""
            {"apiVersion":"v1","kind":"Secret","metadata":{},"stringData":{"key":"value"}}\
            """);
    }

    static ObjectNode service(String app) {
        return parsed("""
            {"apiVersion":"v1","kind":"Service","metadata":{},"spec":{"selector":{"app":"%s"},"ports":[{"port":80}]}}\
            """.formatted(app));
    }

    static ObjectNode pod(String app) {
        return parsed("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"app":"%s"}},
            "spec":{"containers":[{"name":"pause","image":"registry.k8s.io/pause:3.10"}]}}\
            """.formatted(app));
    }

    static ObjectNode deployment(String app, int replicas) {
        return parsed("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{},"spec":{"replicas":%d,
            "selector":{"matchLabels":{"app":"%s"}},"template":{"metadata":{"labels":{"app":"%s"}},
            "spec":{"containers":[{"name":"pause","image":"registry.k8s.io/pause:3.10"}]}}}}\
            """.formatted(replicas, app, app));
    }

    static ObjectNode node() {
        return parsed("""
                {"apiVersion":"v1","kind":"Node","metadata":{},
                "status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady"}]}}""");
    }
}
