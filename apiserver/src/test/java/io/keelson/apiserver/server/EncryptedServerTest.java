package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.encryption.TestPlugin;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import io.keelson.apiserver.store.Transformer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server's secrets in the store, as its configuration of encryption changes. */
final class EncryptedServerTest {
    private static final String OLD = "{name: old, secret: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}";
    private static final String NEW = "{name: new, secret: HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}";
    private static final String KEY = "/registry/secrets/default/db";

    /** What lies in the store, as it is. */
    static final Transformer RAW = new Transformer() {
        @Override
        public byte[] toStored(String key, byte[] value) {
            return value;
        }

        @Override
        public Plain fromStored(String key, byte[] stored) {
            return new Plain(stored, false);
        }
    };

    @BeforeAll
    static void needsKubectl() {
        Kubectl.assumeThere();
    }

    private static ApiServerConfig config(TestEtcd etcd, Path folder, String resources, String providers)
            throws Exception {
        Path file = folder.resolve("encryption.yaml");
        Files.writeString(
                file,
                "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: ["
                        + resources + "]\n  providers: [" + providers + "]\n");
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        return new ApiServerConfig(
                plain.bindAddress(),
                plain.securePort(),
                new EtcdConnection(etcd.urls(), null, null, null, "/registry"),
                null,
                null,
                null,
                plain.authorizationModes(),
                plain.anonymous(),
                plain.serviceRange(),
                plain.eventTimeToLive(),
                plain.requestTimeoutMin(),
                plain.cluster().withEncryption(file, false));
    }

    private static String begin(EtcdStore raw, String key) throws InterruptedException {
        StoredValue value = raw.get(key);
        assertNotNull(value, key);
        String text = new String(value.bytes(), StandardCharsets.ISO_8859_1);
        return text.substring(0, Math.min(text.length(), 26));
    }

    @Test
    void writesSecretsEncryptedAndRotatesKeys(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore raw = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT.withTransformer(RAW))) {
            String oldKeys = "{aescbc: {keys: [" + OLD + "]}}";
            try (ApiServer server = ApiServer.start(config(etcd, folder, "secrets", oldKeys))) {
                Kubectl kubectl = new Kubectl(server, folder);
                kubectl.run("create", "secret", "generic", "db", "--from-literal=a=x");
                kubectl.run("create", "configmap", "c", "--from-literal=a=x");
                assertEquals("eA==", kubectl.run("get", "secret", "db", "-o", "jsonpath={.data.a}"));
                assertTrue(begin(raw, KEY).startsWith("k8s:enc:aescbc:v1:old:"));
                assertTrue(begin(raw, "/registry/configmaps/default/c").startsWith("{"));
            }
            String rotated = "{secretbox: {keys: [" + NEW + "]}}, " + oldKeys + ", {identity: {}}";
            try (ApiServer server = ApiServer.start(config(etcd, folder, "secrets", rotated))) {
                Kubectl kubectl = new Kubectl(server, folder);
                assertEquals("eA==", kubectl.run("get", "secret", "db", "-o", "jsonpath={.data.a}"));
                String before = kubectl.run("get", "secret", "db", "-o", "jsonpath={.metadata.resourceVersion}");
                String same = kubectl.run("get", "secret", "db", "-o", "json");
                kubectl.with(same, "replace", "-f", "-");
                assertTrue(begin(raw, KEY).startsWith("k8s:enc:secretbox:v1:new:"), "the same object, written anew");
                String after = kubectl.run("get", "secret", "db", "-o", "jsonpath={.metadata.resourceVersion}");
                assertTrue(Long.parseLong(after) > Long.parseLong(before));
            }
            try (ApiServer server = ApiServer.start(
                    config(etcd, folder, "secrets", "{aesgcm: {keys: [" + OLD + "]}}, {identity: {}}"))) {
                Kubectl kubectl = new Kubectl(server, folder);
                assertEquals(
                        "Error from server (InternalError): Internal error occurred: unable to transform key \"" + KEY
                                + "\": no matching prefix found",
                        kubectl.fail("", "delete", "secret", "db"));
                assertEquals(
                        List.of(),
                        kubectl.run("get", "namespaces", "-o", "name")
                                .lines()
                                .filter(line -> !line.startsWith("namespace/"))
                                .toList());
            }
        }
    }

    @Test
    void asksAPluginForItsKeys(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore raw = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT.withTransformer(RAW));
                TestPlugin plugin = new TestPlugin(folder.resolve("kms.sock"))) {
            String kms = "{kms: {apiVersion: v2, name: vault, endpoint: 'unix://" + folder.resolve("kms.sock")
                    + "', timeout: 10s}}, {identity: {}}";
            for (int start = 1; start <= 2; start++) {
                try (ApiServer server = ApiServer.start(config(etcd, folder, "'*.*'", kms))) {
                    Kubectl kubectl = new Kubectl(server, folder);
                    if (start == 1) {
                        kubectl.run("create", "secret", "generic", "db", "--from-literal=a=x");
                        kubectl.run("create", "service", "nodeport", "np", "--tcp=80:80");
                        String encrypted = "k8s:enc:kms:v2:vault:";
                        assertTrue(begin(raw, KEY).startsWith(encrypted));
                        assertTrue(begin(raw, "/registry/services/specs/default/np")
                                .startsWith(encrypted));
                        assertTrue(begin(raw, "/registry/ipaddresses/10.96.0.1").startsWith(encrypted));
                        assertTrue(
                                begin(raw, "/registry/ranges/servicenodeports").startsWith("k8s\0"));
                    }
                    assertEquals("eA==", kubectl.run("get", "secret", "db", "-o", "jsonpath={.data.a}"));
                    assertEquals("ok", kubectl.run("get", "--raw", "/healthz/kms-providers"));
                }
            }
            assertEquals("unix://" + folder.resolve("kms.sock"), plugin.endpoint());
        }
    }
}
