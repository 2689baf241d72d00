package io.keelson.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.agent.eviction.Thresholds;
import io.keelson.agent.resources.PodSums;
import io.keelson.agent.resources.placement.CpuSet;
import io.keelson.agent.resources.placement.ReservedMemory;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.agent.shutdown.ShutdownPlan;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.Milli;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code KubeletConfiguration} of {@code kubelet.config.k8s.io/v1beta1} with all defaults, checked. What the accessors
 * give is what counts; fields that have no accessor have no effect here, or one value only. Texts that may be missing
 * are empty.
 */
public final class KubeletConfiguration {
    /** The group and version of the file. */
    public static final String API_VERSION = "kubelet.config.k8s.io/v1beta1";

    /** The kind of the file. */
    public static final String KIND = "KubeletConfiguration";

    private final ObjectNode tree;

    private KubeletConfiguration(ObjectNode tree) {
        this.tree = tree;
    }

    /**
     * What an object says.
     *
     * @param said fields as a file has them; {@code apiVersion} and {@code kind} may be missing
     * @param told is told of each field that is set and changes nothing here
     * @throws IllegalArgumentException if it says what it may not; the message names the field
     */
    public static KubeletConfiguration of(ObjectNode said, Consumer<String> told) {
        requireFields(said);
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        whole.put("kind", KIND).put("apiVersion", API_VERSION);
        for (Field field : ConfigurationFields.all()) {
            JsonNode given = at(said, field.path());
            JsonNode checked = given == null ? null : field.kind().checked(field.path(), given);
            if (checked != null) {
                field.judge(checked, told);
            }
            put(whole, field.path(), field.effective(checked));
        }
        follow(said, whole);
        KubeletConfiguration configuration = new KubeletConfiguration(whole);
        Validation.check(configuration);
        return configuration;
    }

    /**
     * Checks each field by itself.
     *
     * @throws IllegalArgumentException if one is not known, or of another type; the message names it
     */
    static void requireFields(ObjectNode said) {
        requireKnown(said, "");
        for (Field field : ConfigurationFields.all()) {
            JsonNode given = at(said, field.path());
            if (given != null) {
                var _ = field.kind().checked(field.path(), given);
            }
        }
    }

    /** Defaults that follow from other fields. */
    private static void follow(ObjectNode said, ObjectNode whole) {
        JsonNode update = at(said, "nodeStatusUpdateFrequency");
        JsonNode report = at(said, "nodeStatusReportFrequency");
        if (isSet(update) && !isSet(report)) {
            whole.set("nodeStatusReportFrequency", whole.get("nodeStatusUpdateFrequency"));
        }
        ObjectNode hard = JsonNodeFactory.instance.objectNode();
        boolean merged = whole.path("mergeDefaultEvictionSettings").asBoolean();
        if (merged || whole.path("evictionHard").isMissingNode()) {
            Thresholds.HARD.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(threshold -> hard.put(threshold.getKey(), threshold.getValue()));
        }
        if (whole.get("evictionHard") instanceof ObjectNode own) {
            hard.setAll(own);
        }
        whole.set("evictionHard", hard);
    }

    private static boolean isSet(@Nullable JsonNode duration) {
        return duration != null && !FieldKind.DURATION.isZero(duration);
    }

