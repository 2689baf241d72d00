package io.keelson.apiserver.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.encryption.Settings.ProviderSettings;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsFileTest {
    private static final String SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private static Settings read(String yaml) throws EncryptionException {
        return SettingsFile.read("ec.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static Settings rules(String resources, String providers) throws EncryptionException {
        return read("{apiVersion: apiserver.config.k8s.io/v1, kind: EncryptionConfiguration, resources: [{resources: ["
                + resources + "], providers: [" + providers + "]}]}");
    }

    private static void refused(String message, String resources, String providers) {
        EncryptionException failure = assertThrows(EncryptionException.class, () -> rules(resources, providers));
        assertEquals(message, failure.getMessage());
    }

    @Test
    void readsWhatIsWrittenAtLength() throws EncryptionException {
        Settings settings = read("""
                apiVersion: apiserver.config.k8s.io/v1
                kind: EncryptionConfiguration
                resources:
                - resources: [secrets, configmaps, widgets.example.com]
                  providers:
                  - aescbc:
                      keys:
                      - name: key1
                        secret: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
                  - kms: {apiVersion: v2, name: plugin, endpoint: 'unix:///run/kms.sock', timeout: 5s}
                  - identity: {}
                - resources: ['*.apps']
                  providers:
                  - secretbox: {keys: [{name: k, secret: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}]}
                """);
        assertEquals(2, settings.rules().size());
        assertEquals(3, settings.rules().getFirst().providers().size());
        ProviderSettings.Kms kms = assertInstanceOf(
                ProviderSettings.Kms.class,
                settings.rules().getFirst().providers().get(1));
        assertEquals(new ProviderSettings.Kms("plugin", "unix:///run/kms.sock", Duration.ofSeconds(5)), kms);
        assertFalse(settings.toString().contains("AAEC"), "secrets are not shown");
    }

    @Test
    void saysWhatIsWrongWithKeys() {
        String path = "resources[0].providers[0].aescbc.keys";
        refused(path + ": Required value: at least one keys is required", "secrets", "{aescbc: {keys: []}}");
        refused(
                path
                        + "[0].secret: Invalid value: \"REDACTED\": secret is not of the expected length, got 3, expected one"
                        + " of [16 24 32]",
                "secrets",
                "{aescbc: {keys: [{name: a, secret: YWJj}]}}");
        refused(
                path + "[0].secret: Invalid value: \"REDACTED\": secrets must be base64 encoded",
                "secrets",
                "{aescbc: {keys: [{name: a, secret: '!'}]}}");
        refused(
                "[" + path + "[0].name: Required value: name is a mandatory field for a key, " + path
                        + "[0].secret: Required value: secret is a mandatory field for a key]",
                "secrets",
                "{aescbc: {keys: [{}]}}");
        refused(
                "resources[0].providers[0].secretbox.keys[0].secret: Invalid value: \"REDACTED\": secret is not of the"
                        + " expected length, got 16, expected one of [32]",
                "secrets",
                "{secretbox: {keys: [{name: a, secret: AAECAwQFBgcICQoLDA0ODw==}]}}");
    }

    @Test
    void saysWhatIsWrongWithResources() {
        String identity = "{identity: {}}";
        refused(
                "resources[0].resources[0]: Invalid value: \"*\": use '*.' to encrypt all the resources from core API group"
                        + " or *.* to encrypt all resources",
                "'*'",
                identity);
        refused(
                "resources[0].resources[0]: Invalid value: \"Secrets\": resource name should not contain capital letters",
                "Secrets",
                identity);
        refused(
                "resources[0].resources[0]: Invalid value: \"servicenodeportallocations\": resources which do not have REST"
                        + " API/s cannot be encrypted",
                "servicenodeportallocations",
                identity);
        refused(
                "resources[0].resources[0]: Invalid value: \"secrets.*\": encrypting the same resource across groups is not"
                        + " supported",
                "'secrets.*'",
                identity);
        refused(
                "resources[0].resources: Invalid value: [\"secrets\",\"*.\"]: using overlapping resources such as 'secrets'"
                        + " and '*.' in the same resource list is not allowed as they will be masked",
                "secrets, '*.'",
                identity);
        refused(
                "resources[0].resources: Invalid value: [\"secrets\",\"secrets\"]: the same resource cannot be specified"
                        + " multiple times",
                "secrets, secrets",
                identity);
    }

    @Test
    void saysWhatIsWrongWithPlugins() {
        String path = "resources[0].providers[0].kms.";
        refused(
                path
                        + "endpoint: Invalid value: \"http://x\": unsupported scheme \"http\" for KMS provider, only unix is"
                        + " supported",
                "secrets",
                "{kms: {apiVersion: v2, name: a, endpoint: 'http://x'}}");
        refused(
                path + "timeout: Invalid value: \"0s\": timeout should be a positive value",
                "secrets",
                "{kms: {apiVersion: v2, name: a, endpoint: 'unix:///x', timeout: 0s}}");
        refused(
                path + "name: Invalid value: \"a:b\": invalid KMS provider name a:b, must not contain ':'",
                "secrets",
                "{kms: {apiVersion: v2, name: 'a:b', endpoint: 'unix:///x'}}");
        refused(
                path + "cachesize: Invalid value: 5: cachesize is not supported in v2",
                "secrets",
                "{kms: {apiVersion: v2, name: a, endpoint: 'unix:///x', cachesize: 5}}");
    }

    @Test
    void readsNothingElse() {
        for (String yaml : new String[] {
            "[]",
            "a: b",
            "{",
            "apiVersion: v1\nkind: Pod\n",
            "apiVersion: apiserver.config.k8s.io/v2\nkind: EncryptionConfiguration\n"
        }) {
            String message = String.valueOf(
                    assertThrows(EncryptionException.class, () -> read(yaml)).getMessage());
            assertTrue(
                    message.startsWith("error decoding encryption provider configuration file \"ec.yaml\": "), message);
        }
        assertEquals(
                "encryption provider configuration file \"ec.yaml\" is empty",
                assertThrows(EncryptionException.class, () -> read("")).getMessage());
        refused(
                "error decoding encryption provider configuration file \"ec.yaml\": strict decoding error: unknown field"
                        + " \"resources[0].providers[0].aescbcc\"",
                "secrets",
                "{aescbcc: {}, identity: {}}");
    }

    private static Encryption open(Settings settings) throws EncryptionException {
        InstantSource clock = InstantSource.system();
        return Encryption.open(settings, new EncryptionMetrics(new Metrics(), "server", clock), clock);
    }

    @Test
    void refusesRulesThatEarlierOnesHide() throws EncryptionException {
        Settings settings = read("{apiVersion: v1, kind: EncryptionConfiguration, resources: ["
                + "{resources: ['*.'], providers: [{identity: {}}]},"
                + "{resources: [secrets], providers: [{identity: {}}]}]}");
        assertEquals(
                "error while building transformers: resource \"secrets\" is masked by earlier rule \"*.\"",
                assertThrows(EncryptionException.class, () -> open(settings)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "secrets, a",
        "configmaps, c",
        "deployments.apps, b",
        "widgets.example.com, d",
        "events, c",
    })
    void theNarrowestRuleCounts(String resource, String name) throws Exception {
        StringBuilder yaml = new StringBuilder("{apiVersion: v1, kind: EncryptionConfiguration, resources: [");
        String[][] rules = {{"secrets", "a"}, {"'*.apps'", "b"}, {"'*.'", "c"}, {"'*.*'", "d"}};
        for (String[] rule : rules) {
            yaml.append("{resources: [").append(rule[0]).append("], providers: [{aesgcm: {keys: [{name: ");
            yaml.append(rule[1]).append(", secret: ").append(SECRET).append("}]}}]},");
        }
        try (Encryption encryption = open(read(yaml.append("]}").toString()))) {
            byte[] stored = encryption.rules().of(ResourceRules.parse(resource)).toStored("/x", new byte[1]);
            String text = new String(stored, StandardCharsets.ISO_8859_1);
            assertTrue(text.startsWith("k8s:enc:aesgcm:v1:" + name + ":"), text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/registry/secrets/default/db, '', secrets",
        "/registry/services/specs/default/web, '', services",
        "/registry/services/endpoints/default/web, '', endpoints",
        "/registry/minions/n1, '', nodes",
        "/registry/deployments/default/web, apps, deployments",
        "/registry/ingress/default/web, networking.k8s.io, ingresses",
        "/registry/apiextensions.k8s.io/customresourcedefinitions/x, apiextensions.k8s.io, customresourcedefinitions",
        "/registry/example.com/widgets/default/one, example.com, widgets",
        "/registry/ranges/servicenodeports, , ",
        "/registry/masterleases/10.0.0.1, , ",
        "/other/secrets/default/db, , ",
        "compact_rev_key, , ",
    })
    void findsTheResourceOfAKey(String key, String group, String resource) {
        StoredResources resources = new StoredResources("/registry", BuiltInKinds.resources());
        assertEquals(resource == null ? null : new GroupResource(group, resource), resources.of(key));
    }
}
