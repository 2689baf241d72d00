package io.keelson.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.config.ConfigurationFile;
import io.keelson.proxy.config.ProxySettings;
import io.keelson.proxy.health.ProxyHealth;
import io.keelson.proxy.testing.NetworkNamespace;
import io.keelson.proxy.testing.TestNetwork;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy of an API server of this JVM, on a node that is a network namespace. */
@Tag("root")
final class ProxyTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static TestNetwork network;
    private static KeelsonServer server;

    @TempDir
    private Path sys;

    private final Time time = Time.system();
    private final ProxyMetrics metrics = new ProxyMetrics();
    private KubernetesClient client;
    private ProxySettings settings;
    private Proxy proxy;

    @BeforeAll
    static void join() throws Exception {
        NetworkNamespace.assumePossible();
        network = new TestNetwork();
        network.node().sysctl("net/ipv4/conf/all/route_localnet", "1");
        server = KeelsonServer.start(KeelsonConfig.ephemeral());
    }

    @AfterAll
    static void part() throws Exception {
        if (server != null) {
            server.close();
        }
        if (network != null) {
            network.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        client = ApiClient.of(Config.fromKubeconfig(server.kubeconfig().text()), List.of());
        if (client.nodes().withName("node").get() == null) {
            var _ = client.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName("node")
                            .endMetadata()
                            .build())
                    .create();
        }
        settings = ProxySettings.of(
                ConfigurationFile.parse("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
                        + "clusterCIDR: 10.244.0.0/16,fd00:10::/32"),
                "node");
        proxy = proxy(metrics);
        proxy.start();
    }

    private Proxy proxy(ProxyMetrics metrics) {
        return new Proxy(
                client, settings, new NodeMachine(), time, metrics, new ProxyHealth(time, Duration.ofMinutes(1)));
    }

    @AfterEach
    void end() throws Exception {
        proxy.close();
        Proxy.cleanUp(new NodeMachine(), settings);
        client.services().inNamespace("default").withLabel("test").delete();
        client.discovery()
                .v1()
                .endpointSlices()
                .inNamespace("default")
                .withLabel("test")
                .delete();
        client.close();
        time.close();
    }

    /** The node of the test; where its switches are nothing is changed. */
    private final class NodeMachine implements Machine {
        @Override
        public NetlinkSocket open(int protocol) throws NetlinkException {
            try {
                return network.node().in(() -> new NetlinkSocket(protocol));
            } catch (NetlinkException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public List<IpAddress> addresses() {
            return List.of(Objects.requireNonNull(IpAddress.parse("192.0.2.1")));
        }

        @Override
        public Path sys() {
            return sys;
        }
    }

    private Service service(String name, String protocol, String type) {
        return client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName(name)
                        .withLabels(Map.of("test", name))
                        .endMetadata()
                        .withNewSpec()
                        .withType(type)
                        .addNewPort()
                        .withProtocol(protocol)
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
    }

    private static EndpointSlice slice(String service, String protocol, String address) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(service + "-1")
                .withLabels(Map.of("kubernetes.io/service-name", service, "test", service))
                .endMetadata()
                .withAddressType(address.indexOf(':') < 0 ? "IPv4" : "IPv6")
                .addNewEndpoint()
                .withAddresses(address)
                .withNodeName("node")
                .endEndpoint()
                .addNewPort()
                .withName("")
                .withProtocol(protocol)
                .withPort(TestNetwork.PORT)
                .endPort()
                .build();
    }

    private static void await(String wanted, Callable<String> what) throws Exception {
        long start = System.nanoTime();
        String last = "";
        while (System.nanoTime() - start < PATIENCE_NANOS) {
            last = what.call();
            if (last.equals(wanted)) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertEquals(wanted, last);
    }

    private static void awaitTcp(String wanted, String address, int port) throws Exception {
        await(wanted, () -> TestNetwork.tcp(network.client(), address, port));
    }

    private String figures() throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, metrics.registry().scrape());
        return text.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aServiceIsReachedAsTheApiSaysThroughFlushesAndRestarts() throws Exception {
        Service web = service("web", "TCP", "NodePort");
        String ip = web.getSpec().getClusterIP();
        int nodePort = web.getSpec().getPorts().getFirst().getNodePort();
        awaitTcp(TestNetwork.REFUSED, ip, 80);
        EndpointSlice slice = client.resource(slice("web", "TCP", "10.244.1.2")).create();
        awaitTcp("pod1 10.244.1.1", ip, 80);
        awaitTcp("pod1 10.244.1.1", "192.0.2.1", nodePort);
        // At the loopback address, too, which pods see as the node's.
        await("pod1 10.244.1.1", () -> TestNetwork.tcp(network.node(), "127.0.0.1", nodePort));
        network.node().command("flush ruleset\n", "nft", "-f", "-");
        awaitTcp("pod1 10.244.1.1", ip, 80);
        slice.getEndpoints().getFirst().setAddresses(List.of("10.244.2.2"));
        slice = client.resource(slice).update();
        awaitTcp("pod2 10.244.2.1", ip, 80);
        // It dies, the kernel goes on; what changes meanwhile is in effect after the next start.
        proxy.close();
        assertEquals("pod2 10.244.2.1", TestNetwork.tcp(network.client(), ip, 80));
        slice.getEndpoints().getFirst().setAddresses(List.of("10.244.1.2"));
        var _ = client.resource(slice).update();
        assertEquals("pod2 10.244.2.1", TestNetwork.tcp(network.client(), ip, 80));
        proxy = proxy(new ProxyMetrics());
        proxy.start();
        awaitTcp("pod1 10.244.1.1", ip, 80);
        var _ = client.resource(web).delete();
        // Cluster IPs that nobody has are dropped.
        awaitTcp(TestNetwork.SILENCE, ip, 80);
        assertTrue(figures().contains("kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family=\"IPv4\"}"));
    }

    @Test
    void udpFollowsItsEndpointsThoughTheClientSendsOnFromTheSamePort() throws Exception {
        Service dns = service("dns", "UDP", "ClusterIP");
        String ip = dns.getSpec().getClusterIP();
        EndpointSlice slice = client.resource(slice("dns", "UDP", "10.244.1.2")).create();
        try (DatagramSocket socket = network.client().in(() -> new DatagramSocket())) {
            await("pod1 10.244.1.1", () -> network.client().in(() -> TestNetwork.ask(socket, ip, 80)));
            slice.getEndpoints().getFirst().setAddresses(List.of("10.244.2.2"));
            var _ = client.resource(slice).update();
            await("pod2 10.244.2.1", () -> network.client().in(() -> TestNetwork.ask(socket, ip, 80)));
        }
        assertTrue(figures().contains("kubeproxy_conntrack_reconciler_deleted_entries_total{ip_family=\"IPv4\"}"));
    }
}
