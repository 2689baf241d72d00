package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Discovery over HTTP, in every format that is accepted. */
final class DiscoveryFormatsTest {
    private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final String AGGREGATED = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static LiveUsers server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = server.admin().request("GET", path, "", "");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.admin().client().send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** What protobuf does not tell apart from what is not there. */
    private static JsonNode withoutEmpty(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode left = Json.object();
            object.properties().forEach(field -> {
                JsonNode value = withoutEmpty(field.getValue());
                boolean empty = value.isNull()
                        || (value.isContainerNode() && value.isEmpty())
                        || value.asText("x").isEmpty();
                if (!empty) {
                    left.set(field.getKey(), value);
                }
            });
            return left;
        }
        if (node.isArray()) {
            var left = Json.object().arrayNode();
            node.forEach(element -> left.add(withoutEmpty(element)));
            return left;
        }
        return node;
    }

    @ParameterizedTest
    @CsvSource({
        "/api, APIVersions, ''",
        "/apis, APIGroupList, v1",
        "/apis/apps, APIGroup, v1",
        "/api/v1, APIResourceList, ''",
        "/apis/apps/v1, APIResourceList, v1"
    })
    void documentsAreToldInEveryFormat(String path, String kind, String version) throws Exception {
        HttpResponse<byte[]> asJson = get(path);
        assertEquals("application/json", header(asJson, "Content-Type"));
        ObjectNode json = Json.parseObject(asJson.body());
        assertEquals(kind, json.path("kind").asText());
        assertEquals(version, json.path("apiVersion").asText());

        HttpResponse<byte[]> asYaml = get(path, "Accept", "application/yaml");
        assertEquals("application/yaml", header(asYaml, "Content-Type"));
        assertEquals(json, Yaml.parse(asYaml.body()));

        HttpResponse<byte[]> asProtobuf = get(path, "Accept", PROTOBUF + ", application/json");
        assertEquals(PROTOBUF, header(asProtobuf, "Content-Type"));
        ObjectNode decoded = KubernetesProtobuf.decode(asProtobuf.body(), new GroupVersionKind("", "v1", kind));
        decoded.put("apiVersion", version);
        assertEquals(withoutEmpty(json), withoutEmpty(decoded));
        // The envelope says no version where JSON says none: k8s\0, 0a (type), its length, 0a (apiVersion), its length.
        assertEquals(version.length(), asProtobuf.body()[7]);

        HttpResponse<byte[]> refused = get(path, "Accept", "text/html");
        assertEquals(406, refused.statusCode());
        assertTrue(new String(refused.body(), StandardCharsets.UTF_8)
                .contains("only the following media types are accepted: application/json, application/yaml, "
                        + PROTOBUF));
    }

    @ParameterizedTest
    @CsvSource({"/api", "/apis"})
    void theAggregatedFormIsToldInEveryFormatWithOneTag(String path) throws Exception {
        HttpResponse<byte[]> asJson = get(path, "Accept", "application/json" + AGGREGATED);
        assertEquals("application/json" + AGGREGATED, header(asJson, "Content-Type"));
        ObjectNode json = Json.parseObject(asJson.body());
        assertEquals("APIGroupDiscoveryList", json.path("kind").asText());
        String tag = header(asJson, "ETag");
        assertTrue(tag.matches("\"[0-9A-F]{128}\""), tag);
        assertEquals("Accept", header(asJson, "Vary"));
        assertEquals("public", header(asJson, "Cache-Control"));

        HttpResponse<byte[]> asYaml = get(path, "Accept", "application/yaml" + AGGREGATED);
        assertEquals("application/yaml" + AGGREGATED, header(asYaml, "Content-Type"));
        assertEquals(json, Yaml.parse(asYaml.body()));
        assertEquals(tag, header(asYaml, "ETag"));

        HttpResponse<byte[]> asProtobuf = get(path, "Accept", PROTOBUF + AGGREGATED);
        assertEquals(PROTOBUF + AGGREGATED, header(asProtobuf, "Content-Type"));
        assertEquals(withoutEmpty(json), withoutEmpty(KubernetesProtobuf.decode(asProtobuf.body())));
        assertEquals(tag, header(asProtobuf, "ETag"));
    }

    @Test
    void whoHasTheDocumentAlreadyIsNotSentItAgain() throws Exception {
        String accept = "application/json" + AGGREGATED;
        String tag = header(get("/apis", "Accept", accept), "ETag");
        HttpResponse<byte[]> same = get("/apis", "Accept", accept, "If-None-Match", tag);
        assertEquals(304, same.statusCode());
        assertEquals(0, same.body().length);
        assertEquals(tag, header(same, "ETag"));
        assertEquals(
                200,
                get("/apis", "Accept", accept, "If-None-Match", "\"other\"").statusCode());

        // A kind more, and what was kept is old.
        server.admin()
                .post(
                        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                        "{'metadata':{'name':'boats.keelson.example'},'spec':{'group':'keelson.example','scope':'Cluster',"
                                + "'names':{'plural':'boats','singular':'boat','kind':'Boat','listKind':'BoatList'},"
                                + "'versions':[{'name':'v1','served':true,'storage':true,"
                                + "'schema':{'openAPIV3Schema':{'type':'object'}}}]}}")
                .succeeded();
        Deadline.await(
                () -> get("/apis", "Accept", accept, "If-None-Match", tag).statusCode() == 200);
    }

    @Test
    void theAggregatedFormIsGivenOnlyAndAlwaysToWhoAcceptsIt() throws Exception {
        String old = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
        assertEquals("application/json", header(get("/apis", "Accept", old + ",application/json"), "Content-Type"));
        assertEquals("application/json", header(get("/apis", "Accept", "*/*"), "Content-Type"));
        assertEquals(406, get("/apis", "Accept", old).statusCode());
        assertEquals(
                "application/json" + AGGREGATED,
                header(get("/apis", "Accept", "application/json, application/json" + AGGREGATED), "Content-Type"));
    }

    @Test
    void theRootTellsWhatThereIsToThoseWhoMayKnow() throws Exception {
        HttpResponse<byte[]> index = get("/");
        assertEquals(200, index.statusCode());
        assertEquals("application/json", header(index, "Content-Type"));
        HttpResponse<byte[]> page = get("/index.html");
        assertEquals(200, page.statusCode());
        assertArrayEquals(index.body(), page.body());
        List<String> paths = new ArrayList<>();
        Json.parseObject(index.body()).path("paths").forEach(path -> paths.add(path.asText()));
        assertTrue(
                paths.containsAll(Arrays.asList(
                        "/.well-known/openid-configuration",
                        "/api",
                        "/api/v1",
                        "/apis",
                        "/apis/",
                        "/apis/apps",
                        "/apis/apps/v1",
                        "/healthz",
                        "/healthz/poststarthook/rbac/bootstrap-roles",
                        "/livez/ping",
                        "/metrics",
                        "/metrics/slis",
                        "/openapi/v2",
                        "/openapi/v3",
                        "/openid/v1/jwks",
                        "/readyz/informer-sync",
                        "/version")),
                paths::toString);
        assertTrue(paths.stream().noneMatch(path -> path.startsWith("/debug")), paths::toString);
        assertEquals(paths.stream().sorted().distinct().toList(), paths);
        // Each is really there.
        for (String path : paths) {
            assertEquals(200, get(path).statusCode(), path);
        }
        assertEquals(403, server.user("somebody").get("/").code());
        assertEquals(403, server.user("somebody").get("/index.html").code());
        assertEquals(404, get("/nothing").statusCode());
        assertEquals(404, get("/index.html/nothing").statusCode());
    }
}
