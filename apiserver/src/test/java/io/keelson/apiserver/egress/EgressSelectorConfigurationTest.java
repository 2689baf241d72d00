package io.keelson.apiserver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an EgressSelectorConfiguration may say, and what is said of one that may not. */
final class EgressSelectorConfigurationTest {
    private static final String INVALID =
            "--egress-selector-config-file: failed to validate egress selector configuration: ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private EgressSelector read(String... selections) throws IOException {
        return EgressSelector.read(TestProxy.configuration(folder, selections), new Metrics());
    }

    private String refusal(String... selections) {
        return String.valueOf(
                assertThrows(IOException.class, () -> read(selections)).getMessage());
    }

    private static String cluster(String connection) {
        return "{name: cluster, connection: " + connection + "}";
    }

    private String connect(String transport) {
        return cluster("{proxyProtocol: HTTPConnect, transport: " + transport + "}");
    }

    @Test
    void eachKindHasAWayOfItsOwn() throws IOException {
        EgressSelector selector = read(
                "{name: Cluster, connection: {proxyProtocol: HTTPConnect, transport: {uds: {udsName: /run/c.sock}}}}",
                "{name: controlplane, connection: {proxyProtocol: Direct}}");
        EgressProxy cluster = selector.proxy(EgressType.CLUSTER);
        assertNotNull(cluster);
        assertEquals("/run/c.sock", cluster.toString());
        assertNull(selector.proxy(EgressType.CONTROL_PLANE));
        assertNull(selector.proxy(EgressType.ETCD));
        EgressProxy http = read(connect("{tcp: {url: 'http://[::1]:8131'}}")).proxy(EgressType.CLUSTER);
        assertEquals("[::1]:8131", String.valueOf(http));
    }

    @Test
    void namesAreThoseThereAreAndNoneStandsTwice() {
        assertEquals(
                INVALID + "service.connection: Unsupported value: \"master\": supported values: \"cluster\","
                        + " \"controlplane\", \"etcd\"",
                refusal("{name: master, connection: {proxyProtocol: Direct}}"));
        String direct = cluster("{proxyProtocol: Direct}");
        assertEquals(INVALID + "service.connection[1]: Duplicate value: \"cluster\"", refusal(direct, direct));
    }

    @Test
    void aConnectionHasWhatItsProtocolNeeds() {
        assertEquals(
                INVALID + "service.connection.protocol: Unsupported value: \"SOCKS\": supported values: \"Direct\","
                        + " \"HTTPConnect\", \"GRPC\"",
                refusal(cluster("{proxyProtocol: SOCKS}")));
        assertEquals(
                INVALID + "service.connection.transport: Invalid value: \"direct\": config must be absent for direct"
                        + " connect",
                refusal(cluster("{proxyProtocol: Direct, transport: {uds: {udsName: /s}}}")));
        assertEquals(
                INVALID + "service.connection.transport: Required value: transport must be set for HTTPConnect",
                refusal(cluster("{proxyProtocol: HTTPConnect}")));
        assertEquals(
                INVALID + "service.connection.tcp: Required value: One of TCP or UDS must be set",
                refusal(connect("{}")));
        assertTrue(refusal(connect("{tcp: {url: 'http://a:1'}, uds: {udsName: /s}}"))
                .endsWith(": TCP and UDS cannot both be set"));
        assertEquals(
                INVALID + "service.connection.udsName: Invalid value: \"nil\": must be present for UDS connections",
                refusal(connect("{uds: {}}")));
        assertEquals(
                INVALID
                        + "service.connection.url: Invalid value: \"ftp://a\": supported connection protocols are http://"
                        + " and https://",
                refusal(connect("{tcp: {url: 'ftp://a'}}")));
    }

    @Test
    void tlsHasItsFiles() {
        assertEquals(
                INVALID + "service.connection.tlsConfig: Invalid value: \"nil\": config must not be present when using"
                        + " HTTP",
                refusal(connect("{tcp: {url: 'http://a:1', tlsConfig: {}}}")));
        assertEquals(
                INVALID + "service.connection.tlsConfig: Required value: TLSConfig must be present when using HTTPS",
                refusal(connect("{tcp: {url: 'https://a:1'}}")));
        assertEquals(
                INVALID
                        + "[service.connection.tlsConfig.caBundle: Invalid value: \"/none/ca\": TLS config ca bundle does"
                        + " not exist, service.connection.tlsConfig.clientCert: Invalid value: \"nil\": Using TLS requires"
                        + " clientCert, service.connection.tlsConfig.clientKey: Invalid value: \"/none/key\": TLS client"
                        + " key does not exist]",
                refusal(connect("{tcp: {url: 'https://a:1', tlsConfig: {caBundle: /none/ca, clientKey: /none/key}}}")));
    }

    @Test
    void aKonnectivityServerIsSpokenToWithGrpcButNotForTheStore() throws IOException {
        assertEquals(
                INVALID + "service.connection.uds: Required value: UDS must be set with GRPC",
                refusal(cluster("{proxyProtocol: GRPC, transport: {}}")));
        String connection = "{proxyProtocol: GRPC, transport: {uds: {udsName: /run/k.sock}}}";
        try (EgressSelector selector = read(cluster(connection))) {
            assertTrue(selector.proxy(EgressType.CLUSTER) instanceof KonnectivityProxy);
            assertNull(selector.toStore());
        }
        assertEquals(
                "--egress-selector-config-file: failed to create dialer for egressSelection \"etcd\": proxyProtocol GRPC"
                        + " is not supported for the store, HTTPConnect is",
                refusal("{name: etcd, connection: " + connection + "}"));
    }

    @Test
    void whatIsMisspelledOrOfAnotherKindIsNotPassedOver() throws IOException {
        assertTrue(
                refusal("{name: cluster, conection: {}}").contains("unknown field \"egressSelections[0].conection\""));
        Path other = Files.writeString(folder.resolve("other.yaml"), "apiVersion: v1\nkind: Config\n");
        IOException refused = assertThrows(IOException.class, () -> EgressSelector.read(other, new Metrics()));
        assertTrue(
                String.valueOf(refused.getMessage())
                        .startsWith("--egress-selector-config-file: failed to read egress selector config: "),
                refused::toString);
    }
}
