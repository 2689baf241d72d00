package io.keelson.apiserver.encryption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.store.Transformer;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin on a socket, and a clock that is moved by hand. */
final class KmsTest {
    private static final String PATH = "/registry/secrets/default/db";
    private static final byte[] VALUE = "{\"kind\":\"Secret\"}".getBytes(StandardCharsets.UTF_8);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final Metrics metrics = new Metrics();
    private EncryptionMetrics.Plugin counted;
    private TestPlugin plugin;
    private KmsPlugin service;
    private KmsProbe probe;
    private KmsEnvelope envelope;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        plugin = new TestPlugin(folder.resolve("kms.sock"));
        counted = new EncryptionMetrics(metrics, "server", now::get).plugin("plugin");
        service = KmsPlugin.at(plugin.endpoint(), TIMEOUT, counted);
        probe = new KmsProbe("plugin", service, counted, now::get);
        envelope = new KmsEnvelope(service, probe, counted, now::get);
    }

    @AfterEach
    void stop() {
        service.close();
        plugin.close();
    }

    private void pass(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }

    @Test
    void writesAndReadsWithoutAskingForEachValue() throws Exception {
        assertNull(probe.check());
        byte[] stored = envelope.toStored(PATH, VALUE);
        Transformer.Plain plain = envelope.fromStored(PATH, stored);
        assertArrayEquals(VALUE, plain.value());
        assertFalse(plain.stale());
        assertEquals(0, plugin.decrypted.get());

        KmsEnvelope other = new KmsEnvelope(service, probe, counted, now::get);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(VALUE, other.fromStored(PATH, stored).value());
        }
        assertEquals(1, plugin.decrypted.get());
        assertThrows(GeneralSecurityException.class, () -> other.fromStored("/registry/secrets/default/x", stored));
    }

    @Test
    void writesWithANewSeedOnceThePluginHasANewKey() throws Exception {
        assertNull(probe.check());
        byte[] before = envelope.toStored(PATH, VALUE);
        plugin.keyId = "key-2";
        assertNull(probe.check(), "it was asked a moment ago");
        assertFalse(envelope.fromStored(PATH, before).stale());
        pass(Duration.ofSeconds(30));
        assertNull(probe.check());
        Transformer.Plain plain = envelope.fromStored(PATH, before);
        assertArrayEquals(VALUE, plain.value());
        assertTrue(plain.stale());
        byte[] after = envelope.toStored(PATH, VALUE);
        assertFalse(envelope.fromStored(PATH, after).stale());
        assertEquals("key-2", EncryptedObject.decode(after).source().keyId());
    }

    @Test
    void coastsForThreeMinutesWhenThePluginDoesNotAnswer() throws Exception {
        assertNull(probe.check());
        byte[] stored = envelope.toStored(PATH, VALUE);
        plugin.broken = true;
        pass(Duration.ofMinutes(2));
        assertEquals(
                "failed to perform status section of the healthz check for KMS Provider plugin, error: rpc error: code ="
                        + " Internal desc = out of order",
                probe.check());
        var _ = envelope.toStored(PATH, VALUE);
        pass(Duration.ofMinutes(2));
        GeneralSecurityException expired =
                assertThrows(GeneralSecurityException.class, () -> envelope.toStored(PATH, VALUE));
        assertEquals(
                "encryptedDEKSource with keyID hash \"" + Bytes.hash("key-1")
                        + "\" expired at 2026-01-01T00:03:00Z (current time is 2026-01-01T00:04:00Z)",
                expired.getMessage());
        assertArrayEquals(VALUE, envelope.fromStored(PATH, stored).value());
        plugin.broken = false;
        pass(Duration.ofSeconds(5));
        assertNull(probe.check());
        var _ = envelope.toStored(PATH, VALUE);
    }

    @Test
    void saysWhatIsWrongWithThePlugin() {
        plugin.health = "on fire";
        plugin.version = "v3";
        assertEquals(
                "kmsv2 Provider plugin is not healthy, error: [got unexpected healthz status: on fire, expected KMSv2 API"
                        + " version v2, got v3]",
                probe.check());
        plugin.health = "ok";
        plugin.version = "v2";
        plugin.keyId = "";
        pass(Duration.ofSeconds(5));
        assertEquals(
                "kmsv2 Provider plugin is not healthy, error: got invalid KMSv2 KeyID hash \"\": keyID is empty",
                probe.check());
    }

    @Test
    void readsValuesThatWereWrittenWithOneKeyForMany() throws Exception {
        assertNull(probe.check());
        byte[] key = new byte[32];
        KmsService.Encrypted source = service.encrypt("uid", key);
        byte[] stored =
                new EncryptedObject(new AesGcm(key).toStored(PATH, VALUE), source, EncryptedObject.KEY).encode();
        Transformer.Plain plain = envelope.fromStored(PATH, stored);
        assertArrayEquals(VALUE, plain.value());
        assertTrue(plain.stale());
    }

    @Test
    void neitherReadsNorWritesBeforeThePluginHasAnswered() {
        assertEquals(
                "got unexpected nil transformer",
                assertThrows(GeneralSecurityException.class, () -> envelope.toStored(PATH, VALUE))
                        .getMessage());
    }

    @Test
    void isNotKeptWaitingLongerThanTheTimeout(@TempDir Path folder) throws Exception {
        try (KmsPlugin nobody =
                KmsPlugin.at("unix://" + folder.resolve("none.sock"), Duration.ofMillis(200), counted)) {
            String message = String.valueOf(
                    assertThrows(GeneralSecurityException.class, nobody::status).getMessage());
            assertTrue(message.startsWith("rpc error: code = DeadlineExceeded desc = "), message);
        }
    }

    @Test
    void readsTheFileAgainOnlyIfItIsRight(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("ec.yaml");
        String secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        String form = "{apiVersion: apiserver.config.k8s.io/v1, kind: EncryptionConfiguration, resources: [{resources:"
                + " [secrets], providers: [%s]}]}";
        String aes = "{aescbc: {keys: [{name: a, secret: " + secret + "}]}}";
        String kms = "{kms: {apiVersion: v2, name: p, endpoint: '" + plugin.endpoint() + "', timeout: 10s}}";
        Files.writeString(file, form.formatted(aes));
        StoredResources resources = new StoredResources("/registry", BuiltInKinds.resources());
        Metrics metrics = new Metrics();
        EncryptionMetrics plugins = new EncryptionMetrics(metrics, "server", now::get);
        try (EncryptionAtRest encryption = EncryptionAtRest.open(file, true, resources::of, plugins, now::get)) {
            byte[] first = encryption.toStored(PATH, VALUE);
            Files.writeString(file, form.formatted("{aescbc: {}}"));
            assertFalse(encryption.reload());
            assertArrayEquals(VALUE, encryption.fromStored(PATH, first).value());

            Files.writeString(file, form.formatted(kms + ", " + aes));
            assertTrue(encryption.reload());
            assertTrue(encryption.fromStored(PATH, first).stale());
            byte[] second = encryption.toStored(PATH, VALUE);
            assertEquals("k8s:enc:kms:v2:p:", new String(second, 0, 17, StandardCharsets.UTF_8));
            assertFalse(encryption.fromStored(PATH, second).stale());
            assertTrue(encryption.isChecked());
            assertNull(encryption.problem());
            assertArrayEquals(VALUE, encryption.toStored("/registry/configmaps/default/x", VALUE));
            for (String status : List.of("failure", "success")) {
                assertTrue(
                        metrics.text()
                                .lines()
                                .anyMatch(line -> line.startsWith(
                                                "apiserver_encryption_config_controller_automatic_reloads_total{")
                                        && line.endsWith("status=\"" + status + "\"} 1")),
                        metrics::text);
            }
        }
    }

    /** The lines of a metric without what they have in common. */
    private List<String> lines(String name) {
        String start = "apiserver_envelope_encryption_" + name + "{";
        return metrics.text()
                .lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length())
                        .replace("apiserver_id_hash=\"" + Bytes.hash("server") + "\"", "server")
                        .replace("provider_name=\"plugin\"", "plugin"))
                .toList();
    }

    @Test
    void tellsWhichKeysAreInUse() throws Exception {
        assertNull(probe.check());
        byte[] first = envelope.toStored(PATH, VALUE);
        var _ = envelope.fromStored(PATH, first);
        plugin.keyId = "key-2";
        pass(Duration.ofSeconds(30));
        assertNull(probe.check());
        var _ = envelope.toStored(PATH, VALUE);
        var _ = envelope.fromStored(PATH, first);
        String one = "server,key_id_hash=\"" + Bytes.hash("key-1") + "\",plugin";
        String two = "server,key_id_hash=\"" + Bytes.hash("key-2") + "\",plugin";
        long begin = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();
        String read = ",transformation_type=\"from_storage\"} ";
        String written = ",transformation_type=\"to_storage\"} ";
        assertEquals(
                Set.of(one + read + 2, one + written + 1, two + written + 1), Set.copyOf(lines("key_id_hash_total")));
        assertEquals(
                Set.of(one + read + (begin + 30), one + written + begin, two + written + (begin + 30)),
                Set.copyOf(lines("key_id_hash_last_timestamp_seconds")));
        assertEquals(
                Set.of(one + "} " + begin, two + "} " + (begin + 30)),
                Set.copyOf(lines("key_id_hash_status_last_timestamp_seconds")));
        plugin.keyId = "";
        pass(Duration.ofSeconds(30));
        assertNotNull(probe.check());
        plugin.keyId = "k".repeat(2_000);
        pass(Duration.ofSeconds(30));
        assertNotNull(probe.check());
        assertEquals(
                List.of("error=\"empty\",plugin} 1", "error=\"too_long\",plugin} 1"),
                lines("invalid_key_id_from_status_total"));
    }

    @Test
    void timesWhatThePluginIsAsked() throws Exception {
        assertNull(probe.check());
        byte[] stored = envelope.toStored(PATH, VALUE);
        var _ = new KmsEnvelope(service, probe, counted, now::get).fromStored(PATH, stored);
        plugin.broken = true;
        pass(Duration.ofSeconds(30));
        assertNotNull(probe.check());
        String method = ",method_name=\"/v2.KeyManagementService/";
        assertEquals(
                List.of(
                        "grpc_status_code=\"Internal\"" + method + "Status\",plugin} 1",
                        "grpc_status_code=\"OK\"" + method + "Decrypt\",plugin} 1",
                        "grpc_status_code=\"OK\"" + method + "Encrypt\",plugin} 1",
                        "grpc_status_code=\"OK\"" + method + "Status\",plugin} 1"),
                lines("kms_operations_latency_seconds_count"));
    }

    @Test
    void forgetsTheKeysThatWereUsedLongestAgo() {
        for (int i = 0; i < 150; i++) {
            pass(Duration.ofSeconds(1));
            counted.read("key-" + i);
        }
        List<String> lines = lines("key_id_hash_total");
        assertEquals(100, lines.size());
        assertTrue(lines.stream().anyMatch(line -> line.contains(Bytes.hash("key-149"))));
        assertTrue(lines.stream().noneMatch(line -> line.contains(Bytes.hash("key-49"))));
    }
}
