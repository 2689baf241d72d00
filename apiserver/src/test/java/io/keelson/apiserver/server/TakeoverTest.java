package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TypeCheck;
import io.keelson.apiserver.schema.UnknownFields;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A store that another program has written, or an older version: objects lie in it in JSON and in protobuf, some of them
 * without the fields that have defaults. They are read with them, and can be changed.
 */
@Timeout(120)
final class TakeoverTest {
    private static final String TEMPLATE =
            "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i:1\"}]}}";

    /** What admission gives every pod, also to one that is changed. */
    private static final String TOLERATIONS =
            "\"tolerations\":[{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\","
                    + "\"effect\":\"NoExecute\",\"tolerationSeconds\":300},{\"key\":\"node.kubernetes.io/unreachable\","
                    + "\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}]";

    /** Of a feature that is off here, as in Kubernetes unless it is told otherwise. */
    private static final String CERTIFICATE =
            "\"podCertificate\":{\"signerName\":\"example.com/a\",\"keyType\":\"ED25519\"}";

    /**
     * @param key after {@code /registry/}
     * @param path at which it is served
     * @param type {@code "kind":…,"apiVersion":…}
     * @param rest what stands beside its metadata
     * @param filled pointer to a field that has a default and was left out
     * @param value that default
     */
    private record Old(String key, String path, String type, String rest, String filled, String value) {
        byte[] stored(boolean protobuf) {
            String name = key.substring(key.lastIndexOf('/') + 1);
            byte[] json = ("{" + type + ",\"metadata\":{\"name\":\"" + name
                            + "\",\"namespace\":\"default\",\"uid\":\"uid-" + name
                            + "\",\"generation\":1,\"creationTimestamp\":\"2020-01-01T00:00:00Z\"}," + rest + "}\n")
                    .getBytes(StandardCharsets.UTF_8);
            return protobuf ? KubernetesProtobuf.encode(Json.parseObject(json)) : json;
        }

        String fullKey() {
            return "/registry/" + key;
        }

        String list() {
            return path.substring(0, path.lastIndexOf('/'));
        }

        String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    private static List<Old> objects(String suffix) {
        String selector = "\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":" + TEMPLATE;
        return List.of(
                new Old(
                        "statefulsets/default/set" + suffix,
                        "/apis/apps/v1/namespaces/default/statefulsets/set" + suffix,
                        "\"kind\":\"StatefulSet\",\"apiVersion\":\"apps/v1\"",
                        "\"spec\":{\"serviceName\":\"s\"," + selector
                                + ",\"volumeClaimTemplates\":[{\"metadata\":{\"name\":\"d\"},\"spec\":{\"accessModes\":"
                                + "[\"ReadWriteOnce\"],\"resources\":{\"requests\":{\"storage\":\"1Gi\"}}}}]}",
                        "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted",
                        "Retain"),
                new Old(
                        "pods/default/pod" + suffix,
                        "/api/v1/namespaces/default/pods/pod" + suffix,
                        "\"kind\":\"Pod\",\"apiVersion\":\"v1\"",
                        "\"spec\":{\"nodeName\":\"n\"," + TOLERATIONS
                                + ",\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"ports\":"
                                + "[{\"containerPort\":80}],\"livenessProbe\":{\"httpGet\":{\"port\":80}}}]},"
                                + "\"status\":{\"phase\":\"Running\"}",
                        "/spec/containers/0/terminationMessagePolicy",
                        "File"),
                new Old(
                        "deployments/default/deployment" + suffix,
                        "/apis/apps/v1/namespaces/default/deployments/deployment" + suffix,
                        "\"kind\":\"Deployment\",\"apiVersion\":\"apps/v1\"",
                        "\"spec\":{" + selector + "}",
                        "/spec/strategy/rollingUpdate/maxSurge",
                        "25%"),
                new Old(
                        "services/specs/default/service" + suffix,
                        "/api/v1/namespaces/default/services/service" + suffix,
                        "\"kind\":\"Service\",\"apiVersion\":\"v1\"",
                        "\"spec\":{\"clusterIP\":\"None\",\"clusterIPs\":[\"None\"],\"ipFamilies\":[\"IPv4\"],"
                                + "\"ipFamilyPolicy\":\"SingleStack\",\"selector\":{\"a\":\"b\"},\"ports\":[{\"port\":80}]}",
                        "/spec/internalTrafficPolicy",
                        "Cluster"),
                new Old(
                        "jobs/default/job" + suffix,
                        "/apis/batch/v1/namespaces/default/jobs/job" + suffix,
                        "\"kind\":\"Job\",\"apiVersion\":\"batch/v1\"",
                        "\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":"
                                + TEMPLATE.replace("\"spec\":{", "\"spec\":{\"restartPolicy\":\"Never\",") + "}",
                        "/spec/podReplacementPolicy",
                        "TerminatingOrFailed"));
    }

