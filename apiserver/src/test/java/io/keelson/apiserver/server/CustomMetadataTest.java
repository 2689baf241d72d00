package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import java.io.DataInputStream;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metadata of custom kinds in protobuf, as controllers for all kinds ask for it. */
final class CustomMetadataTest {
    private static final String BOATS = "/apis/keelson.example/v1/namespaces/default/boats";
    private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final String ONE = PROTOBUF + ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final String LIST = PROTOBUF + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    private static LiveUsers server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"));
        LiveUsers.User admin = server.admin();
        admin.post(
                        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                        "{'metadata':{'name':'boats.keelson.example'},'spec':{'group':'keelson.example','scope':'Namespaced',"
                                + "'names':{'plural':'boats','singular':'boat','kind':'Boat','listKind':'BoatList'},"
                                + "'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':"
                                + "{'type':'object','properties':{'spec':{'type':'object','properties':{'oars':"
                                + "{'type':'integer'}}}}}}}]}}")
                .succeeded();
        Deadline.await(() -> admin.get(BOATS).code() == 200);
        for (String name : new String[] {"gig", "punt"}) {
            admin.post(
                            BOATS,
                            "{'apiVersion':'keelson.example/v1','kind':'Boat','metadata':{'name':'" + name
                                    + "','labels':{'a':'b'}},'spec':{'oars':2}}")
                    .succeeded();
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<byte[]> get(String path, String accept) throws Exception {
        HttpRequest request = server.admin()
                .request("GET", path, "", "")
                .header("Accept", accept)
                .build();
        return server.admin().client().send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String type(HttpResponse<byte[]> response) {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    @Test
    void oneObject() throws Exception {
        HttpResponse<byte[]> response = get(BOATS + "/gig", ONE);
        assertEquals(200, response.statusCode());
        assertEquals(PROTOBUF, type(response));
        ObjectNode object = KubernetesProtobuf.decode(response.body());
        assertEquals("PartialObjectMetadata", ObjectMeta.kind(object));
        assertEquals("gig", ObjectMeta.name(object));
        assertEquals("b", ObjectMeta.label(object, "a"));
        assertTrue(!object.has("spec"));
    }

    @Test
    void aList() throws Exception {
        HttpResponse<byte[]> response = get(BOATS, LIST);
        assertEquals(200, response.statusCode());
        assertEquals(PROTOBUF, type(response));
        ObjectNode list = KubernetesProtobuf.decode(response.body());
        assertEquals("PartialObjectMetadataList", ObjectMeta.kind(list));
        assertEquals(2, list.path("items").size());
        assertEquals("punt", list.at("/items/1/metadata/name").asText());
        assertTrue(!list.at("/metadata/resourceVersion").asText().isEmpty());
    }

    @Test
    void aWatch() throws Exception {
        HttpRequest request = server.admin()
                .request("GET", BOATS + "?watch=1&timeoutSeconds=3&resourceVersion=0", "", "")
                .header("Accept", ONE)
                .build();
        HttpResponse<InputStream> response =
                server.admin().client().send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(
                PROTOBUF + ";stream=watch",
                response.headers().firstValue("Content-Type").orElse(""));
        try (DataInputStream in = new DataInputStream(response.body())) {
            byte[] frame = in.readNBytes(in.readInt());
            // type = 1, then object = 2 { raw = 1 { k8s… } }
            assertEquals("ADDED", new String(frame, 2, frame[1], StandardCharsets.US_ASCII));
            int magic = new String(frame, StandardCharsets.ISO_8859_1).indexOf("k8s\0");
            ObjectNode object = KubernetesProtobuf.decode(Arrays.copyOfRange(frame, magic, frame.length));
            assertEquals("PartialObjectMetadata", ObjectMeta.kind(object));
            assertEquals("gig", ObjectMeta.name(object));
        }
    }

    @Test
    void wholeObjectsAndTablesAreTextAsBefore() throws Exception {
        HttpResponse<byte[]> refused = get(BOATS + "/gig", PROTOBUF);
        assertEquals(406, refused.statusCode());
        assertTrue(new String(refused.body(), StandardCharsets.UTF_8)
                .contains("only the following media types are accepted: application/json, application/yaml, "
                        + PROTOBUF));
        assertEquals(406, get(BOATS, PROTOBUF).statusCode());
        assertEquals(406, get(BOATS + "?watch=1", PROTOBUF).statusCode());
        assertEquals("application/json", type(get(BOATS, PROTOBUF + ", application/json")));
        assertEquals("application/json", type(get(BOATS, "*/*")));
        assertEquals(406, get(BOATS, PROTOBUF + ";as=Table;g=meta.k8s.io;v=v1").statusCode());
        assertEquals(415, server.admin().send("POST", BOATS, PROTOBUF, "k8s").code());
    }
}
