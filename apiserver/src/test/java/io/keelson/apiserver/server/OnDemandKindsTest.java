package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that serves some of the kinds that are served on demand, and one that serves none. */
final class OnDemandKindsTest {
    private static final Map<String, String> PATHS = Map.of(
            "clustertrustbundles", "/apis/certificates.k8s.io/v1beta1/",
            "podcertificaterequests", "/apis/certificates.k8s.io/v1beta1/",
            "devicetaintrules", "/apis/resource.k8s.io/v1beta2/",
            "storageversionmigrations", "/apis/storagemigration.k8s.io/v1beta1/");

    private static FlaggedServer asked;
    private static Caller admin;
    private static FlaggedServer usual;
    private static Caller usualAdmin;

    @BeforeAll
    static void start(@TempDir Path folder, @TempDir Path other) throws Exception {
        asked = FlaggedServer.start(
                folder,
                "--feature-gates=StorageVersionMigrator=true,DRADeviceTaintRules=true,ClusterTrustBundle=true",
                "--runtime-config=storagemigration.k8s.io/v1beta1=true,certificates.k8s.io/v1beta1=true",
                "--runtime-config=resource.k8s.io/v1beta2/devicetaintrules=true");
        admin = asked.admin();
        // A feature that is on and not asked for, and a version that is asked for while its feature is off.
        usual = FlaggedServer.start(
                other,
                "--feature-gates=StorageVersionMigrator=true",
                "--runtime-config=certificates.k8s.io/v1beta1=true");
        usualAdmin = usual.admin();
    }

    @AfterAll
    static void stop() {
        asked.close();
        usual.close();
    }

    private static String discovery(Caller caller) throws Exception {
        return caller.get("/apis", "Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                .text();
    }

    @Test
    void whatIsAskedForIsServedAndTold() throws Exception {
        for (String resource : List.of("clustertrustbundles", "devicetaintrules", "storageversionmigrations")) {
            assertEquals(200, admin.get(PATHS.get(resource) + resource).code(), resource);
            assertTrue(discovery(admin).contains('"' + resource + '"'), resource);
        }
        assertEquals(
                404,
                admin.get(PATHS.get("podcertificaterequests") + "podcertificaterequests")
                        .code());
        assertFalse(discovery(admin).contains("podcertificaterequests"));
        assertEquals(
                404, admin.get("/apis/resource.k8s.io/v1beta2/resourceslices").code());
        JsonNode versions = admin.get("/apis/resource.k8s.io").succeeded().body();
        assertEquals("v1", versions.at("/preferredVersion/version").asText(), "the stable version is preferred");
    }

    @Test
    void bothTheFeatureAndTheVersionAreNeeded() throws Exception {
        for (Map.Entry<String, String> each : PATHS.entrySet()) {
            assertEquals(404, usualAdmin.get(each.getValue() + each.getKey()).code(), each.getKey());
            assertFalse(discovery(usualAdmin).contains(each.getKey()), each.getKey());
        }
    }

    @Test
    void rolesComeWithFeatures() throws Exception {
        String roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:controller:";
        Deadline.await(
                () -> admin.get(roles + "storage-version-migrator-controller").code() == 200);
        Deadline.await(() -> admin.get(roles + "kube-apiserver-serving-clustertrustbundle-publisher")
                        .code()
                == 200);
        assertEquals(404, admin.get(roles + "podcertificaterequestcleaner").code());
    }

    @Test
    void objectsHaveAStatusOfTheirOwn() throws Exception {
        String path = PATHS.get("storageversionmigrations") + "storageversionmigrations";
        admin.post(path, """
                        {"metadata":{"name":"maps"},"spec":{"resource":{"group":"","resource":"configmaps"}},
                         "status":{"resourceVersion":"5"}}""").succeeded();
        JsonNode made = admin.get(path + "/maps").succeeded().body();
        assertTrue(made.at("/status/resourceVersion").isMissingNode(), made::toString);
        String version = made.at("/metadata/resourceVersion").asText();
        String changed = """
                {"metadata":{"name":"maps","resourceVersion":"%s","labels":{"a":"b"}},"spec":{"resource":{"resource":"x"}},
                 "status":{"resourceVersion":"7","conditions":[{"type":"Running","status":"True","reason":"R","message":"",
                  "lastTransitionTime":"2026-05-01T12:00:00Z"}]}}""".formatted(version);
        JsonNode written =
                admin.call("PUT", path + "/maps/status", changed).succeeded().body();
        assertEquals("7", written.at("/status/resourceVersion").asText());
        assertEquals("configmaps", written.at("/spec/resource/resource").asText());
        assertTrue(written.at("/metadata/labels").isMissingNode());
        assertEquals(409, admin.call("PUT", path + "/maps/status", changed).code());
    }

    @Test
    void rulesForDevicesSaySinceWhen() throws Exception {
        String path = PATHS.get("devicetaintrules") + "devicetaintrules";
        JsonNode made = admin.post(path, """
                        {"metadata":{"name":"broken"},"spec":{"deviceSelector":{"driver":"gpu.example.com"},
                         "taint":{"key":"example.com/broken","effect":"NoExecute"}}}""").succeeded().body();
        assertFalse(made.at("/spec/taint/timeAdded").asText().isEmpty(), made::toString);
        assertEquals(422, admin.post(path, """
                        {"metadata":{"name":"wrong"},"spec":{"deviceSelector":{"driver":"not a driver"},
                         "taint":{"key":"","effect":"Sometimes"}}}""").code());
    }
}
