package io.keelson.agent.config;

import static io.keelson.agent.config.FieldKind.ANY;
import static io.keelson.agent.config.FieldKind.BOOL;
import static io.keelson.agent.config.FieldKind.DURATION;
import static io.keelson.agent.config.FieldKind.HEADERS;
import static io.keelson.agent.config.FieldKind.INT;
import static io.keelson.agent.config.FieldKind.INTS;
import static io.keelson.agent.config.FieldKind.LONG;
import static io.keelson.agent.config.FieldKind.NUMBER;
import static io.keelson.agent.config.FieldKind.PAIRS;
import static io.keelson.agent.config.FieldKind.PRIORITIES;
import static io.keelson.agent.config.FieldKind.RESERVED_MEMORY;
import static io.keelson.agent.config.FieldKind.SWITCHES;
import static io.keelson.agent.config.FieldKind.TAINTS;
import static io.keelson.agent.config.FieldKind.TEXT;
import static io.keelson.agent.config.FieldKind.TEXTS;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All fields of {@code KubeletConfiguration} of Kubernetes 1.36, what they are by default, and what becomes of them. A
 * default of {@code failCgroupV1} is another one than the original's: cgroups of version 1 are as good here.
 */
final class ConfigurationFields {
    private static final String NO_PROFILES = "there are no profiles to be served";
    private static final String FOLDER_ONLY = "static pods are read from a folder or file, staticPodPath";
    private static final String NO_IPTABLES = "no chain of iptables is made";
    private static final String NO_RESERVED_CGROUP =
            "what is reserved is kept from pods by the limits of their common cgroup; other cgroups are left alone";
    private static final String AT_ONCE = "it is done at once, when a container begins";
    private static final String NO_SYSTEM_LOGS = "the machine's own logs are not served";

    private static final Map<String, Field> ALL = new LinkedHashMap<>();
    private static final Set<String> SECTIONS = new HashSet<>();

