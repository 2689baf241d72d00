package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be done at which path, and that it is about what the path says. */
@Timeout(120)
@ExtendWith(LiveApi.Extension.class)
class PlacesTest {
    private static final String NO_SUCH_METHOD = "the server does not allow this method on the requested resource";
    private static final String NO_SUCH_PATH = "the server could not find the requested resource";

    private final LiveApi api;
    private final String namespace;

    PlacesTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
    }

    private String path(String pattern) {
        return pattern.replace("NS", namespace);
    }

    private void secret(String name) {
        api.post(path("/api/v1/namespaces/NS/secrets"), "{'metadata': {'name': '" + name + "'}}")
                .succeeded();
    }

    private static String type(String method) {
        return method.equals("PATCH") ? "application/apply-patch+yaml" : "application/json";
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/v1/namespaces/NS/configmaps/foo",
        "POST, /api/v1/namespaces/NS/pods/foo/status",
        "POST, /api/v1/configmaps",
        "POST, /api/v1/watch/namespaces/NS/configmaps",
        "PUT, /api/v1/namespaces/NS/configmaps",
        "PUT, /apis/coordination.k8s.io/v1/namespaces/NS/leases",
        "PUT, /api/v1/configmaps",
        "PUT, /api/v1/nodes",
        "PATCH, /api/v1/namespaces/NS/configmaps?fieldManager=x",
        "PATCH, /api/v1/configmaps?fieldManager=x",
        "DELETE, /api/v1/configmaps",
        "DELETE, /api/v1/namespaces",
        "DELETE, /api/v1/namespaces/NS/pods/foo/status",
        "DELETE, /api/v1/watch/namespaces/NS/configmaps/foo",
        "PUT, /api/v1/namespaces/NS/pods/foo/log",
        "PATCH, /api/v1/namespaces/NS/pods/foo/exec?fieldManager=x",
        "GET, /api/v1/namespaces/NS/pods/foo/binding",
        "GET, /apis/authorization.k8s.io/v1/subjectaccessreviews",
        "POST, /apis/authorization.k8s.io/v1/subjectaccessreviews/foo",
        "DELETE, /apis/apps/v1/namespaces/NS/deployments/foo/scale",
        "OPTIONS, /api/v1/namespaces/NS/configmaps",
    })
    void methodThatAPathIsNotFor(String method, String path) {
        String body = method.equals("DELETE") || method.equals("GET")
                ? ""
                : "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'foo'}}";
        Answer answer = api.send(method, path(path), type(method), body);
        assertEquals(405, answer.code(), answer.body()::toString);
        assertEquals(NO_SUCH_METHOD, answer.message());
        assertEquals("MethodNotAllowed", answer.reason());
        assertEquals(404, api.get(path("/api/v1/namespaces/NS/configmaps/foo")).code());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/configmaps/foo",
        "GET, /api/v1/pods/foo/log",
        "GET, /api/v1/namespaces/NS/nodes",
        "GET, /api/v1/namespaces/NS/nodes/foo",
        "GET, /api/v1/namespaces/NS/namespaces/default",
        "DELETE, /api/v1/configmaps/foo",
        "PUT, /api/v1/configmaps/foo",
        "PUT, /api/v1/namespaces/NS/pods//status",
        "PUT, /api/v1/bindings",
        "PUT, /apis/authorization.k8s.io/v1/localsubjectaccessreviews",
        "GET, /api/v1/watch/configmaps/foo",
        "GET, /api/v1/watch/namespaces/NS/pods/foo/log",
        "GET, /api/v1/proxy/namespaces/NS/pods/foo",
        "GET, /api/v1/namespaces/NS/pods/foo/status/more",
    })
    void pathThatLeadsNowhere(String method, String path) {
        Answer answer = api.send(method, path(path), "application/json", method.equals("PUT") ? "{}" : "");
        assertEquals(404, answer.code(), answer.body()::toString);
        assertEquals(NO_SUCH_PATH, answer.message());
    }

    @Test
    void customKindsSayItInTheirOwnWay() {
        String group = namespace + ".example.com";
        api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                        {'metadata': {'name': 'things.%1$s'}, 'spec': {'group': '%1$s', 'scope': 'Namespaced',
                         'names': {'plural': 'things', 'kind': 'Thing'}, 'versions': [{'name': 'v1', 'served': true,
                         'storage': true, 'schema': {'openAPIV3Schema': {'type': 'object'}}}]}}""".formatted(group))
                .succeeded();
        String things = "/apis/" + group + "/v1" + path("/namespaces/NS/things");
        LimitedUser.await(() -> api.get(things).code() == 200);
        String thing = "{'apiVersion': '" + group + "/v1', 'kind': 'Thing', 'metadata': {'name': 'a'}}";
        Answer nameless = api.send("PUT", things, "application/json", thing);
        assertEquals(400, nameless.code());
        assertEquals("name must be provided", nameless.message());
        assertEquals(400, api.apply(things, "x", thing).code());
        assertEquals(404, api.post("/apis/" + group + "/v1/things", thing).code());
        assertEquals(404, api.delete("/apis/" + group + "/v1/things").code());
        Answer answer = api.send("DELETE", "/apis/" + group + "/v1/watch" + path("/namespaces/NS/things"), "", "");
        assertEquals(405, answer.code());
        assertEquals("watch is not supported on resources of kind \"things." + group + "\"", answer.message());
        assertEquals(0, api.get(things).at("/items").size());
    }

    private LimitedUser reader() {
        return new LimitedUser(api, "reader-" + namespace).mayIn(namespace, """
                {'apiGroups': [''], 'resources': ['secrets'], 'resourceNames': ['mine'],
                 'verbs': ['get', 'list', 'watch']}""");
    }

    private static List<String> names(List<JsonNode> events) {
        return events.stream()
                .map(event -> event.at("/object/metadata/name").asText())
                .toList();
    }

    @Test
    void watchOfOneByItsOldPathTellsOfNoOther() {
        LimitedUser reader = reader();
        secret("other");
        secret("mine");
        String watch = path("/api/v1/watch/namespaces/NS/secrets");
        assertEquals(List.of("mine"), names(reader.events(watch + "/mine?timeoutSeconds=1")));
        assertEquals(
                List.of("mine"),
                names(reader.events(watch + "/mine?timeoutSeconds=1&fieldSelector=metadata.name%3Dmine")));
        assertEquals(403, reader.get(watch + "?timeoutSeconds=1").code());
        assertEquals(403, reader.get(watch + "/other?timeoutSeconds=1").code());
        for (String selector : List.of("metadata.name%3Dother", "metadata.name!%3Dmine", "type%3DOpaque")) {
            Answer answer = reader.get(watch + "/mine?timeoutSeconds=1&fieldSelector=" + selector);
            assertEquals(400, answer.code(), selector);
            assertEquals("fieldSelector metadata.name doesn't match requested name", answer.message());
        }
    }

    @Test
    void nodeSeesOfSecretsOnlyThoseOfItsPods() {
        secret("of-pod");
        secret("other");
        String node = "node-" + namespace;
        api.post(path("/api/v1/namespaces/NS/pods"), """
                        {'metadata': {'name': 'p'}, 'spec': {'nodeName': '%s', 'automountServiceAccountToken': false,
                         'containers': [{'name': 'c', 'image': 'i', 'envFrom': [{'secretRef': {'name': 'of-pod'}}]}]}}""".formatted(node)).succeeded();
        LimitedUser.await(() -> api.getAsNode(node, path("/api/v1/namespaces/NS/secrets/of-pod"))
                        .code()
                == 200);
        String watch = path("/api/v1/watch/namespaces/NS/secrets/of-pod?timeoutSeconds=1");
        assertEquals(List.of("of-pod"), names(api.eventsForNode(node, watch)));
    }

    @Test
    void listAndWatchOfOneNameReachAllNamespaces() {
        LimitedUser reader = reader();
        LimitedUser everywhere = new LimitedUser(api, "everywhere-" + namespace)
                .may("{'apiGroups': [''], 'resources': ['secrets'], 'resourceNames': ['mine'],"
                        + " 'verbs': ['list', 'watch']}");
        secret("other");
        secret("mine");
        String selected = "fieldSelector=metadata.name%3Dmine%2Cmetadata.namespace%3D" + namespace;
        Answer list = everywhere.get("/api/v1/secrets?" + selected).succeeded();
        assertEquals(1, list.at("/items").size());
        assertEquals("mine", list.text("/items/0/metadata/name"));
        assertEquals(List.of("mine"), names(everywhere.events("/api/v1/secrets?watch=1&timeoutSeconds=1&" + selected)));
        assertEquals(403, everywhere.get("/api/v1/secrets").code());
        assertEquals(403, reader.get("/api/v1/secrets?" + selected).code());
        Answer own = reader.get(path("/api/v1/namespaces/NS/secrets?fieldSelector=metadata.name%3Dmine"));
        assertEquals(1, own.succeeded().at("/items").size());
        assertEquals("mine", own.text("/items/0/metadata/name"));
    }

    @Test
    void updateOfWhatIsNotThereNeedsThePermissionToCreate() {
        String leases = path("/apis/coordination.k8s.io/v1/namespaces/NS/leases");
        String maps = path("/api/v1/namespaces/NS/configmaps");
        LimitedUser changer = new LimitedUser(api, "changer-" + namespace).mayIn(namespace, """
                {'apiGroups': ['', 'coordination.k8s.io'], 'resources': ['leases', 'configmaps'],
                 'verbs': ['get', 'update', 'patch']}""");
        String lease = "{'apiVersion': 'coordination.k8s.io/v1', 'kind': 'Lease', 'metadata': {'name': 'x'}}";
        String map = "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}}";
        Answer put = changer.put(leases + "/x", lease);
        assertEquals(403, put.code());
        assertEquals(
                "leases.coordination.k8s.io \"x\" is forbidden: User \"" + changer.name() + "\" cannot create resource"
                        + " \"leases\" in API group \"coordination.k8s.io\" in the namespace \"" + namespace + "\"",
                put.message());
        Answer applied = changer.apply(maps + "/x", map);
        assertEquals(403, applied.code());
        assertEquals(
                "configmaps \"x\" is forbidden: User \"" + changer.name()
                        + "\" cannot create resource \"configmaps\" in" + " API group \"\" in the namespace \""
                        + namespace + "\"",
                applied.message());
        assertEquals(404, changer.get(leases + "/x").code());
        assertEquals(404, changer.get(maps + "/x").code());
        api.post(maps, map).succeeded();
        assertEquals(200, changer.apply(maps + "/x", map).code());

        LimitedUser creator = new LimitedUser(api, "creator-" + namespace).mayIn(namespace, """
                {'apiGroups': ['', 'coordination.k8s.io'], 'resources': ['leases', 'configmaps'],
                 'verbs': ['create', 'update', 'patch']}""");
        assertEquals(201, creator.put(leases + "/x", lease).code());
        assertEquals(201, creator.apply(maps + "/y", map.replace("'x'", "'y'")).code());
    }

    @Test
    void updateOfWhatIsGoneIsAConflictAndMakesNothing() {
        String leases = path("/apis/coordination.k8s.io/v1/namespaces/NS/leases");
        String lease = "{'apiVersion': 'coordination.k8s.io/v1', 'kind': 'Lease', 'metadata': {'name': 'x'}}";
        Answer made = api.post(leases, lease).succeeded();
        api.delete(leases + "/x").succeeded();
        String uid = made.text("/metadata/uid");
        Answer put = api.put(leases + "/x", made.body());
        assertEquals(409, put.code());
        assertTrue(put.message().contains("UID in precondition: " + uid + ", UID in object meta: "), put.message());
        assertEquals(404, api.get(leases + "/x").code());
        // Who names a version, but not which object it is of, makes it anew.
        ((ObjectNode) made.body().path("metadata")).remove("uid");
        Answer anew = api.put(leases + "/x", made.body());
        assertEquals(201, anew.code(), anew::message);
        assertNotEquals(uid, anew.text("/metadata/uid"));
    }

    @Test
    void watchLastsAsLongAsCanBeCounted() throws Exception {
        secret("mine");
        try (var events = api.stream(
                path("/api/v1/namespaces/NS/secrets?watch=1&timeoutSeconds=9223372036854775807"), "application/json")) {
            assertTrue(events.read() == '{');
        }
    }
}
