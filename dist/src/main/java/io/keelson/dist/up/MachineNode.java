package io.keelson.dist.up;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.command.AgentCommand;
import io.keelson.agent.dns.DnsCommand;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.process.Parts;
import io.keelson.proxy.ProxyCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** This machine as a node of a cluster, its own or another one: agent, service proxy and DNS, each as its own command. */
final class MachineNode {
    private static final String METRICS_API = "/apis/metrics.k8s.io/v1beta1";
    private static final int DNS_PORT = 53;
    private static final Duration DNS_ANSWER_MAX = Duration.ofMillis(500);

    private final NodePlace place;
    private final NodeAccess access;
    private final NodeConfiguration configuration;

    MachineNode(NodePlace place, NodeAccess access, NodeConfiguration configuration) {
        this.place = place;
        this.access = access;
        this.configuration = configuration;
    }

    /**
     * Starts what of it is wanted. Proxy and DNS wait for the files by which they are known to the API, and the node is not
     * waited for: {@link #isReady}.
     *
     * @param parts takes each part
     * @throws IOException if what they are to read cannot be written, or who they are is not told in time
     */
    void start(StartPlan plan, Parts parts) throws IOException, InterruptedException {
        configuration.keep(place, access.proxy());
        if (plan.has(Part.AGENT)) {
            parts.opened(CommandPart.start(Part.AGENT.title(), AgentCommand::new, agentFlags()));
        }
        if (plan.has(Part.PROXY)) {
            awaitFile(access.proxy());
            parts.opened(CommandPart.start(Part.PROXY.title(), ProxyCommand::new, proxyFlags()));
        }
        if (plan.has(Part.DNS)) {
            awaitFile(access.dns());
            parts.opened(CommandPart.start(Part.DNS.title(), DnsCommand::new, dnsFlags()));
        }
    }

    private static void awaitFile(Path kubeconfig) throws IOException, InterruptedException {
        Steps.await("this machine has not got its certificate from the cluster", () -> Files.isReadable(kubeconfig));
    }

    private List<String> agentFlags() throws IOException {
        Path own = place.folder().resolve("kubelet.conf.d");
        Files.createDirectories(own);
        Files.writeString(own.resolve("machine.conf"), """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                authentication:
                  x509: {clientCAFile: "%s"}
                cgroupRoot: "%s"
                podLogsDir: "%s"
                staticPodPath: "%s"
                rotateCertificates: %s
                """.formatted(
                        NodeConfiguration.authorityFile(place),
                        place.cgroup(),
                        place.folder().resolve("log").resolve("pods"),
                        place.staticPods(),
                        access.bootstrap().isPresent()));
        Files.createDirectories(place.staticPods());
        List<String> flags = new ArrayList<>(List.of(
                "--config=" + NodeConfiguration.kubeletFile(place),
                "--config-dir=" + own,
                "--kubeconfig=" + access.agent(),
                "--hostname-override=" + place.name(),
                "--node-ip=" + place.address(),
                "--root-dir=" + place.folder().resolve("kubelet"),
                "--cert-dir=" + place.folder().resolve("pki"),
                "--container-log-links=" + place.folder().resolve("log").resolve("containers"),
                "--embedded-root=" + place.folder(),
                "--embedded-run=" + place.run(),
                "--bundled-images"));
        access.bootstrap().ifPresent(file -> flags.add("--bootstrap-kubeconfig=" + file));
        place.runtime().ifPresent(endpoint -> flags.add("--container-runtime-endpoint=" + endpoint));
        flags.addAll(place.runtimeFlags());
        return flags;
    }

    private List<String> proxyFlags() {
        return List.of("--config=" + NodeConfiguration.proxyFile(place), "--hostname-override=" + place.name());
    }

    private List<String> dnsFlags() throws IOException {
        return List.of(
                "--kubeconfig=" + access.dns(),
                "--listen=" + String.join(",", configuration.dnsAddresses()),
                "--node-local",
                "--cluster-domain=" + configuration.domain());
    }

    /** Whether its node takes pods. */
    boolean isReady(KubernetesClient client) {
        Node node = client.nodes().withName(place.name()).get();
        return node != null
                && node.getStatus() != null
                && OrEmpty.of(node.getStatus().getConditions()).stream().anyMatch(MachineNode::isReady);
    }

    /** Waits until the cluster's names are answered here. */
    void awaitNames() throws IOException, InterruptedException {
        InetSocketAddress dns = new InetSocketAddress(
                InetAddress.ofLiteral(configuration.dnsAddresses().getFirst()), DNS_PORT);
        Steps.await("the cluster's DNS does not answer", () -> DnsProbe.answers(dns, DNS_ANSWER_MAX));
    }

    /** Whether the API server leads to the metrics server, and that one answers. */
    static boolean servesMetrics(KubernetesClient client) {
        try {
            return client.raw(METRICS_API) != null;
        } catch (KubernetesClientException e) {
            // The API server has not reached it yet.
            return false;
        }
    }

    private static boolean isReady(NodeCondition condition) {
        return "Ready".equals(condition.getType()) && "True".equals(condition.getStatus());
    }
}
