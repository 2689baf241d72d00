package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Objects of resources that flags send to a store of their own. */
final class StoreOverridesTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String MAP_KEY = "/registry/configmaps/default/one";
    private static final String SECRET_KEY = "/registry/secrets/default/one";
    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

    private static TestEtcd store(Path folder) throws Exception {
        return TestEtcd.embedded(Files.createDirectories(folder));
    }

    private static ApiServerConfig config(TestEtcd first, Path folder, String overrides, String... more) {
        List<String> flags = new ArrayList<>(List.of(
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--cert-dir=" + folder.resolve("pki"),
                "--etcd-servers=" + String.join(",", first.urls()),
                "--etcd-servers-overrides=" + overrides));
        flags.addAll(List.of(more));
        ApiServerCommand command = new ApiServerCommand();
        var _ = new CommandLine(command).parseArgs(flags.toArray(String[]::new));
        return command.config();
    }

    /** What a store has under a key, as it lies there. */
    private static @Nullable String stored(TestEtcd etcd, String key) throws Exception {
        try (EtcdStore raw =
                new EtcdStore(etcd.channel(), StoreOptions.DEFAULT.withTransformer(EncryptedServerTest.RAW))) {
            StoredValue value = raw.get(key);
            return value == null ? null : new String(value.bytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String storedIn(TestEtcd etcd, String key) throws Exception {
        return String.valueOf(stored(etcd, key));
    }

    private static List<String> names(Caller.Answer list) {
        List<String> names = new ArrayList<>();
        for (JsonNode item : list.succeeded().body().path("items")) {
            names.add(item.path("metadata").path("name").asText());
        }
        return names;
    }

    private static String named(String name) {
        return "{\"metadata\":{\"name\":\"" + name + "\"}}";
    }

    @Test
    void objectsAreInTheStoreOfTheirResourceAndNowhereElse(@TempDir Path folder) throws Exception {
        Path encryption = folder.resolve("encryption.yaml");
        Files.writeString(
                encryption,
                "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources:"
                        + " [configmaps]\n  providers: [{aescbc: {keys: [{name: k, secret:"
                        + " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}]}}]\n");
        try (TestEtcd first = store(folder.resolve("first"));
                TestEtcd second = store(folder.resolve("second"))) {
            String servers = "#" + String.join(";", second.urls());
            ApiServerConfig config = config(
                    first,
                    folder,
                    "/configmaps" + servers + ",apps/*" + servers,
                    "--encryption-provider-config=" + encryption);
            try (ApiServer server = ApiServer.start(config);
                    Caller admin = Caller.admin(server)) {
                String before = admin.get(MAPS).succeeded().at("/metadata/resourceVersion");
                admin.post(MAPS, named("one")).succeeded();
                admin.post("/api/v1/namespaces/default/secrets", named("one")).succeeded();
                admin.post(
                                DEPLOYMENTS,
                                "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"replicas\":0,\"selector\":{\"matchLabels\":"
                                        + "{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":"
                                        + "{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}")
                        .succeeded();
                assertTrue(
                        storedIn(second, MAP_KEY).startsWith("k8s:enc:aescbc:v1:k:"), "encryption is for all stores");
                assertNull(stored(first, MAP_KEY));
                assertTrue(storedIn(first, SECRET_KEY).startsWith("{"));
                assertNull(stored(second, SECRET_KEY));
                assertTrue(storedIn(second, "/registry/deployments/default/web").startsWith("{"));
                assertNull(stored(first, "/registry/deployments/default/web"));

                assertTrue(names(admin.get(MAPS)).contains("one"));
                assertTrue(names(admin.get(MAPS + "?resourceVersion=0")).contains("one"));
                String events = admin.get(MAPS + "?watch=true&timeoutSeconds=1&resourceVersion=" + before)
                        .text();
                assertTrue(events.contains("\"ADDED\"") && events.contains("\"one\""), events);
                admin.call(
                                "PATCH",
                                MAPS + "/one",
                                "{\"data\":{\"a\":\"x\"}}",
                                "Content-Type",
                                "application/merge-patch+json")
                        .succeeded();

                String ready = admin.get("/readyz?verbose").text();
                assertTrue(ready.contains("[+]etcd-override-0 ok\n"), ready);
                assertTrue(ready.contains("[+]etcd-override-readiness-0 ok\n"), ready);
                assertEquals("ok", admin.get("/livez/etcd-override-0").text());
                assertEquals(404, admin.get("/livez/etcd-override-readiness-0").code());
                assertEquals(404, admin.get("/livez/etcd-override-1").code(), "one store has both resources");
                assertEquals(
                        "True",
                        admin.get("/api/v1/componentstatuses/etcd-1")
                                .succeeded()
                                .at("/conditions/0/status"));
                String metrics = admin.get("/metrics").text();
                assertTrue(metrics.contains("apiserver_storage_size_bytes{storage_cluster_id=\"etcd-0\"}"));
                assertTrue(metrics.contains("apiserver_storage_size_bytes{storage_cluster_id=\"etcd-1\"}"));
            }
            try (ApiServer server = ApiServer.start(config);
                    Caller admin = Caller.admin(server)) {
                assertEquals("x", admin.get(MAPS + "/one").succeeded().at("/data/a"));
                assertEquals(List.of("web"), names(admin.get(DEPLOYMENTS)));
                admin.call("DELETE", MAPS + "/one", "").succeeded();
                assertNull(stored(second, MAP_KEY));
            }
        }
    }

    @Test
    void aStoreOfAResourceIsCompactedAndMissedWhenItIsGone(@TempDir Path folder) throws Exception {
        TestEtcd second = store(folder.resolve("second"));
        try (TestEtcd first = store(folder.resolve("first"));
                ApiServer server = ApiServer.start(config(
                        first,
                        folder,
                        "/configmaps#" + String.join(";", second.urls()),
                        "--etcd-compaction-interval=100ms"));
                Caller admin = Caller.admin(server)) {
            Deadline.await(() -> stored(second, "compact_rev_key") != null);
            assertEquals(200, admin.get("/readyz/etcd-override-readiness-0").code());
            second.close();
            Deadline.await(() -> admin.get("/readyz/etcd-override-readiness-0").code() == 500);
            assertEquals(500, admin.get("/livez/etcd-override-0").code());
            assertEquals(200, admin.get("/livez/etcd").code());
        } finally {
            second.close();
        }
    }

    @Test
    void theServersOfOtherStoresAreLookedAtAsThoseOfTheFirst(@TempDir Path folder) throws Exception {
        try (TestEtcd first = store(folder.resolve("first"))) {
            assertEquals(
                    "--etcd-servers-overrides: --etcd-servers: \"ftp://127.0.0.1:1\" cannot be used: only http, https"
                            + " and unix can be used",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> config(first, folder, "/events#ftp://127.0.0.1:1"))
                            .getMessage());
            // Named again, the first store is no other.
            String same = "/events#" + String.join(";", first.urls());
            try (ApiServer server = ApiServer.start(config(first, folder, same));
                    Caller admin = Caller.admin(server)) {
                assertEquals(404, admin.get("/livez/etcd-override-0").code());
                assertEquals(200, admin.get("/livez/etcd").code());
            }
        }
    }
}
