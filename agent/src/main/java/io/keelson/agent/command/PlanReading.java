package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.agent.AgentSettings;
import io.keelson.agent.certificates.ClientCertificateSettings;
import io.keelson.agent.certificates.ServingCertificateSettings;
import io.keelson.agent.config.AgentFlags;
import io.keelson.agent.config.KubeletConfiguration;
import io.keelson.agent.config.TopologyOptions;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.cri.RuntimeSockets;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.environment.PodAddresses;
import io.keelson.agent.eviction.EvictionSettings;
import io.keelson.agent.eviction.Signal;
import io.keelson.agent.eviction.Threshold;
import io.keelson.agent.eviction.Threshold.Exactly;
import io.keelson.agent.eviction.Threshold.Part;
import io.keelson.agent.eviction.Threshold.Value;
import io.keelson.agent.eviction.Thresholds;
import io.keelson.agent.image.CredentialPolicy;
import io.keelson.agent.image.ImageGarbagePolicy;
import io.keelson.agent.image.PullSettings;
import io.keelson.agent.join.JoinSettings;
import io.keelson.agent.logs.LogRotation;
import io.keelson.agent.node.MachineFacts;
import io.keelson.agent.node.MachineReader;
import io.keelson.agent.node.NodeSettings;
import io.keelson.agent.node.NodeSettings.Reserve;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.launch.AllowedSysctls;
import io.keelson.agent.pods.launch.UserRanges;
import io.keelson.agent.pods.plan.BackOff;
import io.keelson.agent.resources.NodeCgroups.Allocatable;
import io.keelson.agent.resources.ResourceSettings;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.controllers.manager.ReviewSettings;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.process.Host;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What flags and configuration say of a node, together with what this machine is. */
final class PlanReading {
    private static final Path MACHINE = Path.of("/");
    private static final Path SWAPS = Path.of("/proc/swaps");
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/cgroup.controllers");
    private static final String UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";

    private final AgentFlags flags;
    private final KubeletConfiguration said;
    private final MachineFacts machine;

    /** What the node, and in everything that is told of it this machine, is called. */
    private final String name;

    /**
     * Reads them.
     *
     * @param told is told of what is said and changes nothing
     * @throws IOException if a file cannot be read, or the machine lacks something
     * @throws IllegalArgumentException if something makes no sense
     */
    PlanReading(AgentFlags flags, Consumer<String> told) throws IOException {
        this.flags = flags;
        said = flags.configuration(told);
        checkMachine();
        new PodFolders(flags.rootDir(), said.podLogsDir()).begin();
        machine = new MachineReader(MACHINE, flags.rootDir()).read();
        name = flags.hostname().isPresent() ? flags.hostname().get() : Host.name();
    }

    private void checkMachine() throws IOException {
        if (said.failSwapOn()
                && Files.exists(SWAPS)
                && Files.readAllLines(SWAPS).size() > 1) {
            throw new IOException("running with swap on is not supported, please disable swap or set --fail-swap-on"
                    + " flag to false");
        }
        if (said.failCgroupV1() && !Files.exists(UNIFIED)) {
            throw new IOException("kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is"
                    + " unsupported and will be removed in a future release: mount cgroup v2, or set failCgroupV1 to"
                    + " false");
        }
    }

    /**
     * The whole plan.
     *
     * @param embedded how the embedded runtime works, if it does
     * @param bundledImages whether it is to have the images that are built on the spot
     * @param localVolumes where volumes on this node's disk are made
     * @param logLinks where logs are linked
     * @param join how to come to know the cluster, if it is to
     */
    NodePlan plan(
            EmbeddedNodeSettings embedded,
            boolean bundledImages,
            Path localVolumes,
            Path logLinks,
            Optional<JoinSettings> join)
            throws IOException {
        return new NodePlan(
                join,
                api(join),
                new NodePlan.Calls(said.kubeApiQps(), said.kubeApiBurst()),
                node(),
                agent(),
                new AllowedSysctls(said.allowedUnsafeSysctls()),
                said.shutdown(),
                logLinks,
                RuntimeChoice.choose(
                        said.containerRuntimeEndpoint(),
                        said.imageServiceEndpoint(),
                        RuntimeChoice.WELL_KNOWN,
                        RuntimeSockets::isThere,
                        RuntimeSockets::answers),
                embedded,
                bundledImages,
                localVolumes,
                observer(),
                resources(),
                said.enforceNodeAllocatable() ? Optional.of(allocatable()) : Optional.empty(),
                said.exclusiveCpus()
                        ? Optional.of(new NodePlan.ExclusivePlan(
                                reserved("cpu", 1000), said.reservedSystemCpus().toString(), said.exclusiveCores()))
                        : Optional.empty(),
                numa(),
                images(),
                new LogRotation(
                        said.containerLogMaxBytes(), said.containerLogMaxFiles(), said.containerLogMonitorInterval()),
                eviction(),
                said.volumeStatsAggPeriod(),
                new PodAddresses.Settings(
                        said.clusterDns(), said.clusterDomain(), said.resolvConf(), Path.of("/etc/hosts")),
                new ServingCertificateSettings(
                        name,
                        name,
                        flags.certDir(),
                        said.tlsCertFile(),
                        said.tlsPrivateKeyFile(),
                        said.serverTlsBootstrap()),
                said.enableServer() ? Optional.of(server()) : Optional.empty(),
                said.healthzPort() > 0
                        ? Optional.of(new InetSocketAddress(
                                InetAddress.ofLiteral(said.healthzBindAddress()), said.healthzPort()))
                        : Optional.empty(),
                said.oomScoreAdj(),
                said.json());
    }

