package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseLeasesRequest;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** In what form objects are stored, and what can be said about the store and the caches. */
final class StorageFlagsTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static ApiServer start(TestEtcd store, Path folder, String mediaType, String... more) throws Exception {
        return start(store.urls(), folder, mediaType, more);
    }

    private static ApiServer start(List<String> stores, Path folder, String mediaType, String... more)
            throws Exception {
        List<String> flags = new ArrayList<>(List.of(more));
        flags.addAll(List.of(
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--cert-dir=" + folder.resolve("pki"),
                "--etcd-servers=" + String.join(",", stores),
                "--storage-backend=etcd3",
                "--storage-media-type=" + mediaType,
                "--default-watch-cache-size=100",
                "--watch-cache-sizes=pods#1000,deployments.apps#50"));
        ApiServerCommand command = new ApiServerCommand();
        var _ = new CommandLine(command).parseArgs(flags.toArray(String[]::new));
        return ApiServer.start(command.config());
    }

    private static byte[] stored(TestEtcd store, String key) throws Exception {
        try (EtcdStore raw = new EtcdStore(store.channel(), StoreOptions.DEFAULT)) {
            StoredValue value = Objects.requireNonNull(raw.get(key), key);
            return value.bytes();
        }
    }

    @Test
    void objectsAreStoredInTheFormThatIsAskedForAndReadInBoth(@TempDir Path folder) throws Exception {
        String one = "/registry/configmaps/default/one";
        String custom = "/registry/example.com/things/red";
        try (TestEtcd store = TestEtcd.embedded(folder)) {
            try (ApiServer server = start(store, folder, "application/vnd.kubernetes.protobuf");
                    Caller admin = Caller.admin(server)) {
                admin.post(MAPS, "{\"metadata\":{\"name\":\"one\"},\"data\":{\"a\":\"x\"}}")
                        .succeeded();
                admin.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                                {"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Cluster",
                                 "names":{"plural":"things","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true,
                                  "schema":{"openAPIV3Schema":{"type":"object"}}}]}}""")
                        .succeeded();
                Deadline.await(() -> admin.get("/apis/example.com/v1/things").code() == 200);
                admin.post(
                                "/apis/example.com/v1/things",
                                "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"red\"}}")
                        .succeeded();
                assertTrue(KubernetesProtobuf.isProtobuf(stored(store, one)));
                assertEquals('{', stored(store, custom)[0], "custom kinds have no protobuf");
                String version = admin.get(MAPS + "/one").at("/metadata/resourceVersion");
                admin.call(
                                "PATCH",
                                MAPS + "/one",
                                "{\"data\":{\"a\":\"x\"}}",
                                "Content-Type",
                                "application/merge-patch+json")
                        .succeeded();
                assertEquals(version, admin.get(MAPS + "/one").at("/metadata/resourceVersion"), "nothing has changed");
            }
            try (ApiServer server = start(store, folder, "application/json");
                    Caller admin = Caller.admin(server)) {
                assertEquals("x", admin.get(MAPS + "/one").succeeded().at("/data/a"));
                admin.call(
                                "PATCH",
                                MAPS + "/one",
                                "{\"data\":{\"b\":\"y\"}}",
                                "Content-Type",
                                "application/merge-patch+json")
                        .succeeded();
                assertEquals('{', stored(store, one)[0]);
                Caller.Answer both = admin.get(MAPS + "/one").succeeded();
                assertEquals(
                        "{\"a\":\"x\",\"b\":\"y\"}", both.body().path("data").toString());
            }
        }
    }

    /** For how long leases were granted that are for events, which live for an hour. */
    private static List<Long> leasesOfEvents(Path folder, String... flags) throws Exception {
        Files.createDirectories(folder);
        try (TestEtcd store = TestEtcd.embedded(folder);
                ApiServer server = start(store, folder, "application/json", flags);
                Caller admin = Caller.admin(server)) {
            for (String name : List.of("first", "second")) {
                admin.post(
                                "/api/v1/namespaces/default/events",
                                "{\"metadata\":{\"name\":\"" + name
                                        + "\"},\"involvedObject\":{\"namespace\":\"default\"}}")
                        .succeeded();
            }
            var leases = LeaseGrpc.newBlockingStub(store.channel());
            List<Long> granted = new ArrayList<>();
            for (var lease :
                    leases.leaseLeases(LeaseLeasesRequest.getDefaultInstance()).getLeasesList()) {
                long seconds = leases.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                .setID(lease.getID())
                                .build())
                        .getGrantedTTL();
                if (seconds >= 3600) {
                    granted.add(seconds);
                }
            }
            return granted;
        }
    }

    @Test
    void eventsShareALeaseUnlessTheyMayNot(@TempDir Path folder) throws Exception {
        assertEquals(List.of(3660L), leasesOfEvents(folder.resolve("usual")));
        assertEquals(List.of(3600L, 3600L), leasesOfEvents(folder.resolve("none"), "--lease-reuse-duration-seconds=0"));
    }

    @Test
    void historyOfAStoreOfItsOwnIsDroppedAsOftenAsItsFlagSays(@TempDir Path folder) throws Exception {
        ApiServerCommand command = new ApiServerCommand();
        var _ = new CommandLine(command)
                .parseArgs(
                        "--bind-address=127.0.0.1",
                        "--secure-port=0",
                        "--cert-dir=" + folder.resolve("pki"),
                        "--embedded-store=" + folder.resolve("store"),
                        "--etcd-compaction-interval=100ms");
        try (ApiServer server = ApiServer.start(command.config());
                Caller admin = Caller.admin(server)) {
            String before = admin.get(MAPS).succeeded().at("/metadata/resourceVersion");
            String exactly = MAPS + "?resourceVersionMatch=Exact&resourceVersion=" + before;
            admin.get(exactly).succeeded();
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            for (int i = 0; admin.get(exactly).code() != 410; i++) {
                assertTrue(System.nanoTime() - end < 0, "it is kept for longer");
                admin.post(MAPS, "{\"metadata\": {\"name\": \"n" + i + "\"}}").succeeded();
                Thread.sleep(50);
            }
        }
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> Flags.config(folder, "--etcd-compaction-interval=-1s"));
        assertEquals("--etcd-compaction-interval can not be negative value", refused.getMessage());
    }

    @Test
    void theStoreIsLookedAtAsFlagsSay(@TempDir Path folder) {
        assertEquals(
                StorageSettings.Looks.DEFAULT,
                Flags.config(folder).cluster().api().storage().looks());
        assertEquals(
                new StorageSettings.Looks(Duration.ofSeconds(5), Duration.ofMillis(500), false, Duration.ZERO),
                Flags.config(
                                folder,
                                "--etcd-healthcheck-timeout=5s",
                                "--etcd-readycheck-timeout=500ms",
                                "--etcd-count-metric-poll-period=0",
                                "--etcd-db-metric-poll-interval=0")
                        .cluster()
                        .api()
                        .storage()
                        .looks());
    }

    @Test
    void eachCheckOfTheStoreHasItsOwnLimit(@TempDir Path folder) throws Exception {
        try (TestEtcd store = TestEtcd.embedded(folder);
                SilentRelay relay = new SilentRelay(URI.create(store.urls().getFirst()));
                ApiServer server = start(
                        List.of(relay.url()),
                        folder,
                        "application/json",
                        "--etcd-healthcheck-timeout=200ms",
                        "--etcd-readycheck-timeout=1m");
                Caller admin = Caller.admin(server);
                Caller other = Caller.admin(server)) {
            assertEquals(200, admin.get("/livez/etcd").code());
            relay.fallSilent();
            FutureTask<Integer> ready =
                    new FutureTask<>(() -> other.get("/readyz/etcd-readiness").code());
            Thread.ofVirtual().start(ready);
            assertEquals(500, admin.get("/livez/etcd").code());
            relay.speak();
            assertEquals(200, ready.get(30, TimeUnit.SECONDS), "it had the time to wait");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8})
    void collectionsAreDeletedByAsManyAsThereAreToBe(int workers, @TempDir Path folder) throws Exception {
        ApiServerConfig config = Flags.config(folder, "--delete-collection-workers=" + workers);
        assertEquals(workers, config.cluster().api().storage().deletionWorkers());
        List<String> names = new ArrayList<>();
        for (int i = 10; i < 40; i++) {
            names.add("map-" + i);
        }
        try (ApiServer server = ApiServer.start(config);
                Caller admin = Caller.admin(server)) {
            for (String name : names) {
                admin.post(MAPS, "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"a\":\"b\"}}}")
                        .succeeded();
            }
            Caller.Answer deleted =
                    admin.call("DELETE", MAPS + "?labelSelector=a%3Db", "").succeeded();
            List<String> gone = new ArrayList<>();
            deleted.body()
                    .path("items")
                    .forEach(item -> gone.add(item.path("metadata").path("name").asText()));
            assertEquals(names, gone);
            assertEquals(
                    0,
                    admin.get(MAPS + "?labelSelector=a%3Db")
                            .succeeded()
                            .body()
                            .path("items")
                            .size());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --storage-backend=etcd2                | --storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'
                    --storage-media-type=application/yaml  | --storage-media-type "application/yaml" invalid, allowed values: application/json, application/vnd.kubernetes.protobuf
                    --watch-cache=false                    | --watch-cache=false: resources cannot be served without their caches
                    --enable-garbage-collector=false       | --enable-garbage-collector=false: objects always may wait for a garbage collector
                    --lease-reuse-duration-seconds=-1      | --lease-reuse-duration-seconds can not be negative value
                    --etcd-servers-overrides=/events/http://127.0.0.1:1 | --etcd-servers-overrides invalid, must be of format: group/resource#servers, where servers are URLs, semicolon separated
                    --etcd-servers-overrides=events#http://127.0.0.1:1  | --etcd-servers-overrides invalid, must be of format: group/resource#servers, where servers are URLs, semicolon separated
                    --etcd-servers-overrides=/events#http://127.0.0.1:1 | --etcd-servers-overrides: --etcd-servers must be specified
                    --etcd-healthcheck-timeout=0           | --etcd-healthcheck-timeout must be greater than zero: nothing answers in no time
                    --etcd-readycheck-timeout=-1s          | --etcd-readycheck-timeout must be greater than zero: nothing answers in no time
                    --etcd-db-metric-poll-interval=-1s     | --etcd-db-metric-poll-interval can not be negative value
                    --etcd-count-metric-poll-period=-1s    | --etcd-count-metric-poll-period can not be negative value
                    --watch-cache-sizes=pods               | --watch-cache-sizes: invalid value of watch cache size: pods
                    --watch-cache-sizes=pods#many          | --watch-cache-sizes: invalid size of watch cache size: pods#many
                    --watch-cache-sizes=pods#-1            | --watch-cache-sizes: watch cache size cannot be negative: pods#-1
                    --watch-cache-sizes=pods#0             | --watch-cache-sizes: pods#0: a resource cannot be served without its cache
                    """)
    void whatCannotBeIsRefused(String flag, String why, @TempDir Path folder) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> Flags.config(folder, flag))
                        .getMessage());
    }
}
