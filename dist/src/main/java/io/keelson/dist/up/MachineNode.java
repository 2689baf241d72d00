package io.keelson.dist.up;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.command.AgentCommand;
import io.keelson.agent.dns.DnsCommand;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.proxy.ProxyCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** This machine as a node of the cluster: its agent, its proxy and its DNS, each with a name of its own in the API. */
final class MachineNode {
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
            started.accept(CommandPart.start(Part.AGENT.title(), AgentCommand::new, agentFlags()));
        }
        if (plan.has(Part.PROXY)) {
            started.accept(CommandPart.start(Part.PROXY.title(), ProxyCommand::new, proxyFlags()));
        }
        if (plan.has(Part.DNS)) {
            DnsService.ensure(client, ClusterNetwork.DNS_ADDRESS);
            started.accept(CommandPart.start(Part.DNS.title(), DnsCommand::new, dnsFlags()));
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
                "--embedded-run=" + place.run()));
        place.runtime().ifPresent(endpoint -> flags.add("--container-runtime-endpoint=" + endpoint));
        return flags;
    }

    private List<String> proxyFlags() throws IOException {
        return List.of(
                "--kubeconfig=" + kubeconfig("proxy", "system:kube-proxy"),
                "--hostname-override=" + place.name(),
                "--cluster-cidr=" + ClusterNetwork.POD_RANGE,
                "--healthz-bind-address=",
                "--metrics-bind-address=");
    }

    private List<String> dnsFlags() {
        return List.of(
                "--kubeconfig=" + plan.kubeconfig(),
                "--listen=" + ClusterNetwork.DNS_ADDRESS,
                "--node-local",
                "--cluster-domain=cluster.local");
    }

    /** A file by which a part is somebody in the API; made new at each start. */
    private Path kubeconfig(String part, String user, String... groups) throws IOException {
        CertificateAuthority clients = new CertificateAuthority(
                Credential.read(plan.pki().resolve("client-ca.crt"), plan.pki().resolve("client-ca.key")));
        Credential servers =
                Credential.read(plan.pki().resolve("ca.crt"), plan.pki().resolve("ca.key"));
        try {
            Credential own = clients.issue(
                    CertificateProfile.client(user, groups).withLife(CertificateAuthority.LIFE), Instant.now());
            Path file = plan.folder().resolve(part + ".kubeconfig");
            Kubeconfig.of(part, url, servers.certificate(), own).write(file);
            return file;
        } catch (GeneralSecurityException e) {
            throw new IOException("no credentials can be made for " + user + ": " + e.getMessage(), e);
        }
    }

    /** Whether its node takes pods. */
    boolean isReady(KubernetesClient client) {
        Node node = client.nodes().withName(place.name()).get();
        return node != null
                && node.getStatus() != null
                && OrEmpty.of(node.getStatus().getConditions()).stream().anyMatch(MachineNode::isReady);
    }

    private static boolean isReady(NodeCondition condition) {
        return "Ready".equals(condition.getType()) && "True".equals(condition.getStatus());
    }
}