    private ClientCertificateSettings api(Optional<JoinSettings> join) throws IOException {
        Path kubeconfig = flags.kubeconfig().orElseGet(() -> flags.rootDir().resolve("kubeconfig"));
        Optional<Path> bootstrap = join.isPresent()
                ? Optional.of(flags.rootDir().resolve("bootstrap-kubeconfig"))
                : flags.bootstrapKubeconfig();
        if (bootstrap.isEmpty() && !Files.isReadable(kubeconfig)) {
            throw new IOException(
                    "--kubeconfig: " + kubeconfig + " cannot be read: it says where the API is, and as whom"
                            + " this node is known to it; a machine without it joins by --join, or by --bootstrap-kubeconfig");
        }
        return new ClientCertificateSettings(
                name,
                kubeconfig,
                bootstrap,
                flags.certDir(),
                said.rotateCertificates() || join.isPresent(),
                ClientCertificateSettings.PATIENCE);
    }

    private List<String> addresses() throws IOException {
        List<String> wanted = flags.nodeIps().isEmpty() ? List.of("0.0.0.0") : flags.nodeIps();
        List<String> addresses = new ArrayList<>();
        for (String address : wanted) {
            if (address.equals("0.0.0.0") || address.equals("::")) {
                addresses.add(MachineAddress.find(address.equals("::"))
                        .map(InetAddress::getHostAddress)
                        .orElseThrow(() ->
                                new IOException("this machine has no address that others could reach: say --node-ip")));
            } else {
                addresses.add(address);
            }
        }
        return addresses;
    }

    private NodeSettings node() throws IOException {
        List<Taint> taints = new ArrayList<>(said.registerWithTaints());
        if (flags.externalCloud()) {
            taints.add(new TaintBuilder()
                    .withKey(UNINITIALIZED)
                    .withValue("true")
                    .withEffect("NoSchedule")
                    .build());
        }
        return new NodeSettings(
                name,
                name,
                addresses(),
                said.port(),
                said.registerNode(),
                true,
                flags.nodeLabels(),
                taints,
                said.providerId(),
                said.maxPods(machine.cpus()),
                said.nodeStatusMaxImages(),
                reserve(),
                said.nodeStatusUpdateFrequency(),
                said.nodeStatusReportFrequency(),
                said.nodeLeaseDuration());
    }

    /** What is reserved of a resource, in this part of its unit. */
    private long reserved(String resource, long part) {
        long sum = 0;
        for (Map<String, Quantity> some : List.of(said.systemReserved(), said.kubeReserved())) {
            Quantity quantity = some.get(resource);
            if (quantity != null) {
                sum += quantity.getNumericalAmount()
                        .multiply(java.math.BigDecimal.valueOf(part))
                        .longValue();
            }
        }
        return sum;
    }

    private Reserve reserve() {
        Amount memory = kept(Signal.MEMORY_AVAILABLE)
                .map(value -> value.of(machine.memoryBytes()))
                .orElse(Amount.ZERO);
        // How large the disk is, is found out whenever the node is reported.
        Optional<Value> disk = kept(Signal.NODEFS_AVAILABLE);
        return new Reserve(
                reserved("cpu", 1000),
                reserved("memory", 1) + memory.number().longValue(),
                reserved("ephemeral-storage", 1)
                        + disk.map(value -> value instanceof Exactly(Amount amount)
                                        ? amount.number().longValue()
                                        : 0L)
                                .orElse(0L),
                disk.map(value -> value instanceof Part(float share) ? (double) share : 0.0)
                        .orElse(0.0));
    }