    private static void requireKnown(ObjectNode object, String prefix) {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String path = prefix + entry.getKey();
            if (path.equals("apiVersion") || path.equals("kind") || ConfigurationFields.at(path) != null) {
                continue;
            }
            if (!ConfigurationFields.isSection(path)) {
                throw new IllegalArgumentException("unknown field \"" + path + '"');
            }
            if (entry.getValue() instanceof ObjectNode section) {
                requireKnown(section, path + '.');
            } else if (!entry.getValue().isNull()) {
                throw new IllegalArgumentException(path + ": must be an object");
            }
        }
    }

    /** What is at a path; null for nothing, or null. */
    private static @Nullable JsonNode at(ObjectNode tree, String path) {
        JsonNode node = tree;
        for (String part : path.split("\\.", -1)) {
            node = node.path(part);
        }
        return node.isMissingNode() || node.isNull() ? null : node;
    }

    static void put(ObjectNode tree, String path, @Nullable JsonNode value) {
        if (value == null) {
            return;
        }
        ObjectNode node = tree;
        String[] parts = path.split("\\.", -1);
        for (int i = 0; i < parts.length - 1; i++) {
            node = node.withObjectProperty(parts[i]);
        }
        node.set(parts[parts.length - 1], value);
    }

    /** As JSON, as {@code /configz} shows it under {@code kubeletconfig}. */
    public String json() {
        return tree.toString();
    }

    private String text(String path) {
        JsonNode value = at(tree, path);
        return value == null ? "" : value.textValue();
    }

    private Optional<Path> file(String path) {
        String text = text(path);
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }

    private boolean truth(String path) {
        JsonNode value = at(tree, path);
        return value != null && value.booleanValue();
    }

    private int number(String path) {
        JsonNode value = at(tree, path);
        return value == null ? 0 : value.intValue();
    }

    private Duration duration(String path) {
        String text = text(path);
        return text.isEmpty() ? Duration.ZERO : GoDuration.parse(text);
    }

    private List<String> texts(String path) {
        List<String> texts = new ArrayList<>();
        JsonNode list = at(tree, path);
        if (list != null) {
            list.forEach(each -> texts.add(each.textValue()));
        }
        return List.copyOf(texts);
    }

    private Map<String, String> pairs(String path) {
        Map<String, String> pairs = new LinkedHashMap<>();
        JsonNode map = at(tree, path);
        if (map != null) {
            map.properties()
                    .forEach(pair -> pairs.put(pair.getKey(), pair.getValue().textValue()));
        }
        return Map.copyOf(pairs);
    }

    private Map<String, Quantity> quantities(String path) {
        Map<String, Quantity> quantities = new LinkedHashMap<>();
        pairs(path).forEach((name, text) -> quantities.put(name, new Quantity(text)));
        return Map.copyOf(quantities);
    }

    /** Whether the node's server is there ({@code enableServer}). */
    public boolean enableServer() {
        return truth("enableServer");
    }

    /** Where the node's server listens: an IP address ({@code address}). */
    public String address() {
        return text("address");
    }

    /** At which port ({@code port}). */
    public int port() {
        return number("port");
    }

    /** The certificate that it shows; together with its key, or not at all ({@code tlsCertFile}). */
    public Optional<Path> tlsCertFile() {
        return file("tlsCertFile");
    }

    /** The key of that ({@code tlsPrivateKeyFile}). */
    public Optional<Path> tlsPrivateKeyFile() {
        return file("tlsPrivateKeyFile");
    }

    /** Which cipher suites are spoken; empty for those of Java ({@code tlsCipherSuites}). */
    public List<String> tlsCipherSuites() {
        return texts("tlsCipherSuites");
    }

    /** The oldest version of TLS; empty for the usual ({@code tlsMinVersion}). */
    String minTlsVersion() {
        return text("tlsMinVersion");
    }

    /** Which versions of TLS are spoken, as Java names them ({@code tlsMinVersion}). */
    public List<String> tlsProtocols() {
        return minTlsVersion().equals("VersionTLS13") ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2");
    }

    /** Whether a new certificate as a client is asked for before the old one ends ({@code rotateCertificates}). */
    public boolean rotateCertificates() {
        return truth("rotateCertificates");
    }

    /** Whether a certificate to serve with is asked for rather than made ({@code serverTLSBootstrap}). */
    public boolean serverTlsBootstrap() {
        return truth("serverTLSBootstrap");
    }

    /** By which authorities clients are known ({@code authentication.x509.clientCAFile}). */
    public Optional<Path> clientCaFile() {
        return file("authentication.x509.clientCAFile");
    }

    /** Whether who shows nothing is heard ({@code authentication.anonymous.enabled}). */
    public boolean anonymous() {
        return truth("authentication.anonymous.enabled");
    }

    /** How long it is remembered whose a token is ({@code authentication.webhook.cacheTTL}). */
    public Duration tokenKept() {
        return duration("authentication.webhook.cacheTTL");
    }

    /** How long it is remembered that somebody may ({@code authorization.webhook.cacheAuthorizedTTL}). */
    public Duration allowedKept() {
        return duration("authorization.webhook.cacheAuthorizedTTL");
    }

    /** How long it is remembered that somebody may not ({@code authorization.webhook.cacheUnauthorizedTTL}). */
    public Duration refusedKept() {
        return duration("authorization.webhook.cacheUnauthorizedTTL");
    }

    /** Where the health is asked for without TLS; 0 for nowhere ({@code healthzPort}). */
    public int healthzPort() {
        return number("healthzPort");
    }

    /** At which IP address ({@code healthzBindAddress}). */
    public String healthzBindAddress() {
        return text("healthzBindAddress");
    }

    /** How long streams may be silent ({@code streamingConnectionIdleTimeout}). */
    public Duration streamingConnectionIdleTimeout() {
        return duration("streamingConnectionIdleTimeout");
    }

    /** A folder, or a file, of static pods ({@code staticPodPath}). */
    public Optional<Path> staticPodPath() {
        return file("staticPodPath");
    }

    /** Where logs of pods are ({@code podLogsDir}). */
    public Path podLogsDir() {
        return Path.of(text("podLogsDir"));
    }

    /** After how long a pod is looked at though nothing has changed ({@code syncFrequency}). */
    public Duration syncFrequency() {
        return duration("syncFrequency");
    }

    /** After how long static pods are read again ({@code fileCheckFrequency}). */
    public Duration fileCheckFrequency() {
        return duration("fileCheckFrequency");
    }

    /** What names of Services end with; empty if they have none ({@code clusterDomain}). */
    public String clusterDomain() {
        return text("clusterDomain");
    }

    /** Which of the kernel's settings pods may set besides those that are safe ({@code allowedUnsafeSysctls}). */
    public List<String> allowedUnsafeSysctls() {
        return texts("allowedUnsafeSysctls");
    }

    /** IP addresses of the cluster's name servers ({@code clusterDNS}). */
    public List<String> clusterDns() {
        return texts("clusterDNS");
    }

    /** The node's resolver configuration; empty if pods are to have none of it ({@code resolvConf}). */
    public Path resolvConf() {
        return Path.of(text("resolvConf"));
    }

    String containerLogMaxSize() {
        return text("containerLogMaxSize");
    }

    /** How large the file of a log may become, in bytes ({@code containerLogMaxSize}). */
    public long containerLogMaxBytes() {
        return new Quantity(containerLogMaxSize()).getNumericalAmount().longValue();
    }

    /** How many files a container's log has ({@code containerLogMaxFiles}). */
    public int containerLogMaxFiles() {
        return number("containerLogMaxFiles");
    }

    /** How often their size is looked at ({@code containerLogMonitorInterval}). */
    public Duration containerLogMonitorInterval() {
        return duration("containerLogMonitorInterval");
    }

    /** How long a container that keeps ending waits at most ({@code crashLoopBackOff.maxContainerRestartPeriod}). */
    public Optional<Duration> maxContainerRestartPeriod() {
        Duration period = duration("crashLoopBackOff.maxContainerRestartPeriod");
        return period.isZero() ? Optional.empty() : Optional.of(period);
    }

    /** Whether containers that say nothing have the runtime's usual profile ({@code seccompDefault}). */
    public boolean seccompDefault() {
        return truth("seccompDefault");
    }

    /** How old figures about volumes may become; negative if there are none ({@code volumeStatsAggPeriod}). */
    public Duration volumeStatsAggPeriod() {
        return duration("volumeStatsAggPeriod");
    }

    /** Where the container runtime is; empty if it is looked for ({@code containerRuntimeEndpoint}). */
    public String containerRuntimeEndpoint() {
        return text("containerRuntimeEndpoint");
    }

    /** Where its images are; empty for the same place ({@code imageServiceEndpoint}). */
    public String imageServiceEndpoint() {
        return text("imageServiceEndpoint");
    }

    /** How long the runtime may take for an answer ({@code runtimeRequestTimeout}). */
    public Duration runtimeRequestTimeout() {
        return duration("runtimeRequestTimeout");
    }

    /** How many pulls a second may begin; 0 for any ({@code registryPullQPS}). */
    public int registryPullQps() {
        return number("registryPullQPS");
    }

    /** How many may begin at once ({@code registryBurst}). */
    public int registryBurst() {
        return number("registryBurst");
    }

    /** Whether a pod has to show that it may use an image ({@code imagePullCredentialsVerificationPolicy}). */
    public String imagePullCredentialsVerificationPolicy() {
        return text("imagePullCredentialsVerificationPolicy");
    }

    /** Images of which it has not ({@code preloadedImagesVerificationAllowlist}). */
    public List<String> preloadedImagesVerificationAllowlist() {
        return texts("preloadedImagesVerificationAllowlist");
    }

    /** Whether images are pulled one after the other ({@code serializeImagePulls}). */
    public boolean serializeImagePulls() {
        return truth("serializeImagePulls");
    }

    /** How many are pulled at once if not; none for any number ({@code maxParallelImagePulls}). */
    public OptionalInt maxParallelImagePulls() {
        int most = number("maxParallelImagePulls");
        return most == 0 ? OptionalInt.empty() : OptionalInt.of(most);
    }

    /** How long an image is kept at least ({@code imageMinimumGCAge}). */
    public Duration imageMinimumGcAge() {
        return duration("imageMinimumGCAge");
    }

    /** How long one is kept at most that nobody uses; zero for ever ({@code imageMaximumGCAge}). */
    public Duration imageMaximumGcAge() {
        return duration("imageMaximumGCAge");
    }

    /** How full the disk is when images are removed; 100 for never ({@code imageGCHighThresholdPercent}). */
    public int imageGcHighThresholdPercent() {
        return number("imageGCHighThresholdPercent");
    }

    /** How full it may be afterwards ({@code imageGCLowThresholdPercent}). */
    public int imageGcLowThresholdPercent() {
        return number("imageGCLowThresholdPercent");
    }

    /** The cgroup under which that of all pods is, {@code /} by default ({@code cgroupRoot}). */
    public String cgroupRoot() {
        String root = text("cgroupRoot");
        return root.isEmpty() ? "/" : root;
    }

    /** Whether the agent refuses to start where cgroups are of version 1 ({@code failCgroupV1}). */
    public boolean failCgroupV1() {
        return truth("failCgroupV1");
    }

    /** Whether it refuses to where memory is swapped ({@code failSwapOn}). */
    public boolean failSwapOn() {
        return truth("failSwapOn");
    }

    String cpuManagerPolicy() {
        return text("cpuManagerPolicy");
    }

    Map<String, String> cpuManagerPolicyOptions() {
        return pairs("cpuManagerPolicyOptions");
    }

    /** Whether containers may have processors of their own: policy {@code static} ({@code cpuManagerPolicy}). */
    public boolean exclusiveCpus() {
        return cpuManagerPolicy().equals("static");
    }

    /** Whether these are whole cores: {@code full-pcpus-only} of {@code cpuManagerPolicyOptions}. */
    public boolean exclusiveCores() {
        return Boolean.parseBoolean(cpuManagerPolicyOptions().getOrDefault("full-pcpus-only", "false"));
    }

    String memoryManagerPolicy() {
        return text("memoryManagerPolicy");
    }

    /** Whether pods may have memory in certain NUMA nodes: policy {@code Static} ({@code memoryManagerPolicy}). */
    public boolean exclusiveMemory() {
        return memoryManagerPolicy().equals("Static");
    }

    List<MemoryReservation> memoryReservations() {
        return MemoryReservation.read(at(tree, "reservedMemory"));
    }

    /** What of NUMA nodes' memory is for the system ({@code reservedMemory}). */
    public ReservedMemory reservedMemory() {
        Map<Integer, Map<String, Long>> bytes = new TreeMap<>();
        for (MemoryReservation reservation : memoryReservations()) {
            Map<String, Long> ofNode = bytes.computeIfAbsent(reservation.numaNode(), _ -> new TreeMap<>());
            reservation
                    .limits()
                    .forEach((type, amount) -> ofNode.put(type, PodSums.bytes(Milli.of(new Quantity(amount)))));
        }
        return new ReservedMemory(bytes);
    }

    String topologyManagerPolicy() {
        return text("topologyManagerPolicy");
    }

    /** How much it matters that what a container gets lies close together ({@code topologyManagerPolicy}). */
    public TopologyPolicy topologyPolicy() {
        return TopologyPolicy.of(topologyManagerPolicy());
    }

    String topologyManagerScope() {
        return text("topologyManagerScope");
    }

    /** What is to lie close together ({@code topologyManagerScope}). */
    public TopologyScope topologyScope() {
        return TopologyScope.of(topologyManagerScope());
    }

    /**
     * How NUMA nodes are chosen ({@code topologyManagerPolicyOptions}).
     *
     * @throws IllegalArgumentException if that makes no sense, which is not checked before if there is no policy
     */
    public TopologyOptions topologyOptions() {
        return TopologyOptions.of(pairs("topologyManagerPolicyOptions"));
    }

    /** Processes and threads of a pod; not positive for any number ({@code podPidsLimit}). */
    public long podPidsLimit() {
        JsonNode limit = at(tree, "podPidsLimit");
        return limit == null ? -1 : limit.longValue();
    }

    /** Whether limits of processors are enforced ({@code cpuCFSQuota}). */
    public boolean cpuCfsQuota() {
        return truth("cpuCFSQuota");
    }

    /** Over which time ({@code cpuCFSQuotaPeriod}). */
    public Duration cpuCfsQuotaPeriod() {
        return duration("cpuCFSQuotaPeriod");
    }

    /** Whether only the process dies that is out of memory; empty if nothing is said ({@code singleProcessOOMKill}). */
    public Optional<Boolean> singleProcessOomKill() {
        return Optional.ofNullable(at(tree, "singleProcessOOMKill")).map(JsonNode::booleanValue);
    }

    /** Which part of the way to the limit of memory is free ({@code memoryThrottlingFactor}). */
    public double memoryThrottlingFactor() {
        JsonNode factor = at(tree, "memoryThrottlingFactor");
        return factor == null ? 0 : factor.doubleValue();
    }

    /** What pods cannot have as it is for the machine's system, by resource ({@code systemReserved}). */
    public Map<String, Quantity> systemReserved() {
        return quantities("systemReserved");
    }

    /** What they cannot have as it is for the node's own programs ({@code kubeReserved}). */
    public Map<String, Quantity> kubeReserved() {
        return quantities("kubeReserved");
    }

    /** Processors that no container has alone; empty for as many as are reserved ({@code reservedSystemCPUs}). */
    public CpuSet reservedSystemCpus() {
        return CpuSet.parse(text("reservedSystemCPUs"));
    }

    /** Whether all pods together are limited to what they can have ({@code enforceNodeAllocatable}). */
    public boolean enforceNodeAllocatable() {
        return texts("enforceNodeAllocatable").contains("pods");
    }

    /** By signal, below what pods are ended at once: a quantity, or a percentage ({@code evictionHard}). */
    public Map<String, String> evictionHard() {
        return pairs("evictionHard");
    }

    /** The same, after a while ({@code evictionSoft}). */
    public Map<String, String> evictionSoft() {
        return pairs("evictionSoft");
    }

    /** After how long each of these ({@code evictionSoftGracePeriod}). */
    public Map<String, Duration> evictionSoftGracePeriod() {
        Map<String, Duration> periods = new LinkedHashMap<>();
        pairs("evictionSoftGracePeriod").forEach((signal, text) -> periods.put(signal, GoDuration.parse(text)));
        return Map.copyOf(periods);
    }

    /** How long a condition of the node stays after its cause ({@code evictionPressureTransitionPeriod}). */
    public Duration evictionPressureTransitionPeriod() {
        return duration("evictionPressureTransitionPeriod");
    }

    /** How long pods have that are ended after a while ({@code evictionMaxPodGracePeriod}, in seconds there). */
    public Duration evictionMaxPodGracePeriod() {
        return Duration.ofSeconds(number("evictionMaxPodGracePeriod"));
    }

    /** By signal, how much is to be free afterwards besides: a quantity, or a percentage ({@code evictionMinimumReclaim}). */
    public Map<String, String> evictionMinimumReclaim() {
        return pairs("evictionMinimumReclaim");
    }

    /** How soon the kernel ends this process for want of memory ({@code oomScoreAdj}). */
    public int oomScoreAdj() {
        return number("oomScoreAdj");
    }

    /** Whether the node's object is made if there is none ({@code registerNode}). */
    public boolean registerNode() {
        return truth("registerNode");
    }

    /** Taints that it is made with ({@code registerWithTaints}). */
    public List<Taint> registerWithTaints() {
        List<Taint> taints = new ArrayList<>();
        JsonNode list = at(tree, "registerWithTaints");
        if (list != null) {
            list.forEach(taint -> taints.add(new TaintBuilder()
                    .withKey(taint.path("key").textValue())
                    .withValue(taint.path("value").textValue())
                    .withEffect(taint.path("effect").textValue())
                    .withTimeAdded(taint.path("timeAdded").textValue())
                    .build()));
        }
        return List.copyOf(taints);
    }

    /** How its cloud calls it ({@code providerID}). */
    public Optional<String> providerId() {
        String id = text("providerID");
        return id.isEmpty() ? Optional.empty() : Optional.of(id);
    }

    int podsPerCore() {
        return number("podsPerCore");
    }

    /**
     * How many pods it takes ({@code maxPods}, {@code podsPerCore}).
     *
     * @param cpus how many processors the machine has
     */
    public int maxPods(int cpus) {
        long ofCores = (long) podsPerCore() * cpus;
        return ofCores > 0 && ofCores < number("maxPods") ? (int) ofCores : number("maxPods");
    }

    /** How many users a pod has that has its own ({@code userNamespaces.idsPerPod}). */
    public long idsPerPod() {
        JsonNode value = at(tree, "userNamespaces.idsPerPod");
        return value == null ? 0 : value.longValue();
    }

    String podCidr() {
        return text("podCIDR");
    }

    /** How often it is looked whether something of the node changed ({@code nodeStatusUpdateFrequency}). */
    public Duration nodeStatusUpdateFrequency() {
        return duration("nodeStatusUpdateFrequency");
    }

    /** How often its status is written though nothing has ({@code nodeStatusReportFrequency}). */
    public Duration nodeStatusReportFrequency() {
        return duration("nodeStatusReportFrequency");
    }

    /** How long the node's lease is good ({@code nodeLeaseDurationSeconds}). */
    public Duration nodeLeaseDuration() {
        return Duration.ofSeconds(number("nodeLeaseDurationSeconds"));
    }

    /** How many images the status tells of; -1 for all ({@code nodeStatusMaxImages}). */
    public int nodeStatusMaxImages() {
        return number("nodeStatusMaxImages");
    }

    /** How many calls to the API a second; 0 or less for any number ({@code kubeAPIQPS}). */
    public int kubeApiQps() {
        return number("kubeAPIQPS");
    }

    /** How many may be made at once after a pause ({@code kubeAPIBurst}). */
    public int kubeApiBurst() {
        return number("kubeAPIBurst");
    }

    Duration shutdownGracePeriod() {
        return duration("shutdownGracePeriod");
    }

    Duration shutdownGracePeriodCriticalPods() {
        return duration("shutdownGracePeriodCriticalPods");
    }

    /** How long each priority's pods have when the machine is shut down ({@code shutdownGracePeriodByPodPriority}). */
    List<ShutdownPlan.Phase> shutdownGracePeriodByPodPriority() {
        List<ShutdownPlan.Phase> phases = new ArrayList<>();
        JsonNode list = at(tree, "shutdownGracePeriodByPodPriority");
        if (list != null) {
            list.forEach(entry -> phases.add(new ShutdownPlan.Phase(
                    entry.path("priority").intValue(),
                    entry.path("shutdownGracePeriodSeconds").longValue())));
        }
        return List.copyOf(phases);
    }

    /** How pods are ended when the machine is shut down, by all that is said of it. */
    public ShutdownPlan shutdown() {
        List<ShutdownPlan.Phase> phases = shutdownGracePeriodByPodPriority();
        return phases.isEmpty()
                ? ShutdownPlan.of(shutdownGracePeriod(), shutdownGracePeriodCriticalPods())
                : new ShutdownPlan(phases);
    }

    /**
     * Whether a feature is on ({@code featureGates}).
     *
     * @param preset what it is where nothing is said
     */
    public boolean isOn(String feature, boolean preset) {
        JsonNode gates = at(tree, "featureGates");
        JsonNode gate = gates == null ? null : gates.get(feature);
        return gate == null ? preset : gate.booleanValue();
    }

    /** As {@link #json}. */
    @Override
    public String toString() {
        return json();
    }
}
