package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.leader.ElectionTerms;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class ComponentFlagsTest {
    /** A component of nobody's. */
    @Command(name = "component")
    static final class Component {
        @Mixin
        private ComponentFlags flags = new ComponentFlags("kube-component", 10_299, 77);
    }

    private static ComponentSettings settings(String... flags) {
        Component component = new Component();
        new CommandLine(component).parseArgs(flags);
        return component.flags.settings();
    }

    @Test
    void withoutFlagsAComponentHasItsOwnDefaults() {
        ComponentSettings settings = settings();
        assertEquals(ElectionTerms.of("kube-component"), settings.terms());
        assertEquals(10_299, Objects.requireNonNull(settings.address()).getPort());
        assertTrue(Objects.requireNonNull(settings.address()).getAddress().isAnyLocalAddress());
        assertEquals(77, settings.callsAtOnce());
        assertTrue(settings.rate((request, nanos) -> {}).isEmpty());
        assertNotNull(settings.port().tls());
    }

    @Test
    void itsCallsSayWhoItIs() {
        assertEquals("kube-component/v1.36.0+keelson", settings().config().getUserAgent());
    }

    @Test
    void flagsWinOverDefaults() {
        ComponentSettings settings = settings(
                "--master=https://127.0.0.2:1234/",
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                "--secure-port=1",
                "--kube-api-qps=5",
                "--kube-api-burst=6");
        assertEquals("https://127.0.0.2:1234/", settings.config().getMasterUrl());
        assertNull(settings.terms());
        assertTrue(Objects.requireNonNull(settings.address()).getAddress().isLoopbackAddress());
        assertEquals(6, settings.callsAtOnce());
        assertEquals(1, settings.rate((request, nanos) -> {}).size());
        assertNull(settings("--secure-port=0").address());
    }

    @Test
    void spansOfTimeAreReadAsGoReadsThemAndAreNotNegative() {
        ElectionTerms terms = settings("--leader-elect-lease-duration=1m2.5s").terms();
        assertEquals(Duration.ofMillis(62_500), Objects.requireNonNull(terms).leaseDuration());
        for (String wrong : List.of("must not be negative: -5s", "time: invalid duration \"soon\"")) {
            String flag = "--leader-elect-retry-period=" + (wrong.endsWith("5s") ? "-5s" : "soon");
            String said = String.valueOf(
                    assertThrows(ParameterException.class, () -> settings(flag)).getMessage());
            assertTrue(said.contains("--leader-elect-retry-period") && said.endsWith(wrong), said);
        }
    }

    @Test
    void theHelpNamesTheDefaultsOfTheComponent() {
        String usage = new CommandLine(new Component()).getUsageMessage();
        assertTrue(usage.contains("Default: 10299"), usage);
        assertTrue(usage.contains("Default: 77"), usage);
    }

    @Test
    void whatMakesNoSenseIsRefusedByName() {
        refused("--kubeconfig", "--kubeconfig=/nowhere/at/all");
        refused("--tls-private-key-file", "--tls-cert-file=/nowhere/at/all");
        refused("--kube-api-burst", "--kube-api-qps=1", "--kube-api-burst=0");
        refused("--leader-elect-resource-lock", "--leader-elect-resource-lock=endpoints");
        refused("--authentication-kubeconfig", "--authentication-kubeconfig=/nowhere/at/all");
        refused("--client-ca-file: /nowhere/ca", "--client-ca-file=/nowhere/ca");
        refused("--requestheader-client-ca-file: /nowhere/ca", "--requestheader-client-ca-file=/nowhere/ca");
        refused("--tls-min-version", "--tls-min-version=VersionTLS11");
        refused("--tls-min-version", "--tls-min-version=new");
        refused("--tls-cipher-suites", "--tls-cipher-suites=TLS_AES_128_GCM_SHA256,ROT13");
        refused("nowhere", "--tls-cert-file=/nowhere/a", "--tls-private-key-file=/nowhere/b");
    }

    private static void refused(String word, String... flags) {
        String said = Objects.requireNonNull(
                assertThrows(ParameterException.class, () -> settings(flags)).getMessage());
        assertTrue(said.startsWith("error: ") && said.contains(word), said);
    }
}