    /** What eviction keeps free at once; empty for nothing. */
    private Optional<Value> kept(Signal signal) {
        return Thresholds.parse(said.evictionHard(), Map.of(), Map.of(), Map.of(), false).stream()
                .filter(threshold -> threshold.signal() == signal)
                .map(Threshold::value)
                .findFirst();
    }

    /** What pods may use together; what eviction keeps free is kept by eviction. */
    private Allocatable allocatable() {
        return new Allocatable(
                1000L * machine.cpus() - reserved("cpu", 1000), machine.memoryBytes() - reserved("memory", 1), 0);
    }

    private Optional<NodePlan.NumaPlan> numa() {
        TopologyPolicy policy = said.topologyPolicy();
        if (policy == TopologyPolicy.NONE && !said.exclusiveMemory()) {
            return Optional.empty();
        }
        Optional<NodePlan.MemoryPlan> memory = said.exclusiveMemory()
                ? Optional.of(
                        new NodePlan.MemoryPlan(said.reservedMemory(), reserve().memoryBytes()))
                : Optional.empty();
        // Nobody has checked options of a policy that is none, and they do not matter.
        TopologyOptions options = policy == TopologyPolicy.NONE ? TopologyOptions.USUAL : said.topologyOptions();
        return Optional.of(
                new NodePlan.NumaPlan(memory, policy, said.topologyScope(), options.nearest(), options.nodesMax()));
    }

    private AgentSettings agent() throws IOException {
        PodFolders folders = new PodFolders(flags.rootDir(), said.podLogsDir());
        return new AgentSettings(
                name,
                folders,
                said.staticPodPath(),
                said.fileCheckFrequency(),
                said.syncFrequency(),
                said.maxContainerRestartPeriod().orElse(BackOff.LIMIT),
                UserRanges.ofMachine(said.idsPerPod(), said.maxPods(machine.cpus())),
                said.seccompDefault());
    }

    private ObserverSettings observer() {
        ObserverSettings usual = ObserverSettings.DEFAULTS;
        return new ObserverSettings(
                usual.relistPeriod(), usual.relistPeriodWithEvents(), usual.threshold(), said.runtimeRequestTimeout());
    }

    private ResourceSettings resources() {
        return new ResourceSettings(
                said.cgroupRoot(),
                said.cpuCfsQuota(),
                said.cpuCfsQuotaPeriod(),
                said.podPidsLimit(),
                said.isOn("MemoryQoS", false),
                said.memoryThrottlingFactor(),
                said.singleProcessOomKill().orElse(!Files.exists(UNIFIED)));
    }

    private NodePlan.ImagePlan images() {
        PullSettings usual = PullSettings.DEFAULTS;
        return new NodePlan.ImagePlan(
                new PullSettings(
                        said.serializeImagePulls(),
                        said.maxParallelImagePulls().orElse(0),
                        said.registryPullQps(),
                        said.registryBurst(),
                        usual.pullLimit()),
                flags.credentialProviders(),
                new CredentialPolicy(
                        CredentialPolicy.Kind.of(said.imagePullCredentialsVerificationPolicy()),
                        said.preloadedImagesVerificationAllowlist()),
                new ImageGarbagePolicy(
                        said.imageGcHighThresholdPercent(),
                        said.imageGcLowThresholdPercent(),
                        said.imageMinimumGcAge(),
                        said.imageMaximumGcAge()),
                flags.deadContainers());
    }

    private EvictionSettings eviction() {
        EvictionSettings usual = EvictionSettings.DEFAULTS;
        return new EvictionSettings(
                Thresholds.parse(
                        said.evictionHard(),
                        said.evictionSoft(),
                        said.evictionSoftGracePeriod(),
                        said.evictionMinimumReclaim(),
                        said.enforceNodeAllocatable()),
                said.evictionPressureTransitionPeriod(),
                said.evictionMaxPodGracePeriod().toSeconds(),
                usual.every(),
                usual.limitsStorage());
    }

    private NodePlan.ServerPlan server() {
        return new NodePlan.ServerPlan(
                new InetSocketAddress(InetAddress.ofLiteral(said.address()), said.port()),
                said.tlsProtocols(),
                said.tlsCipherSuites(),
                ReviewSettings.ofNode(
                        said.clientCaFile().orElse(null), said.tokenKept(), said.allowedKept(), said.refusedKept()),
                said.anonymous(),
                said.streamingConnectionIdleTimeout());
    }
}
