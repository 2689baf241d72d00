package io.keelson.scheduler.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.controllers.leader.ElectionTerms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code KubeSchedulerConfiguration}, with the names and meanings of Kubernetes. What is null in a file is replaced by its
 * default when the record is made; only what has no default stays null.
 *
 * @param parallelism has no effect, see {@link #warnings}: one thread decides
 * @param percentageOfNodesToScore 0 for what suits the cluster's size
 * @param profiles one at least, each of a name of its own
 * @param delayCacheUntilActive whether a process that does not lead reads nothing until it does, which costs the API less
 *     and makes a new leader slower
 */
public record SchedulerConfiguration(
        String apiVersion,
        String kind,
        Integer parallelism,
        LeaderElection leaderElection,
        ClientConnection clientConnection,
        Boolean enableProfiling,
        Boolean enableContentionProfiling,
        Integer percentageOfNodesToScore,
        Long podInitialBackoffSeconds,
        Long podMaxBackoffSeconds,
        List<Profile> profiles,
        List<Extender> extenders,
        Boolean delayCacheUntilActive) {
    /** The group and version that is read. */
    public static final String API_VERSION = "kubescheduler.config.k8s.io/v1";

    /** The kind that is read. */
    public static final String KIND = "KubeSchedulerConfiguration";

    /** The scheduler that pods get that name none. */
    public static final String DEFAULT_NAME = "default-scheduler";

    private static final int PARALLELISM = 16;
    private static final long FIRST_BACKOFF_SECONDS = 1;
    private static final long LAST_BACKOFF_SECONDS = 10;

    public SchedulerConfiguration {
        parallelism = or(parallelism, PARALLELISM);
        leaderElection = leaderElection == null ? LeaderElection.DEFAULT : leaderElection;
        clientConnection = clientConnection == null ? ClientConnection.DEFAULT : clientConnection;
        enableProfiling = or(enableProfiling, true);
        enableContentionProfiling = or(enableContentionProfiling, true);
        percentageOfNodesToScore = or(percentageOfNodesToScore, 0);
        podInitialBackoffSeconds = or(podInitialBackoffSeconds, FIRST_BACKOFF_SECONDS);
        podMaxBackoffSeconds = or(podMaxBackoffSeconds, LAST_BACKOFF_SECONDS);
        profiles = named(profiles);
        extenders = copy(extenders);
        delayCacheUntilActive = or(delayCacheUntilActive, false);
    }

    /** What is asked for and has no effect, in the words in which users are told. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (parallelism != PARALLELISM) {
            warnings.add("parallelism: " + parallelism + " has no effect: one thread decides, whatever it is, and"
                    + " bindings go on beside it");
        }
        warnings.addAll(clientConnection.warnings());
        return warnings;
    }

    /** What counts if there is no file. */
    public static SchedulerConfiguration defaults() {
        return new SchedulerConfiguration(
                API_VERSION,
                KIND,
                PARALLELISM,
                LeaderElection.DEFAULT,
                ClientConnection.DEFAULT,
                true,
                true,
                0,
                FIRST_BACKOFF_SECONDS,
                LAST_BACKOFF_SECONDS,
                List.of(Profile.of(DEFAULT_NAME)),
                List.of(),
                false);
    }

    /** A single profile without a name is the default scheduler; of several each has to have one. */
    private static List<Profile> named(@Nullable List<Profile> profiles) {
        List<Profile> all = copy(profiles);
        if (all.isEmpty()) {
            return List.of(Profile.of(DEFAULT_NAME));
        }
        Profile only = all.getFirst();
        return all.size() == 1 && only.schedulerName() == null
                ? List.of(
                        new Profile(DEFAULT_NAME, only.percentageOfNodesToScore(), only.plugins(), only.pluginConfig()))
                : all;
    }

    static <T> T or(@Nullable T value, T usual) {
        return value == null ? usual : value;
    }

    /** Lists of a file may have holes, which are refused where they are read. */
    static <T> List<T> copy(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    /** Of several processes which one acts. Durations are as in {@code 15s}. */
    public record LeaderElection(
            Boolean leaderElect,
            String leaseDuration,
            String renewDeadline,
            String retryPeriod,
            String resourceLock,
            String resourceName,
            String resourceNamespace) {
        static final LeaderElection DEFAULT =
                new LeaderElection(true, "15s", "10s", "2s", "leases", "kube-scheduler", "kube-system");

        public LeaderElection {
            leaderElect = or(leaderElect, true);
            leaseDuration = or(leaseDuration, "15s");
            renewDeadline = or(renewDeadline, "10s");
            retryPeriod = or(retryPeriod, "2s");
            resourceLock = or(resourceLock, "leases");
            resourceName = or(resourceName, "kube-scheduler");
            resourceNamespace = or(resourceNamespace, "kube-system");
        }

        /**
         * The same as the election takes it.
         *
         * @throws IllegalArgumentException if the durations make no sense together
         */
        public ElectionTerms terms() {
            return new ElectionTerms(
                    resourceNamespace,
                    resourceName,
                    Refused.duration("leaderElection.leaseDuration", leaseDuration),
                    Refused.duration("leaderElection.renewDeadline", renewDeadline),
                    Refused.duration("leaderElection.retryPeriod", retryPeriod));
        }
    }

    /**
     * How the API is reached.
     *
     * @param kubeconfig a file; empty to do as a pod of the cluster does
     * @param acceptContentTypes has no effect, as {@code contentType} has none, see {@link #warnings}: JSON is spoken
     * @param qps how many calls to the API a second; null or not above zero for no limit
     */
    public record ClientConnection(
            String kubeconfig,
            String acceptContentTypes,
            String contentType,
            @Nullable Double qps,
            Integer burst) {
        private static final String JSON = "application/json";
        private static final String NO_EFFECT = " has no effect: " + JSON + " is spoken with the API";

        static final ClientConnection DEFAULT = new ClientConnection("", "", JSON, null, 100);

        public ClientConnection {
            kubeconfig = or(kubeconfig, "");
            acceptContentTypes = or(acceptContentTypes, "");
            contentType = or(contentType, JSON);
            burst = or(burst, 100);
        }

        private List<String> warnings() {
            List<String> warnings = new ArrayList<>();
            if (!acceptContentTypes.isEmpty() && !acceptContentTypes.contains(JSON)) {
                warnings.add("clientConnection.acceptContentTypes: " + acceptContentTypes + NO_EFFECT);
            }
            if (!contentType.equals(JSON)) {
                warnings.add("clientConnection.contentType: " + contentType + NO_EFFECT);
            }
            return warnings;
        }
    }

    /**
     * A scheduler of a name.
     *
     * @param schedulerName null only where several profiles are read, and then refused
     * @param percentageOfNodesToScore null for what holds for all profiles
     */
    public record Profile(
            @Nullable String schedulerName,
            @Nullable Integer percentageOfNodesToScore,
            PluginSets plugins,
            List<PluginConfig> pluginConfig) {
        public Profile {
            plugins = plugins == null ? PluginSets.NONE : plugins;
            pluginConfig = copy(pluginConfig);
        }

        /** One with all defaults. */
        public static Profile of(String name) {
            return new Profile(name, null, PluginSets.NONE, List.of());
        }
    }

    /** What a plugin is given. Which form it has depends on the plugin, see {@link PluginArguments}. */
    public record PluginConfig(String name, @Nullable JsonNode args) {}

    /** What is switched on and off, at all extension points that a plugin has and at single ones. */
    public record PluginSets(
            PluginSet multiPoint,
            PluginSet preEnqueue,
            PluginSet queueSort,
            PluginSet preFilter,
            PluginSet filter,
            PluginSet postFilter,
            PluginSet preScore,
            PluginSet score,
            PluginSet reserve,
            PluginSet permit,
            PluginSet preBind,
            PluginSet bind,
            PluginSet postBind) {
        /** Nothing besides the defaults. */
        public static final PluginSets NONE = of(PluginSet.NONE, Map.of());

        public PluginSets {
            multiPoint = or(multiPoint, PluginSet.NONE);
            preEnqueue = or(preEnqueue, PluginSet.NONE);
            queueSort = or(queueSort, PluginSet.NONE);
            preFilter = or(preFilter, PluginSet.NONE);
            filter = or(filter, PluginSet.NONE);
            postFilter = or(postFilter, PluginSet.NONE);
            preScore = or(preScore, PluginSet.NONE);
            score = or(score, PluginSet.NONE);
            reserve = or(reserve, PluginSet.NONE);
            permit = or(permit, PluginSet.NONE);
            preBind = or(preBind, PluginSet.NONE);
            bind = or(bind, PluginSet.NONE);
            postBind = or(postBind, PluginSet.NONE);
        }

        /** What is said of some points. */
        public static PluginSets of(PluginSet multiPoint, Map<ExtensionPoint, PluginSet> sets) {
            Map<ExtensionPoint, PluginSet> all = new EnumMap<>(ExtensionPoint.class);
            for (ExtensionPoint point : ExtensionPoint.values()) {
                all.put(point, sets.getOrDefault(point, PluginSet.NONE));
            }
            List<PluginSet> inOrder = new ArrayList<>(all.values());
            return new PluginSets(
                    multiPoint,
                    inOrder.get(0),
                    inOrder.get(1),
                    inOrder.get(2),
                    inOrder.get(3),
                    inOrder.get(4),
                    inOrder.get(5),
                    inOrder.get(6),
                    inOrder.get(7),
                    inOrder.get(8),
                    inOrder.get(9),
                    inOrder.get(10),
                    inOrder.get(11));
        }

        /** What is said of one point. */
        public PluginSet at(ExtensionPoint point) {
            return switch (point) {
                case PRE_ENQUEUE -> preEnqueue;
                case QUEUE_SORT -> queueSort;
                case PRE_FILTER -> preFilter;
                case FILTER -> filter;
                case POST_FILTER -> postFilter;
                case PRE_SCORE -> preScore;
                case SCORE -> score;
                case RESERVE -> reserve;
                case PERMIT -> permit;
                case PRE_BIND -> preBind;
                case BIND -> bind;
                case POST_BIND -> postBind;
            };
        }
    }

    /** What is switched on and off; {@code *} switches all off that are on by default. */
    public record PluginSet(List<PluginEntry> enabled, List<PluginEntry> disabled) {
        /** Nothing. */
        public static final PluginSet NONE = new PluginSet(List.of(), List.of());

        public PluginSet {
            enabled = copy(enabled);
            disabled = copy(disabled);
        }
    }

    /**
     * A plugin by name.
     *
     * @param weight how much its score counts; null for 1
     */
    public record PluginEntry(String name, @Nullable Integer weight) {}

    /**
     * A process that is asked over HTTP.
     *
     * @param urlPrefix to which each verb is appended as one more part of the path; a verb that is empty is not asked for
     * @param weight by what its scores are multiplied
     * @param httpTimeout how long one answer may take, as in {@code 5s}
     * @param nodeCacheCapable whether it knows the nodes, so that names are enough
     * @param managedResources if there are any, it is asked only about pods that request one of them
     * @param ignorable whether pods are scheduled without it when it cannot be reached
     */
    public record Extender(
            String urlPrefix,
            String filterVerb,
            String preemptVerb,
            String prioritizeVerb,
            Long weight,
            String bindVerb,
            Boolean enableHTTPS,
            @Nullable Tls tlsConfig,
            String httpTimeout,
            Boolean nodeCacheCapable,
            List<ManagedResource> managedResources,
            Boolean ignorable) {
        public Extender {
            urlPrefix = or(urlPrefix, "");
            filterVerb = or(filterVerb, "");
            preemptVerb = or(preemptVerb, "");
            prioritizeVerb = or(prioritizeVerb, "");
            weight = or(weight, 0L);
            bindVerb = or(bindVerb, "");
            enableHTTPS = or(enableHTTPS, false);
            httpTimeout = or(httpTimeout, "5s");
            nodeCacheCapable = or(nodeCacheCapable, false);
            managedResources = copy(managedResources);
            ignorable = or(ignorable, false);
        }

        /** How long one answer may take. */
        public Duration timeout() {
            return Refused.duration("httpTimeout", httpTimeout);
        }
    }

    /** A resource that an extender cares for; with {@code ignoredByScheduler} nodes need not have room for it. */
    public record ManagedResource(String name, Boolean ignoredByScheduler) {
        public ManagedResource {
            ignoredByScheduler = or(ignoredByScheduler, false);
        }
    }

    /**
     * How an extender is spoken to by HTTPS. Files are PEM, as is the data, in base 64; data wins over a file.
     *
     * @param insecure whether its certificate is not looked at
     * @param serverName what its certificate has to say; null for the host's name
     */
    public record Tls(
            Boolean insecure,
            @Nullable String serverName,
            @Nullable String certFile,
            @Nullable String keyFile,
            @Nullable String caFile,
            @Nullable String certData,
            @Nullable String keyData,
            @Nullable String caData) {
        public Tls {
            insecure = or(insecure, false);
        }
    }
}
