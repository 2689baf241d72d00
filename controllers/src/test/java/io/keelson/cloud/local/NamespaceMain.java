package io.keelson.cloud.local;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.keelson.cloud.AddressRange;
import io.keelson.cloud.LoadBalancers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Runs in a network namespace of its own: a load balancer and a node, until its input ends. */
final class NamespaceMain {
    private NamespaceMain() {}

    /**
     * Starts.
     *
     * @param arguments the interface, then an IPv4 and an IPv6 address
     */
    public static void main(String[] arguments) throws Exception {
        LocalSettings usual = LocalSettings.of(List.of(
                Objects.requireNonNull(AddressRange.parse(arguments[1])),
                Objects.requireNonNull(AddressRange.parse(arguments[2]))));
        LocalSettings settings = new LocalSettings(
                usual.addresses(),
                arguments[0],
                usual.ipMode(),
                usual.maxConnections(),
                usual.maxFlows(),
                usual.connectTimeout(),
                usual.idleTimeout(),
                usual.flowTimeout(),
                usual.healthCheckPeriod());
        try (ServerSocket node = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                LocalCloud cloud = new LocalCloud(settings, () -> true)) {
            Thread.ofVirtual().start(() -> greet(node));
            LoadBalancers balancers = cloud.loadBalancers().orElseThrow();
            Service service = new ServiceBuilder()
                    .withNewMetadata()
                    .withNamespace("default")
                    .withName("web")
                    .withUid("1")
                    .endMetadata()
                    .withNewSpec()
                    .withType("LoadBalancer")
                    .withIpFamilies("IPv4", "IPv6")
                    .addNewPort()
                    .withPort(80)
                    .withNodePort(node.getLocalPort())
                    .endPort()
                    .endSpec()
                    .build();
            Node self = new NodeBuilder()
                    .withNewMetadata()
                    .withName("self")
                    .endMetadata()
                    .withNewStatus()
                    .addNewAddress("127.0.0.1", "InternalIP")
                    .endStatus()
                    .build();
            balancers.ensure("kubernetes", service, List.of(self));
            say("ready");
            System.in.read();
            balancers.delete("kubernetes", service);
            say("deleted");
            System.in.read();
        }
    }

    private static void greet(ServerSocket node) {
        while (!node.isClosed()) {
            try (Socket client = node.accept()) {
                client.getOutputStream().write("hello from the node".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void say(String word) {
        System.out.println(word);
        System.out.flush();
    }
}
