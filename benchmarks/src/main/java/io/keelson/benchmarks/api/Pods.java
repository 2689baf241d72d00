package io.keelson.benchmarks.api;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;

/**
 * Requests about the pods of one namespace: {@code pod-0}, {@code pod-1} and so on, of about 1 KB each, one in fifty in each
 * group.
 */
public final class Pods {
    /** How many groups there are, by the label {@code group}. */
    public static final int GROUPS = 50;

    private static final String NOTE = "a note of some length, as pods have them ".repeat(8);

    private final ApiConnection api;
    private final String namespace;

    Pods(ApiConnection api, String namespace) {
        this.api = api;
        this.namespace = namespace;
    }

    private String path(String rest) {
        return "/api/v1/namespaces/" + namespace + "/pods" + rest;
    }

    /** A pod as clients send it to be created, in JSON. */
    public static String text(long number) {
        return """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod-%d","labels":{"app":"bench","group":"g%d"},
                "annotations":{"note":"%s"}},
                "spec":{"automountServiceAccountToken":false,"containers":[{"name":"main","image":"registry.example/bench:1.0",
                "command":["serve","--port=8080"],"ports":[{"containerPort":8080,"name":"http"}],
                "env":[{"name":"STAGE","value":"bench"},{"name":"NUMBER","value":"%d"}],
                "resources":{"requests":{"cpu":"10m","memory":"16Mi"},"limits":{"memory":"64Mi"}}}]}}
                """.formatted(number, number % GROUPS, NOTE, number);
    }

    HttpRequest create(long number) {
        return api.request("POST", path(""), "application/json", text(number));
    }

    HttpRequest get(long number) {
        return api.get(path("/pod-" + number));
    }

    HttpRequest list(int limit) {
        return api.get(path(limit > 0 ? "?limit=" + limit : ""));
    }

    /** @param next the token of the page before; empty for the first page */
    HttpRequest page(int limit, String next) {
        return api.get(path("?limit=" + limit
                + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8))));
    }

    HttpRequest listGroup(long number) {
        return api.get(path("?labelSelector=group%3Dg" + number % GROUPS));
    }

    HttpRequest patch(long number, long change) {
        return api.request(
                "PATCH",
                path("/pod-" + number),
                "application/merge-patch+json",
                "{\"metadata\":{\"annotations\":{\"change\":\"" + change + "\"}}}");
    }

    HttpRequest delete(long number) {
        return api.request(
                "DELETE",
                path("/pod-" + number),
                "application/json",
                "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0}");
    }

    String watchPath(String resourceVersion) {
        return path("?watch=true&timeoutSeconds=3600&resourceVersion=" + resourceVersion);
    }

    HttpRequest createNamespace() {
        return api.request(
                "POST",
                "/api/v1/namespaces",
                "application/json",
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"" + namespace + "\"}}");
    }

    /** Without the account, servers whose controllers do not run refuse pods. */
    HttpRequest createAccount() {
        return api.request(
                "POST",
                "/api/v1/namespaces/" + namespace + "/serviceaccounts",
                "application/json",
                "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"default\"}}");
    }

    HttpRequest deleteNamespace() {
        return api.request("DELETE", "/api/v1/namespaces/" + namespace, "", "");
    }
}
