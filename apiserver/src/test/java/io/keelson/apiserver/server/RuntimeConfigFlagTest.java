package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that does not serve all that it could. */
final class RuntimeConfigFlagTest {
    private static ApiServer server;
    private static Caller admin;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = ApiServer.start(Flags.config(
                folder,
                "--runtime-config=autoscaling/v1=false,batch/v1/cronjobs=false",
                "--runtime-config=policy/v1=false,rbac.authorization.k8s.io/v1/rolebindings=false"));
        admin = Caller.admin(server);
    }

    @AfterAll
    static void stop() {
        admin.close();
        server.close();
    }

    private static List<String> texts(JsonNode list, String field) {
        List<String> texts = new ArrayList<>();
        list.forEach(one -> texts.add(one.path(field).asText()));
        return texts;
    }

    @Test
    void discoveryDoesNotTellOfIt() throws Exception {
        List<String> groups = texts(admin.get("/apis").succeeded().body().path("groups"), "name");
        assertTrue(groups.contains("apps"), groups::toString);
        assertFalse(groups.contains("policy"), groups::toString);
        assertEquals(404, admin.get("/apis/policy").code());
        assertEquals(404, admin.get("/apis/policy/v1").code());
        assertEquals(404, admin.get("/apis/autoscaling/v1").code());
        assertEquals(
                List.of("v2"),
                texts(admin.get("/apis/autoscaling").succeeded().body().path("versions"), "version"));
        List<String> batch =
                texts(admin.get("/apis/batch/v1").succeeded().body().path("resources"), "name");
        assertEquals(List.of("jobs", "jobs/status"), batch);
        String aggregated = admin.get(
                        "/apis", "Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                .text();
        assertTrue(aggregated.contains("\"resource\":\"jobs\""), aggregated);
        assertFalse(aggregated.contains("cronjobs"), aggregated);
        assertFalse(aggregated.contains("poddisruptionbudgets"), aggregated);
    }

    @Test
    void openApiDoesNotDescribeIt() throws Exception {
        JsonNode paths = admin.get("/openapi/v3").succeeded().body().path("paths");
        assertTrue(paths.has("apis/autoscaling/v2"), paths::toString);
        assertFalse(paths.has("apis/autoscaling/v1"), paths::toString);
        assertFalse(paths.has("apis/policy/v1"), paths::toString);
        JsonNode swagger = admin.get("/openapi/v2").succeeded().body().path("paths");
        assertTrue(swagger.has("/apis/batch/v1/jobs"));
        assertFalse(swagger.has("/apis/batch/v1/cronjobs"));
        assertFalse(swagger.has("/apis/policy/v1/poddisruptionbudgets"));
    }

    @Test
    void requestsForItLeadNowhere() throws Exception {
        for (String path : List.of(
                "/apis/policy/v1/poddisruptionbudgets",
                "/apis/autoscaling/v1/horizontalpodautoscalers",
                "/apis/batch/v1/namespaces/default/cronjobs/nightly",
                "/apis/batch/v1/namespaces/default/cronjobs/nightly/status")) {
            Caller.Answer answer = admin.get(path);
            assertEquals(404, answer.code(), path);
            assertEquals("the server could not find the requested resource", answer.at("/message"), path);
        }
        assertEquals(
                404,
                admin.post("/apis/batch/v1/namespaces/default/cronjobs", "{\"metadata\":{\"name\":\"nightly\"}}")
                        .code());
    }

    @Test
    void theRestIsServedAsEver() throws Exception {
        assertEquals(200, admin.get("/apis/batch/v1/jobs").code());
        admin.post("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """
                        {"metadata":{"name":"web"},"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1",
                         "kind":"Deployment","name":"web"}}}""")
                .succeeded();
        assertEquals(
                3,
                admin.get("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web")
                        .succeeded()
                        .body()
                        .at("/spec/maxReplicas")
                        .asInt());
    }

    @Test
    void nothingStartsThatWasToServeWhatThereIsNot(@TempDir Path folder) {
        for (String unknown : List.of("apps/v7", "example.com/v1")) {
            ApiServerConfig config = Flags.config(folder, "--runtime-config=" + unknown + "=true");
            assertThrows(IllegalArgumentException.class, () -> ApiServer.start(config));
        }
    }

    /** Who may do what is still looked up, though nobody can change it over the API. */
    @Test
    void theServerItselfGoesOnUsingIt() throws Exception {
        assertEquals(
                404,
                admin.get("/apis/rbac.authorization.k8s.io/v1/rolebindings").code());
        Caller.Answer seen = admin.get(
                "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication",
                "Impersonate-User",
                "system:kube-controller-manager");
        assertEquals(200, seen.code(), seen.text());
    }

    @Test
    void customKindsComeAndGoBesides() throws Exception {
        admin.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                        {"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Cluster",
                         "names":{"plural":"things","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true,
                          "schema":{"openAPIV3Schema":{"type":"object"}}}]}}""")
                .succeeded();
        Deadline.await(() -> admin.get("/apis/example.com/v1/things").code() == 200);
        Deadline.await(
                () -> texts(admin.get("/apis").body().path("groups"), "name").contains("example.com"));
        admin.call("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com", "")
                .succeeded();
        Deadline.await(
                () -> !texts(admin.get("/apis").body().path("groups"), "name").contains("example.com"));
    }
}
