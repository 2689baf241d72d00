package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Somebody of a name, in no group that may do everything. JSON may have single quotes, which read better. */
record LimitedUser(LiveApi api, String name) {
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";

    Answer send(String method, String path, String type, String json) {
        return api.sendAs(name, method, path, type, json);
    }

    Answer get(String path) {
        return send("GET", path, "", "");
    }

    Answer post(String path, String json) {
        return send("POST", path, "application/json", json);
    }

    Answer put(String path, String json) {
        return send("PUT", path, "application/json", json);
    }

    Answer merge(String path, String json) {
        return send("PATCH", path, "application/merge-patch+json", json);
    }

    Answer apply(String path, String json) {
        return send("PATCH", path + "?fieldManager=test", "application/apply-patch+yaml", json);
    }

    Answer delete(String path) {
        return send("DELETE", path, "", "");
    }

    /** All that is sent by a watch that ends by itself. */
    List<JsonNode> events(String path) {
        return api.eventsFor(name, path);
    }

    /**
     * Gives the user what a role allows everywhere, and waits until that has come to pass.
     *
     * @param rules one behind the other
     */
    LimitedUser may(String rules) {
        String role = name + "-" + System.nanoTime();
        api.post(
                        RBAC + "/clusterroles",
                        "{'metadata': {'name': '" + role + "'}, 'rules': [" + rules + ", {'nonResourceURLs': ['/" + role
                                + "'], 'verbs': ['get']}]}")
                .succeeded();
        api.post(RBAC + "/clusterrolebindings", binding(role, "ClusterRole")).succeeded();
        await(() -> get("/" + role).code() == 404);
        return this;
    }

    /** As {@link #may(String)}, in one namespace. */
    LimitedUser mayIn(String namespace, String rules) {
        String role = name + "-" + System.nanoTime();
        String path = RBAC + "/namespaces/" + namespace;
        api.post(
                        path + "/roles",
                        "{'metadata': {'name': '" + role + "'}, 'rules': [" + rules
                                + ", {'apiGroups': [''], 'resources': ['endpoints'], 'resourceNames': ['" + role
                                + "'], 'verbs': ['get']}]}")
                .succeeded();
        api.post(path + "/rolebindings", binding(role, "Role")).succeeded();
        await(() ->
                get("/api/v1/namespaces/" + namespace + "/endpoints/" + role).code() == 404);
        return this;
    }

    private String binding(String role, String kind) {
        return "{'metadata': {'name': '" + role + "'}, 'roleRef': {'apiGroup': 'rbac.authorization.k8s.io', 'kind': '"
                + kind + "', 'name': '" + role + "'}, 'subjects': [{'apiGroup': 'rbac.authorization.k8s.io',"
                + " 'kind': 'User', 'name': '" + name + "'}]}";
    }

    /** What roles allow follows their watch. */
    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within ten seconds");
            Thread.onSpinWait();
        }
    }
}
