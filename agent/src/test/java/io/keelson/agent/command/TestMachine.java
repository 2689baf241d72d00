package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.AgentSettings;
import io.keelson.agent.certificates.ClientCertificateSettings;
import io.keelson.agent.certificates.ServingCertificateSettings;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.embedded.RuntimeRemains;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.embedded.images.archive.ImageBuilder;
import io.keelson.agent.embedded.images.registry.RegistryHosts;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.environment.PodAddresses;
import io.keelson.agent.eviction.EvictionSettings;
import io.keelson.agent.image.ContainerGarbagePolicy;
import io.keelson.agent.image.CredentialPolicy;
import io.keelson.agent.image.ImageGarbagePolicy;
import io.keelson.agent.image.PullSettings;
import io.keelson.agent.logs.LogRotation;
import io.keelson.agent.network.BridgeSettings;
import io.keelson.agent.network.NetworkSettings;
import io.keelson.agent.node.NodeSettings;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.launch.AllowedSysctls;
import io.keelson.agent.resources.CgroupRemains;
import io.keelson.agent.resources.ResourceSettings;
import io.keelson.agent.shutdown.ShutdownPlan;
import io.keelson.controllers.manager.PortSettings;
import io.keelson.controllers.manager.ReviewSettings;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** This machine as a node of a test's cluster. */
final class TestMachine implements AutoCloseable {
    static final String IMAGE = "docker.io/library/busy:1";
    private static final String PODS = "10.77.3.0/24";
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    final TestCluster cluster = new TestCluster();
    final String namespace = cluster.namespace();
    final String name = "machine-" + namespace + "-" + ProcessHandle.current().pid();
    final Path folder;
    final Path netns;
    long pidsMax = ResourceSettings.DEFAULTS.pidsMax();
    LogRotation rotation = LogRotation.DEFAULTS;
    EvictionSettings eviction = EvictionSettings.DEFAULTS;
    private @Nullable NodePlan plan;
    private final Path run;
    final String cgroup = "/keelson-node-" + Long.toHexString(System.nanoTime());

    /** @param netns a network namespace in the machine's place */
    TestMachine(Path folder, Path netns) throws IOException {
        this.folder = folder;
        this.netns = netns;
        run = Files.createTempDirectory("kn");
        addImage();
    }

    static boolean canBeNode() {
        return Files.isExecutable(BUSYBOX);
    }

    private void addImage() throws IOException {
        ImageBuilder image = new ImageBuilder().file("bin/busybox", Files.readAllBytes(BUSYBOX), 0755);
        for (String applet : List.of("sh", "sleep", "cat", "echo", "ls", "id", "touch")) {
            image.link("bin/" + applet, "busybox");
        }
        image.environment(List.of("PATH=/bin")).command(List.of("sh"));
        try (ImageStore store = ImageStore.open(embedded().images())) {
            var _ = image.write(store, IMAGE);
        }
    }

    private EmbeddedNodeSettings embedded() {
        Path data = folder.resolve("data");
        NetworkSettings network = new NetworkSettings(
                new BridgeSettings(data.resolve("network"), BridgeSettings.BRIDGE, 0, netns),
                folder.resolve("cni.d"),
                List.of(),
                data.resolve("cni"),
                Duration.ofSeconds(10));
        return new EmbeddedNodeSettings(
                data.resolve("runtime"),
                run,
                data.resolve("images"),
                cgroup + "/shims",
                network,
                RegistryHosts.USUAL,
                Map.of(),
                Optional.empty(),
                "test");
    }

    NodePlan plan() throws IOException {
        ResourceSettings usual = ResourceSettings.DEFAULTS;
        return new NodePlan(
                Optional.empty(),
                new ClientCertificateSettings(
                        name,
                        cluster.kubeconfig(folder),
                        Optional.empty(),
                        folder.resolve("pki"),
                        false,
                        ClientCertificateSettings.PATIENCE),
                new NodePlan.Calls(50, 100),
                NodeSettings.of(name, List.of("192.0.2.1"), 10250),
                AgentSettings.of(name, new PodFolders(folder.resolve("kubelet"), folder.resolve("log/pods"))),
                new AllowedSysctls(List.of()),
                ShutdownPlan.NONE,
                folder.resolve("log/containers"),
                RuntimeChoice.choose(RuntimeChoice.EMBEDDED, "", List.of(), any -> false, any -> false),
                embedded(),
                false,
                folder.resolve("volumes"),
                ObserverSettings.DEFAULTS,
                new ResourceSettings(
                        cgroup,
                        usual.cpuQuota(),
                        usual.cpuPeriod(),
                        pidsMax,
                        usual.memoryQos(),
                        usual.memoryThrottling(),
                        usual.singleProcessOomKill()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new NodePlan.ImagePlan(
                        PullSettings.DEFAULTS,
                        Optional.empty(),
                        CredentialPolicy.DEFAULT,
                        ImageGarbagePolicy.DEFAULTS,
                        ContainerGarbagePolicy.DEFAULTS),
                rotation,
                eviction,
                Duration.ofMinutes(1),
                new PodAddresses.Settings(
                        List.of("10.96.0.10"), "cluster.local", Path.of("/etc/resolv.conf"), Path.of("/etc/hosts")),
                new ServingCertificateSettings(
                        name, name, folder.resolve("pki"), Optional.empty(), Optional.empty(), false),
                Optional.of(new NodePlan.ServerPlan(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        PortSettings.PROTOCOLS,
                        List.of(),
                        ReviewSettings.ofNode(
                                null, Duration.ofMinutes(2), Duration.ofMinutes(5), Duration.ofSeconds(30)),
                        false,
                        Duration.ofMinutes(5))),
                Optional.empty(),
                -999,
                "{}");
    }

    /** Begins, and gives it addresses for its pods as the controllers would. */
    RunningNode start() throws IOException, InterruptedException {
        if (plan == null) {
            plan = plan();
        }
        RunningNode node = RunningNode.start(plan);
        TestCluster.await(
                "it registers", () -> cluster.client().nodes().withName(name).get() != null);
        if (cluster.client().nodes().withName(name).get().getSpec().getPodCIDR() == null) {
            var _ = Patch.of(cluster.client(), Node.class, new Key("", name))
                    .merge(Map.of("spec", Map.of("podCIDR", PODS, "podCIDRs", List.of(PODS))));
        }
        return node;
    }

    void create(String pod, String spec) {
        var _ = cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                %s
                """.formatted(pod, ("nodeName: " + name + '\n' + spec.strip()).indent(2)));
    }

    Pod get(String pod) {
        return cluster.client().pods().inNamespace(namespace).withName(pod).get();
    }

    boolean isReady(String pod) {
        Pod now = get(pod);
        return now != null
                && now.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    void delete(String pod) {
        try {
            var _ = cluster.client()
                    .pods()
                    .inNamespace(namespace)
                    .withName(pod)
                    .withGracePeriod(1)
                    .delete();
        } catch (KubernetesClientException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        cluster.client().nodes().withName(name).delete();
        cluster.close();
        try {
            // A test that failed has pods that run.
            RuntimeRemains remains = new RuntimeRemains(embedded().root(), run);
            for (String pod : remains.pods()) {
                remains.remove(pod);
            }
            new CgroupRemains(cgroup).remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(run);
    }
}
