package io.keelson.dist.up;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.command.AgentCommand;
import io.keelson.agent.dns.DnsCommand;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.metrics.MetricsServerCommand;
import io.keelson.proxy.ProxyCommand;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * This machine as a node of the cluster: its agent and its proxy, each with a name of its own in the API, and its DNS and the
 * metrics server, which are the administrator there.
 */
final class MachineNode {
    private static final String METRICS_API = "/apis/metrics.k8s.io/v1beta1";
    private static final int DNS_PORT = 53;
    private static final Duration DNS_ANSWER_MAX = Duration.ofMillis(500);

    private final ClusterPlan plan;
    private final NodePlace place;
    private final String url;

    /** @param url where the API is */
    MachineNode(ClusterPlan plan, NodePlace place, String url) {
        this.plan = plan;
        this.place = place;
        this.url = url;
    }

    /**
     * Starts what of it is wanted.
     *
     * @param started is given each part
     * @throws IOException if its credentials cannot be made
     */
    void start(KubernetesClient client, Consumer<AutoCloseable> started) throws IOException {
        if (plan.has(Part.AGENT)) {
            apply(client, "node.yaml");
            applyOnce(client, "storage.yaml");
            started.accept(CommandPart.start(Part.AGENT.title(), AgentCommand::new, agentFlags()));
        }
        if (plan.has(Part.METRICS_SERVER)) {
            started.accept(CommandPart.start(Part.METRICS_SERVER.title(), MetricsServerCommand::new, metricsFlags()));
        }
        if (plan.has(Part.PROXY)) {
            started.accept(CommandPart.start(Part.PROXY.title(), ProxyCommand::new, proxyFlags()));
        }
        if (plan.has(Part.DNS)) {
            DnsService.ensure(client, ClusterNetwork.DNS_ADDRESS);
            started.accept(CommandPart.start(Part.DNS.title(), DnsCommand::new, dnsFlags()));
        }
    }

    private static void apply(KubernetesClient client, String resource) throws IOException {
        for (HasMetadata object : objects(client, resource)) {
            client.resource(object).fieldManager("keelson").forceConflicts().serverSideApply();
        }
    }

    /** What is there already is as somebody wants it. */
    private static void applyOnce(KubernetesClient client, String resource) throws IOException {
        for (HasMetadata object : objects(client, resource)) {
            if (client.resource(object).get() == null) {
                client.resource(object).fieldManager("keelson").serverSideApply();
            }
        }
    }

    private static List<HasMetadata> objects(KubernetesClient client, String resource) throws IOException {
        try (InputStream objects = MachineNode.class.getResourceAsStream(resource)) {
            return client.load(objects).items();
        }
    }

    private List<String> agentFlags() throws IOException {
        Path kubeconfig = kubeconfig("agent", "system:node:" + place.name(), "system:nodes");
        Path configuration = place.folder().resolve("kubelet.yaml");
        Files.createDirectories(place.folder());
        Files.writeString(configuration, """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                authentication:
                  anonymous: {enabled: false}
                  webhook: {enabled: true}
                  x509: {clientCAFile: "%s"}
                authorization: {mode: Webhook}
                clusterDNS: ["%s"]
                clusterDomain: cluster.local
                cgroupRoot: "%s"
                failSwapOn: false
                failCgroupV1: false
                podLogsDir: "%s"
                staticPodPath: "%s"
                """.formatted(
                        plan.pki().resolve("client-ca.crt"),
                        ClusterNetwork.DNS_ADDRESS,
                        place.cgroup(),
                        place.folder().resolve("log").resolve("pods"),
                        place.staticPods()));
        Files.createDirectories(place.staticPods());
        List<String> flags = new ArrayList<>(List.of(
                "--config=" + configuration,
                "--kubeconfig=" + kubeconfig,
                "--hostname-override=" + place.name(),
                "--node-ip=" + place.address(),
                "--root-dir=" + place.folder().resolve("kubelet"),
                "--cert-dir=" + place.folder().resolve("pki"),
                "--container-log-links=" + place.folder().resolve("log").resolve("containers"),
                "--embedded-root=" + place.folder(),
                "--embedded-run=" + place.run(),
                "--bundled-images"));
        place.runtime().ifPresent(endpoint -> flags.add("--container-runtime-endpoint=" + endpoint));
        return flags;
    }

    /** Kubelets show certificates of their own making; the API server takes them as they are, too. */
    private List<String> metricsFlags() {
        return List.of(
                "--kubeconfig=" + plan.kubeconfig(),
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--kubelet-insecure-tls",
                "--kubelet-preferred-address-types=InternalIP",
                "--kubelet-use-node-status-port",
                "--client-ca-file=" + plan.pki().resolve("client-ca.crt"),
                "--requestheader-client-ca-file=" + plan.pki().resolve("front-proxy-ca.crt"),
                "--requestheader-allowed-names=" + ClusterPki.FRONT_PROXY,
                "--register");
    }

    private List<String> proxyFlags() throws IOException {
        return List.of(
                "--kubeconfig=" + kubeconfig("proxy", "system:kube-proxy"),
                "--hostname-override=" + place.name(),
                "--cluster-cidr=" + ClusterNetwork.POD_RANGE);
    }

    private List<String> dnsFlags() {
        return List.of(
                "--kubeconfig=" + plan.kubeconfig(),
                "--listen=" + ClusterNetwork.DNS_ADDRESS,
                "--node-local",
                "--cluster-domain=cluster.local");
    }

    /** A file by which a part is somebody in the API. */
    private Path kubeconfig(String part, String user, String... groups) throws IOException {
        PkiFolder pki = new PkiFolder(plan.pki());
        Credential own = pki.client(
                part, CertificateProfile.client(user, groups).withLife(CertificateAuthority.LIFE), Instant.now());
        Path file = plan.folder().resolve(part + ".kubeconfig");
        Kubeconfig.of(
                        part,
                        url,
                        Credential.read(pki.certificate("ca"), pki.key("ca")).certificate(),
                        own)
                .write(file);
        return file;
    }

    /** Whether its node takes pods. */
    boolean isReady(KubernetesClient client) {
        Node node = client.nodes().withName(place.name()).get();
        return node != null
                && node.getStatus() != null
                && OrEmpty.of(node.getStatus().getConditions()).stream().anyMatch(MachineNode::isReady);
    }

    /** Whether the cluster's names are answered. */
    boolean answersNames() {
        return DnsProbe.answers(
                new InetSocketAddress(InetAddress.ofLiteral(ClusterNetwork.DNS_ADDRESS), DNS_PORT), DNS_ANSWER_MAX);
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