    static {
        served();
        pods();
        resources();
        node();
        ALL.keySet().forEach(path -> {
            for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
                SECTIONS.add(path.substring(0, dot));
            }
        });
    }

    private ConfigurationFields() {}

    private static void served() {
        honoured("enableServer", BOOL, "true");
        honoured("address", TEXT, "0.0.0.0");
        honoured("port", INT, "10250");
        only("readOnlyPort", INT, "0", "", "nothing is served to those who do not say who they are");
        honoured("tlsCertFile", TEXT, null);
        honoured("tlsPrivateKeyFile", TEXT, null);
        honoured("tlsCipherSuites", TEXTS, null);
        only("tlsCurvePreferences", INTS, null, "", "keys are agreed on with the curves that Java prefers");
        honoured("tlsMinVersion", TEXT, null);
        honoured("rotateCertificates", BOOL, "false");
        honoured("serverTLSBootstrap", BOOL, "false");
        honoured("authentication.x509.clientCAFile", TEXT, null);
        only(
                "authentication.webhook.enabled",
                BOOL,
                "true",
                "",
                "the API server comes with a certificate, but metrics are read with tokens");
        honoured("authentication.webhook.cacheTTL", DURATION, "2m");
        honoured("authentication.anonymous.enabled", BOOL, "false");
        only("authorization.mode", TEXT, "Webhook", "", "what is served here runs commands in pods");
        honoured("authorization.webhook.cacheAuthorizedTTL", DURATION, "5m");
        honoured("authorization.webhook.cacheUnauthorizedTTL", DURATION, "30s");
        only("enableDebuggingHandlers", BOOL, "true", "", "who may is said by rules of the API: take nodes/proxy away");
        idle("enableContentionProfiling", BOOL, "false", NO_PROFILES);
        idle("enableProfilingHandler", BOOL, "true", NO_PROFILES);
        idle("enableDebugFlagsHandler", BOOL, "true", "no flag can be changed while the agent runs");
        idle("enableSystemLogHandler", BOOL, "true", NO_SYSTEM_LOGS);
        only("enableSystemLogQuery", BOOL, "false", "", NO_SYSTEM_LOGS);
        honouredZero("healthzPort", INT, "10248");
        honoured("healthzBindAddress", TEXT, "127.0.0.1");
        honoured("streamingConnectionIdleTimeout", DURATION, "4h");
        idle("showHiddenMetricsForVersion", TEXT, null, "no metric is hidden");
    }

    private static void pods() {
        honoured("staticPodPath", TEXT, null);
        only("staticPodURL", TEXT, null, "", FOLDER_ONLY);
        only("staticPodURLHeader", HEADERS, null, "", FOLDER_ONLY);
        honoured("podLogsDir", TEXT, "/var/log/pods/");
        honoured("syncFrequency", DURATION, "1m");
        honoured("fileCheckFrequency", DURATION, "20s");
        idle("httpCheckFrequency", DURATION, "20s", FOLDER_ONLY);
        honoured("clusterDomain", TEXT, null);
        honoured("clusterDNS", TEXTS, null);
        honoured("resolvConf", TEXT, "/etc/resolv.conf");
        only("runOnce", BOOL, "false", "", "the agent runs until it is ended");
        idle("hairpinMode", TEXT, "promiscuous-bridge", "the bridge sends packets back to where they came from");
        honoured("containerLogMaxSize", TEXT, "10Mi");
        honoured("containerLogMaxFiles", INT, "5");
        idle("containerLogMaxWorkers", INT, "1", "logs are looked at one after the other");
        honoured("containerLogMonitorInterval", DURATION, "10s");
        idle(
                "configMapAndSecretChangeDetectionStrategy",
                TEXT,
                "Watch",
                "each object that pods use is followed by a watch");
        honoured("allowedUnsafeSysctls", TEXTS, null);
        honoured("seccompDefault", BOOL, "false");
        honoured("crashLoopBackOff.maxContainerRestartPeriod", DURATION, null);
        honoured("userNamespaces.idsPerPod", LONG, "65536");
        idle(
                "volumePluginDir",
                TEXT,
                "/usr/libexec/kubernetes/kubelet-plugins/volume/exec/",
                "there are no flex volumes");
        only("enableControllerAttachDetach", BOOL, "true", "", "volumes are attached by a controller");
        only("localStorageCapacityIsolation", BOOL, "true", "", "the disk's space is shared out as the memory is");
        honoured("volumeStatsAggPeriod", DURATION, "1m");
        idle("draManagerReconcilePeriod", DURATION, "1m", AT_ONCE);
        only("memorySwap.swapBehavior", TEXT, null, "NoSwap", "pods have no swap");
        honoured("containerRuntimeEndpoint", TEXT, null);
        honoured("imageServiceEndpoint", TEXT, null);
        honoured("runtimeRequestTimeout", DURATION, "2m");
        honouredZero("registryPullQPS", INT, "5");
        honoured("registryBurst", INT, "10");
        honoured("imagePullCredentialsVerificationPolicy", TEXT, "NeverVerifyPreloadedImages");
        honoured("preloadedImagesVerificationAllowlist", TEXTS, null);
        honoured("serializeImagePulls", BOOL, "true");
        honoured("maxParallelImagePulls", INT, null);
        honoured("imageMinimumGCAge", DURATION, "2m");
        honoured("imageMaximumGCAge", DURATION, "0s");
        honouredZero("imageGCHighThresholdPercent", INT, "85");
        honouredZero("imageGCLowThresholdPercent", INT, "80");
    }

    private static void resources() {
        honoured("cgroupRoot", TEXT, null);
        only("cgroupsPerQOS", BOOL, "true", "", "classes of pods have cgroups of their own");
        only("cgroupDriver", TEXT, "cgroupfs", "", "cgroups are made in the kernel's own file system, not by systemd");
        honoured("failCgroupV1", BOOL, "false");
        honoured("failSwapOn", BOOL, "true");
        idle("kubeletCgroups", TEXT, null, "the agent stays in the cgroup in which it was started");
        idle("systemCgroups", TEXT, null, "processes of others stay in their cgroups");
        honoured("cpuManagerPolicy", TEXT, "none");
        honoured("cpuManagerPolicyOptions", PAIRS, null);
        idle("cpuManagerReconcilePeriod", DURATION, "10s", AT_ONCE);
        honoured("memoryManagerPolicy", TEXT, "None");
        honoured("reservedMemory", RESERVED_MEMORY, null);
        honoured("topologyManagerPolicy", TEXT, "none");
        honoured("topologyManagerScope", TEXT, "container");
        honoured("topologyManagerPolicyOptions", PAIRS, null);
        only("qosReserved", PAIRS, null, "", "an alpha of the original: requests are not reserved by classes of pods");
        honoured("podPidsLimit", LONG, "-1");
        honoured("cpuCFSQuota", BOOL, "true");
        honoured("cpuCFSQuotaPeriod", DURATION, "100ms");
        honoured("singleProcessOOMKill", BOOL, null);
        honoured("memoryThrottlingFactor", NUMBER, "0.9");
        only("memoryReservationPolicy", TEXT, "None", "", "of an alpha of the original, memory is not locked for pods");
        honoured("systemReserved", PAIRS, null);
        honoured("kubeReserved", PAIRS, null);
        honoured("reservedSystemCPUs", TEXT, null);
        only("systemReservedCgroup", TEXT, null, "", NO_RESERVED_CGROUP);
        only("kubeReservedCgroup", TEXT, null, "", NO_RESERVED_CGROUP);
        only("enforceNodeAllocatable", TEXTS, "pods", "none", NO_RESERVED_CGROUP);
        honoured("evictionHard", PAIRS, null);
        honoured("evictionSoft", PAIRS, null);
        honoured("evictionSoftGracePeriod", PAIRS, null);
        honoured("evictionPressureTransitionPeriod", DURATION, "5m");
        honoured("evictionMaxPodGracePeriod", INT, "0");
        honoured("evictionMinimumReclaim", PAIRS, null);
        honoured("mergeDefaultEvictionSettings", BOOL, "false");
        idle("kernelMemcgNotification", BOOL, "false", "the memory is looked at every few seconds");
        idle("maxOpenFiles", LONG, "1000000", "the process may open as many files as whoever started it allowed");
        honouredZero("oomScoreAdj", INT, "-999");
        only("protectKernelDefaults", BOOL, "false", "", "the kernel's settings are not compared with the kubelet's");
        idle("makeIPTablesUtilChains", BOOL, "true", NO_IPTABLES);
        idle("iptablesMasqueradeBit", INT, "14", NO_IPTABLES);
        idle("iptablesDropBit", INT, "15", NO_IPTABLES);
    }

    private static void node() {
        honoured("registerNode", BOOL, "true");
        honoured("registerWithTaints", TAINTS, null);
        honoured("providerID", TEXT, null);
        honoured("maxPods", INT, "110");
        honoured("podsPerCore", INT, "0");
        idle("podCIDR", TEXT, null, "ranges of pods' addresses are what the node's object says");
        honoured("nodeStatusUpdateFrequency", DURATION, "10s");
        honoured("nodeStatusReportFrequency", DURATION, "5m");
        honoured("nodeLeaseDurationSeconds", INT, "40");
        honouredZero("nodeStatusMaxImages", INT, "50");
        honouredZero("kubeAPIQPS", INT, "50");
        honoured("kubeAPIBurst", INT, "100");
        idle("contentType", TEXT, "application/vnd.kubernetes.protobuf", "JSON is spoken with the API");
        String events = "events are limited by what they are about, not all together";
        idle("eventRecordQPS", INT, "50", events);
        idle("eventBurst", INT, "100", events);
        honoured("shutdownGracePeriod", DURATION, "0s");
        honoured("shutdownGracePeriodCriticalPods", DURATION, "0s");
        honoured("shutdownGracePeriodByPodPriority", PRIORITIES, null);
        honoured("featureGates", SWITCHES, null);
        String lines = "each line of the log is written at once, as text, to standard error";
        only("logging.format", TEXT, "text", "", lines);
        idle("logging.flushFrequency", ANY, null, lines);
        idle("logging.verbosity", INT, "0", "what is logged is what changes and what fails");
        idle("logging.vmodule", ANY, null, "what is logged is what changes and what fails");
        idle("logging.options", ANY, null, lines);
        only("tracing.endpoint", TEXT, null, "", "no traces are sent");
        only("tracing.samplingRatePerMillion", INT, "0", "", "no traces are sent");
    }

    private static void add(
            String path, FieldKind kind, @Nullable String preset, boolean keepsZero, Field.Standing standing) {
        ALL.put(path, new Field(path, kind, preset == null ? null : kind.written(preset), keepsZero, standing));
    }

    private static void honoured(String path, FieldKind kind, @Nullable String preset) {
        // Of truths, the original tells those that are not said from false ones wherever true is the default.
        add(path, kind, preset, kind == BOOL || path.equals("resolvConf"), new Field.Standing.Honoured());
    }

    /** A field for which zero is not the same as nothing. */
    private static void honouredZero(String path, FieldKind kind, String preset) {
        add(path, kind, preset, true, new Field.Standing.Honoured());
    }

    private static void idle(String path, FieldKind kind, @Nullable String preset, String why) {
        add(path, kind, preset, kind == BOOL, new Field.Standing.Idle(why));
    }

    private static void only(String path, FieldKind kind, @Nullable String preset, String other, String why) {
        List<String> values = other.isEmpty() ? List.of() : List.of(other);
        add(path, kind, preset, kind == BOOL, new Field.Standing.Only(values, why));
    }

    /** All of them, in the order in which they are written. */
    static Collection<Field> all() {
        return ALL.values();
    }

    /** That of a path; null if there is none. */
    static @Nullable Field at(String path) {
        return ALL.get(path);
    }

    /** Whether a path is that of an object with fields in it. */
    static boolean isSection(String path) {
        return SECTIONS.contains(path);
    }
}
