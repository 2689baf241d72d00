package io.keelson.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.proxy.nft.TableSettings;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.LocalTraffic;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationFileTest {
    private static final String HEAD = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";

    private static ProxyConfiguration parse(String text) {
        return ConfigurationFile.parse(HEAD + text);
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    @Test
    void whatIsMissingHasTheDefaultsOfTheOriginal() {
        ProxyConfiguration defaults = ProxyConfiguration.defaults();
        assertEquals("0.0.0.0:10256", defaults.healthzBindAddress());
        assertEquals("127.0.0.1:10249", defaults.metricsBindAddress());
        assertEquals(14, defaults.iptables().masqueradeBit());
        assertEquals(Duration.ofSeconds(30), defaults.nftables().syncPeriod());
        assertEquals(32768, defaults.conntrack().maxPerCore());
        assertEquals(Duration.ofHours(24), defaults.conntrack().tcpEstablishedTimeout());
        assertEquals(-999, defaults.oomScoreAdj());
        assertEquals("ClusterCIDR", defaults.detectLocalMode());
        assertEquals(5, defaults.clientConnection().qps());
    }

    @Test
    void aFileOfKubeadmIsReadAndWrittenAgain() {
        ProxyConfiguration read = parse("""
                bindAddress: 0.0.0.0
                bindAddressHardFail: false
                clientConnection:
                  acceptContentTypes: ""
                  burst: 0
                  contentType: ""
                  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
                  qps: 0
                clusterCIDR: 10.244.0.0/16,fd00:10::/56
                configSyncPeriod: 0s
                conntrack:
                  maxPerCore: null
                  min: null
                  tcpBeLiberal: false
                  tcpCloseWaitTimeout: null
                  tcpEstablishedTimeout: 1h30m
                detectLocalMode: ""
                enableProfiling: false
                healthzBindAddress: ""
                hostnameOverride: ""
                iptables:
                  localhostNodePorts: null
                  masqueradeAll: false
                  masqueradeBit: null
                  minSyncPeriod: 0s
                  syncPeriod: 0s
                ipvs:
                  excludeCIDRs: null
                  scheduler: ""
                logging:
                  flushFrequency: 0
                metricsBindAddress: "[::]"
                mode: ""
                nftables:
                  masqueradeAll: true
                nodePortAddresses: null
                oomScoreAdj: null
                portRange: ""
                showHiddenMetricsForVersion: ""
                winkernel:
                  enableDSR: false
                """);
        assertEquals(Duration.ofMinutes(90), read.conntrack().tcpEstablishedTimeout());
        assertEquals("[::]:10249", read.metricsBindAddress());
        assertEquals(read, ConfigurationFile.parse(ConfigurationFile.write(read)));
        ProxySettings settings = ProxySettings.of(read, "node");
        TableSettings table = settings.table(Family.IPV6, List.of(), List.of());
        assertEquals(new LocalTraffic.FromRange(Objects.requireNonNull(IpPrefix.parse("fd00:10::/56"))), table.local());
        assertTrue(table.masqueradeAll());
        assertTrue(table.servesAllAddresses());
    }

    @Test
    void anUnknownFieldMeansNothing() {
        assertEquals("nftables", parse("mode: nftables\nfuture: true\n").mode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode: magic | KubeProxyConfiguration.Mode",
                "clusterCIDR: nonsense | KubeProxyConfiguration.ClusterCIDR",
                "clusterCIDR: '10.0.0.0/8,11.0.0.0/8' | DualStack",
                "bindAddress: here | KubeProxyConfiguration.BindAddress",
                "healthzBindAddress: '1.2.3.4:99999' | KubeProxyConfiguration.HealthzBindAddress",
                "nodePortAddresses: [primary, 10.0.0.0/8] | cannot use 'primary' with other values",
                "nodePortAddresses: [10.0.0.0] | must be a valid CIDR block",
                "iptables: {masqueradeBit: 32} | must be within the range [0, 31]",
                "iptables: {syncPeriod: -1s} | must be greater than 0",
                "iptables: {syncPeriod: soon} | invalid duration",
                "iptables: {masqueradeBit: many} | iptables.masqueradeBit",
                "conntrack: {maxPerCore: -1} | KubeProxyConfiguration.Conntrack.MaxPerCore",
                "detectLocalMode: BridgeInterface | KubeProxyConfiguration.DetectLocal.BridgeInterface",
                "detectLocalMode: Sometimes | KubeProxyConfiguration.DetectLocalMode",
                "'mode: nftables\nmode: iptables' | Duplicate",
                "'a: &a [1]\nb: *a' | aliases",
                "'- 1' | failed to decode"
            })
    void whatMakesNoSenseIsRefusedWithItsPlace(String text, String part) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> parse(text)).getMessage());
        assertTrue(message.contains(part), message);
    }

    @Test
    void aFileOfAnotherKindIsRefused() {
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> ConfigurationFile.parse("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: X"))
                .getMessage());
        assertTrue(message.startsWith("no kind \"X\" is registered"), message);
    }

    @Test
    void nodePortsAreServedWhereTheyAreSaidTo() {
        List<IpAddress> primary = List.of(address("192.0.2.1"));
        List<IpAddress> all = List.of(address("127.0.0.1"), address("192.0.2.1"), address("10.0.0.1"));
        ProxySettings usual = ProxySettings.of(parse(""), "node");
        assertTrue(usual.nodePortAddresses().isAll(Family.IPV6));
        assertTrue(usual.servesLoopback());
        ProxySettings nft = ProxySettings.of(parse("mode: nftables"), "node");
        assertEquals(primary, nft.nodePortAddresses().among(primary, all));
        assertFalse(nft.servesLoopback());
        ProxySettings some = ProxySettings.of(parse("nodePortAddresses: [10.0.0.0/8, 127.0.0.0/8]"), "node");
        assertEquals(
                List.of(address("127.0.0.1"), address("10.0.0.1")),
                some.nodePortAddresses().among(primary, all));
        assertFalse(some.nodePortAddresses().isAll(Family.IPV4));
        assertTrue(some.servesLoopback());
        ProxySettings outside =
                ProxySettings.of(parse("iptables: {localhostNodePorts: false}\nbindAddress: 192.0.2.9"), "node");
        assertFalse(outside.servesLoopback());
        assertEquals(address("192.0.2.9"), outside.ownAddress());
    }
}