    private static ApiServer start(TestEtcd etcd) throws Exception {
        return ApiServer.start(
                ApiServerConfig.ephemeral().withStore(new EtcdConnection(etcd.urls(), null, null, null, "/registry")));
    }

    private static void takeOver(Path folder, boolean protobuf) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore raw = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            for (Old old : objects("")) {
                assertTrue(raw.create(old.fullKey(), old.stored(protobuf), 0) > 0);
            }
            try (ApiServer server = start(etcd);
                    Caller admin = Caller.admin(server)) {
                for (Old old : objects("")) {
                    readAndChange(raw, admin, old, protobuf);
                }
                for (Old old : objects("-later")) {
                    watch(raw, admin, old, protobuf);
                }
            }
        }
    }

    private static StoredValue value(EtcdStore raw, Old old) throws InterruptedException {
        return Objects.requireNonNull(raw.get(old.fullKey()), old.key());
    }

    private static JsonNode listed(Caller admin, Old old, String version) throws Exception {
        for (JsonNode item : admin.get(old.list() + version).succeeded().body().path("items")) {
            if (item.at("/metadata/name").asText().equals(old.name())) {
                return item;
            }
        }
        throw new AssertionError(old.path() + " is not listed");
    }

    private static void readAndChange(EtcdStore raw, Caller admin, Old old, boolean protobuf) throws Exception {
        StoredValue before = value(raw, old);
        ObjectNode read = admin.get(old.path()).succeeded().body();
        assertEquals(old.value(), read.at(old.filled()).asText(), old.path());
        assertEquals(before.revision(), read.at("/metadata/resourceVersion").asLong(), "reading writes nothing");
        for (String version : List.of("", "?resourceVersion=0")) {
            assertEquals(
                    old.value(), listed(admin, old, version).at(old.filled()).asText(), old.path() + version);
        }
        Caller.Answer patched = admin.call(
                "PATCH",
                old.path(),
                "{\"metadata\":{\"labels\":{\"taken\":\"over\"}}}",
                "Content-Type",
                "application/merge-patch+json");
        assertEquals(200, patched.code(), patched.text());
        assertEquals("over", patched.at("/metadata/labels/taken"));
        assertEquals(
                read.at("/metadata/generation"),
                patched.body().at("/metadata/generation"),
                "the metadata is no specification: " + old.path());
        assertEquals(read.path("spec"), patched.body().path("spec"), old.path());
        ObjectNode put = patched.body();
        assertEquals(200, admin.call("PUT", old.path(), put.toString()).code(), old.path());
        handBack(raw, admin, old, protobuf);
    }

    /** What was written is what a kube-apiserver reads: the same object, under the same key. */
    private static void handBack(EtcdStore raw, Caller admin, Old old, boolean protobuf) throws Exception {
        byte[] bytes = value(raw, old).bytes();
        assertFalse(KubernetesProtobuf.isProtobuf(bytes), "JSON is written, whatever was read: " + protobuf);
        ObjectNode stored = Json.parseObject(bytes);
        assertEquals(old.value(), stored.at(old.filled()).asText());
        assertEquals("uid-" + old.name(), stored.at("/metadata/uid").asText());
        assertTrue(stored.at("/metadata/resourceVersion").isMissingNode());
        GroupVersion version = GroupVersion.parse(stored.path("apiVersion").asText());
        Schema schema = Objects.requireNonNull(BuiltInSchemas.find(
                version.group(), version.version(), stored.path("kind").asText()));
        assertNull(TypeCheck.check(stored, schema), old.key());
        assertEquals(List.of(), UnknownFields.find(stored, schema), old.key());
        // In protobuf an object inside another one does not say of what kind it is.
        ObjectNode untyped = stored.deepCopy();
        for (JsonNode claim : untyped.at("/spec/volumeClaimTemplates")) {
            ((ObjectNode) claim).remove(List.of("apiVersion", "kind"));
        }
        assertEquals(
                untyped,
                Json.parse(Json.encode(KubernetesProtobuf.decode(KubernetesProtobuf.encode(stored)))),
                old.key());
        ObjectNode read = admin.get(old.path()).succeeded().body();
        assertEquals(read.path("spec"), stored.path("spec"));
    }

    private static void watch(EtcdStore raw, Caller admin, Old old, boolean protobuf) throws Exception {
        String from = admin.get(old.list()).succeeded().at("/metadata/resourceVersion");
        assertTrue(raw.create(old.fullKey(), old.stored(protobuf), 0) > 0);
        Caller.Answer events = admin.get(old.list() + "?watch=true&timeoutSeconds=2&resourceVersion=" + from);
        JsonNode added = null;
        for (String line : events.text().lines().toList()) {
            JsonNode event = Json.parse(line.getBytes(StandardCharsets.UTF_8));
            if (event.at("/object/metadata/name").asText().equals(old.name())) {
                added = event;
            }
        }
        assertEquals(
                "ADDED",
                Objects.requireNonNull(added, events.text()).path("type").asText());
        assertEquals(old.value(), added.at("/object" + old.filled()).asText());
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void objectsInJsonAreReadWithTheirDefaultsAndCanBeChanged(@TempDir Path folder) throws Exception {
        takeOver(folder, false);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void objectsInProtobufAreReadWithTheirDefaultsAndCanBeChanged(@TempDir Path folder) throws Exception {
        takeOver(folder, true);
    }

    /** As a kube-apiserver does: what is stored is compared, not what is read. */
    @Test
    void anUpdateThatChangesNothingStoresTheDefaultsOnce(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore raw = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            Old old = objects("").getFirst();
            assertTrue(raw.create(old.fullKey(), old.stored(false), 0) > 0);
            try (ApiServer server = start(etcd);
                    Caller admin = Caller.admin(server)) {
                long first = value(raw, old).revision();
                String merge = "application/merge-patch+json";
                admin.call("PATCH", old.path(), "{}", "Content-Type", merge).succeeded();
                long second = value(raw, old).revision();
                assertTrue(second > first);
                admin.call("PATCH", old.path(), "{}", "Content-Type", merge).succeeded();
                assertEquals(second, value(raw, old).revision());
            }
        }
    }

    private static String volumes(String... sources) {
        return "\"volumes\":[{\"name\":\"v\",\"projected\":{\"sources\":[" + String.join(",", sources) + "]}}]";
    }

    private static void keepWhatIsOff(Path folder, boolean protobuf) throws Exception {
        Old old = new Old(
                "pods/default/certified",
                "/api/v1/namespaces/default/pods/certified",
                "\"kind\":\"Pod\",\"apiVersion\":\"v1\"",
                "\"spec\":{\"nodeName\":\"n\"," + TOLERATIONS + "," + volumes("{" + CERTIFICATE + "}")
                        + ",\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]},\"status\":{\"phase\":\"Running\"}",
                "/spec/volumes/0/projected/sources/0/podCertificate/signerName",
                "example.com/a");
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore raw = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            assertTrue(raw.create(old.fullKey(), old.stored(protobuf), 0) > 0);
            try (ApiServer server = start(etcd);
                    Caller admin = Caller.admin(server)) {
                readAndChange(raw, admin, old, protobuf);
            }
        }
    }

    @Test
    void whatIsSwitchedOffHereIsKeptOfObjectsInJson(@TempDir Path folder) throws Exception {
        keepWhatIsOff(folder, false);
    }

    @Test
    void whatIsSwitchedOffHereIsKeptOfObjectsInProtobuf(@TempDir Path folder) throws Exception {
        keepWhatIsOff(folder, true);
    }

    @Test
    void whatIsSwitchedOffCannotBeBroughtIn(@TempDir Path folder) throws Exception {
        String spec = "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}],"
                + volumes("{\"configMap\":{\"name\":\"a\"}," + CERTIFICATE + "}") + "}";
        String set = "\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":"
                + "{\"labels\":{\"a\":\"b\"}}," + spec + "}}";
        String sources = "/spec/template/spec/volumes/0/projected/sources/0";
        String sets = "/apis/apps/v1/namespaces/default/daemonsets";
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                ApiServer server = start(etcd);
                Caller admin = Caller.admin(server)) {
            ObjectNode created = admin.post(sets, "{\"metadata\":{\"name\":\"a\"}," + set + "}")
                    .succeeded()
                    .body();
            assertEquals("{\"configMap\":{\"name\":\"a\"}}", created.at(sources).toString());
            ObjectNode changed = admin.call(
                            "PATCH", sets + "/a", "{" + set + "}", "Content-Type", "application/merge-patch+json")
                    .succeeded()
                    .body();
            assertEquals(created.path("spec"), changed.path("spec"));
            assertEquals(created.at("/metadata/generation"), changed.at("/metadata/generation"));
        }
    }
}
