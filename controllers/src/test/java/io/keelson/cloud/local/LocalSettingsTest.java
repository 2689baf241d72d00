package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LocalSettingsTest {
    private static LocalSettings parse(String text) throws ConfigException {
        return LocalSettings.parse("local.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(String expected, String text) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> parse(text));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.startsWith(expected), () -> message + " does not begin with " + expected);
    }

    private static String file(String rest) {
        return "apiVersion: cloud.keelson.io/v1\nkind: LocalCloud\n" + rest;
    }

    @Test
    void allOfItIsRead() throws ConfigException {
        LocalSettings settings = parse(file("""
            addresses: [192.168.1.240-192.168.1.250, 10.1.0.0/29, "fd00::10"]
            interface: eth0
            ipMode: Proxy
            maxConnections: 10
            maxFlows: 20
            connectTimeout: 500ms
            idleTimeout: 2m
            flowTimeout: 5s
            healthCheckPeriod: 1s
            """));
        assertEquals(
                "[192.168.1.240-192.168.1.250, 10.1.0.1-10.1.0.6, fd00::10]",
                settings.addresses().toString());
        assertEquals("eth0", settings.networkInterface());
        assertEquals("Proxy", settings.ipMode());
        assertEquals(10, settings.maxConnections());
        assertEquals(20, settings.maxFlows());
        assertEquals(Duration.ofMillis(500), settings.connectTimeout());
        assertEquals(Duration.ofMinutes(2), settings.idleTimeout());
        assertEquals(Duration.ofSeconds(5), settings.flowTimeout());
        assertEquals(Duration.ofSeconds(1), settings.healthCheckPeriod());
        LocalSettings least = parse(file("addresses: [10.0.0.1]"));
        assertEquals(LocalSettings.of(least.addresses()), least);
    }

    @Test
    void eachMistakeIsToldWithItsLine() {
        refused("local.yaml: is empty", "");
        refused("local.yaml:1: the field \"apiVersion\" is missing", "kind: LocalCloud");
        refused("local.yaml:1: apiVersion: must be one of cloud.keelson.io/v1, not \"v2\"", "apiVersion: v2\nkind: a");
        refused("local.yaml:2: kind: must be one of LocalCloud", "apiVersion: cloud.keelson.io/v1\nkind: FileCloud");
        refused("local.yaml:1: the field \"addresses\" is missing", file(""));
        refused("local.yaml:3: addresses: must name at least one address", file("addresses: []"));
        refused("local.yaml:3: addresses: must be a list", file("addresses: 10.0.0.1"));
        refused("local.yaml:4: addresses[0]: must be addresses, as", file("addresses:\n- 10.0.0.300"));
        refused(
                "local.yaml:5: addresses[1]: 10.0.0.1 has addresses in it that are in the list already",
                file("addresses:\n- 10.0.0.0/24\n- 10.0.0.1"));
        refused("local.yaml:4: there is no field \"adresses\"", file("addresses: [10.0.0.1]\nadresses: []"));
        refused("local.yaml:4: interface: must be the name of", file("addresses: [10.0.0.1]\ninterface: a b"));
        refused("local.yaml:4: interface: must be the name of", file("addresses: [10.0.0.1]\ninterface: -x"));
        refused("local.yaml:4: maxFlows: must be a whole number", file("addresses: [10.0.0.1]\nmaxFlows: 0"));
        refused("local.yaml:4: maxFlows: must be a whole number", file("addresses: [10.0.0.1]\nmaxFlows: x"));
        refused("local.yaml:4: idleTimeout: must be a span", file("addresses: [10.0.0.1]\nidleTimeout: 0s"));
        refused("local.yaml:4: idleTimeout: must be a span", file("addresses: [10.0.0.1]\nidleTimeout: soon"));
        refused("local.yaml:4", file("addresses: [10.0.0.1]\naddresses: [10.0.0.2]"));
    }

    @Test
    void whatIsNoYamlIsToldAsSuch() {
        refused("local.yaml", "\u0000");
        refused("local.yaml:2: ", "a: [1\nb: 2");
        refused("local.yaml: has more than one document", file("addresses: [10.0.0.1]\n---\na: b"));
        refused("local.yaml", "[".repeat(100_000));
        refused("local.yaml", "a: &a [*a, *a]");
        ConfigException refusal = assertThrows(
                ConfigException.class, () -> LocalSettings.parse("local.yaml", new byte[] {(byte) 0xc3, (byte) 0x28}));
        assertEquals("local.yaml: is no text in UTF-8", refusal.getMessage());
    }
}
