package io.keelson.dist.up;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.cloud.command.CloudControllerManagerCommand;
import io.keelson.controllers.hollow.SimulateNodesCommand;
import io.keelson.controllers.manager.ControllerManagerCommand;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.scheduler.SchedulerCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The parts of a cluster in this process: started in their order, ended in the opposite one. */
final class Cluster implements StartPlan.Started {
    private final ClusterPlan plan;
    private final Steps steps;
    private final Parts parts = new Parts();
    private String url = "";
    private int copies = 1;

    private Cluster(ClusterPlan plan, Steps steps) {
        this.plan = plan;
        this.steps = steps;
    }

    /**
     * Starts all parts, and returns when they do what users expect of them: a pod that is made gets a node and runs, if there is
     * one, names are answered, and metrics are served.
     *
     * @throws IOException if one cannot start; its text says which and why. Nothing is left running then
     */
    static Cluster start(ClusterPlan plan, Steps steps) throws IOException, InterruptedException {
        Cluster cluster = new Cluster(plan, steps);
        try {
            cluster.open();
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    @Override
    public String url() {
        return url;
    }

    private void open() throws IOException, InterruptedException {
        Files.createDirectories(plan.manifests());
        if (plan.node().isPresent()) {
            parts.opened(NodeLock.take(plan.folder()));
        }
        startControlPlane();
        KubernetesClient client =
                parts.opened(ApiClient.of(Config.fromKubeconfig(Files.readString(plan.kubeconfig())), List.of()));
        Optional<MetricsPart> metrics = plan.has(Part.METRICS_SERVER)
                ? Optional.of(parts.opened(
                        MetricsPart.start(client, metricsFlags(new PartUsers(plan, url).ofMetricsServer()))))
                : Optional.empty();
        if (plan.has(Part.CONTROLLER_MANAGER)) {
            run(Part.CONTROLLER_MANAGER, ControllerManagerCommand::new, controllerFlags());
        }
        if (plan.has(Part.SCHEDULER)) {
            run(Part.SCHEDULER, SchedulerCommand::new, List.of());
        }
        if (plan.has(Part.CLOUD_CONTROLLER_MANAGER)) {
            run(Part.CLOUD_CONTROLLER_MANAGER, CloudControllerManagerCommand::new, List.of("--cloud-provider=local"));
        }
        if (plan.has(Part.NODES)) {
            parts.opened(CommandPart.start(
                    Part.NODES.title(),
                    SimulateNodesCommand::new,
                    List.of("--count=" + plan.nodes(), "--kubeconfig=" + plan.kubeconfig())));
        }
        prepareForNodes(client);
        Optional<MachineNode> machine = startMachine(client);
        if (plan.has(Part.CONTROLLER_MANAGER)) {
            Steps.await(
                    "the controllers have not begun",
                    () -> client.serviceAccounts()
                                    .inNamespace("default")
                                    .withName("default")
                                    .get()
                            != null);
            steps.done("controllers and scheduler");
        }
        if (plan.has(Part.NODES)) {
            Steps.await(
                    "the simulated nodes have not registered",
                    () -> client.nodes().list().getItems().size() >= plan.nodes());
            steps.done(plan.nodes() + " simulated nodes");
        }
        if (machine.isPresent() && plan.has(Part.AGENT)) {
            MachineNode node = machine.get();
            Steps.await("this machine's node is not ready", () -> node.isReady(client));
            steps.done("node " + plan.node().get().name());
        }
        if (machine.isPresent() && plan.has(Part.DNS)) {
            machine.get().awaitNames();
            steps.done("DNS");
        }
        if (metrics.isPresent()) {
            metrics.get().awaitServed(client);
            steps.done("metrics");
        }
        if (plan.has(Part.MANIFESTS)) {
            parts.opened(Manifests.start(client, plan.manifests()));
        }
    }

    /** What this machine's node needs of the cluster, and those that join, also if this machine is none. */
    private void prepareForNodes(KubernetesClient client) throws IOException {
        ClusterObjects.apply(client, "nodes.yaml");
        NodeConfiguration.publish(client);
        ClusterObjects.applyOnce(client, "storage.yaml");
        if (plan.has(Part.DNS)) {
            DnsService.ensure(client, ClusterNetwork.DNS_ADDRESS);
        } else if (plan.node().isEmpty()) {
            DnsService.offer(client, ClusterNetwork.DNS_ADDRESS);
        }
    }

    private Optional<MachineNode> startMachine(KubernetesClient client) throws IOException, InterruptedException {
        if (plan.node().isEmpty()) {
            return Optional.empty();
        }
        NodePlace place = plan.node().get();
        PartUsers users = new PartUsers(plan, url);
        MachineNode machine = new MachineNode(
                place,
                users.ofNode(place.name()),
                NodeConfiguration.read(client, Files.readString(new PkiFolder(plan.pki()).certificate("client-ca"))));
        machine.start(plan, parts);
        return Optional.of(machine);
    }

    /** Kubelets show certificates of their own making; the API server takes them as they are, too. */
    private List<String> metricsFlags(Path kubeconfig) {
        return List.of(
                "--kubeconfig=" + kubeconfig,
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

    private void startControlPlane() throws IOException, InterruptedException {
        List<String> flags = new ArrayList<>(List.of(
                "--etcd-compaction-interval=" + plan.history().toSeconds() + "s",
                // Other machines join by tokens.
                "--enable-bootstrap-token-auth",
                // Names of nodes need not be known to any DNS.
                "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname"));
        plan.node().ifPresent(node -> flags.add("--advertise-address=" + node.address()));
        flags.addAll(plan.apiServerFlags());
        ControlPlane.Settings settings = new ControlPlane.Settings(
                plan.folder(), plan.pki(), plan.address(), plan.port(), plan.kubeconfig(), flags);
        ControlPlane plane = plan.isHighlyAvailable() ? HighAvailability.start(settings) : LoneServer.start(settings);
        parts.opened(plane);
        url = plane.url();
        copies = plane.copies();
        steps.done(plane.description() + " at " + url);
    }

    private List<String> controllerFlags() {
        Path servers = plan.pki().resolve("ca.crt");
        Path serversKey = plan.pki().resolve("ca.key");
        Path clients = plan.pki().resolve("client-ca.crt");
        Path clientsKey = plan.pki().resolve("client-ca.key");
        return List.of(
                "--root-ca-file=" + servers,
                "--service-account-private-key-file=" + plan.pki().resolve("sa.key"),
                "--cluster-signing-kube-apiserver-client-cert-file=" + clients,
                "--cluster-signing-kube-apiserver-client-key-file=" + clientsKey,
                "--cluster-signing-kubelet-client-cert-file=" + clients,
                "--cluster-signing-kubelet-client-key-file=" + clientsKey,
                "--cluster-signing-kubelet-serving-cert-file=" + servers,
                "--cluster-signing-kubelet-serving-key-file=" + serversKey,
                "--cluster-signing-legacy-unknown-cert-file=" + servers,
                "--cluster-signing-legacy-unknown-key-file=" + serversKey,
                "--controllers=*,bootstrap-signer-controller,token-cleaner-controller",
                "--allocate-node-cidrs=true",
                "--cluster-cidr=" + ClusterNetwork.POD_RANGE,
                "--use-service-account-credentials=true");
    }

    /** Runs one of those that take part in elections when they are more than one. */
    private void run(Part part, CommandPart.Source source, List<String> more) {
        List<String> flags = new ArrayList<>(
                List.of("--kubeconfig=" + plan.kubeconfig(), "--secure-port=0", "--leader-elect=" + (copies > 1)));
        flags.addAll(more);
        for (int i = 0; i < copies; i++) {
            parts.opened(CommandPart.start(part.title(), source, flags));
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
