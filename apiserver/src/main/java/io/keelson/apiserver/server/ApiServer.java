package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.aggregation.Aggregation;
import io.keelson.apiserver.audit.AuditLog;
import io.keelson.apiserver.authn.AuthenticationFilter;
import io.keelson.apiserver.authn.ImpersonationFilter;
import io.keelson.apiserver.authn.KeySetMetrics;
import io.keelson.apiserver.authn.LegacyTokenUses;
import io.keelson.apiserver.authz.AccessReviews;
import io.keelson.apiserver.authz.AuthorizationFilter;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.BootstrapPolicy;
import io.keelson.apiserver.authz.NodeAuthorizer;
import io.keelson.apiserver.authz.NodeGraph;
import io.keelson.apiserver.authz.RbacAuthorizer;
import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.authz.WriteCheck;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ConsistencyChecks;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.cel.rules.RuleMetrics;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.apiserver.certs.PkiNames;
import io.keelson.apiserver.certs.ReloadMetrics;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.crd.Definitions;
import io.keelson.apiserver.debug.DebugHandler;
import io.keelson.apiserver.discovery.DiscoveryHandler;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.egress.EgressProxy;
import io.keelson.apiserver.egress.EgressSelector;
import io.keelson.apiserver.egress.EgressType;
import io.keelson.apiserver.encryption.EncryptionAtRest;
import io.keelson.apiserver.encryption.EncryptionException;
import io.keelson.apiserver.encryption.EncryptionMetrics;
import io.keelson.apiserver.encryption.StoredResources;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.features.ServedVersions;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.health.HealthHandler;
import io.keelson.apiserver.health.HealthMetrics;
import io.keelson.apiserver.health.LogCheck;
import io.keelson.apiserver.health.Milestones;
import io.keelson.apiserver.http.HttpFront;
import io.keelson.apiserver.http.HttpSettings;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.kinds.OnDemandKind;
import io.keelson.apiserver.metrics.AccessMetrics;
import io.keelson.apiserver.metrics.AdmissionMetrics;
import io.keelson.apiserver.metrics.AuditMetrics;
import io.keelson.apiserver.metrics.CacheMetrics;
import io.keelson.apiserver.metrics.MetricsHandler;
import io.keelson.apiserver.metrics.RequestMetrics;
import io.keelson.apiserver.metrics.StoreMetrics;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.openapi.OpenApiHandler;
import io.keelson.apiserver.proxy.Backends;
import io.keelson.apiserver.proxy.ConnectAdmission;
import io.keelson.apiserver.proxy.ProxiedSubresources;
import io.keelson.apiserver.proxy.TunnelledClients;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.routing.ServiceRouting;
import io.keelson.apiserver.store.Compactor;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoreSize;
import io.keelson.apiserver.webhook.WebhookClient;
import io.keelson.apiserver.zpages.Flagz;
import io.keelson.apiserver.zpages.ZPage;
import io.keelson.apiserver.zpages.ZPageHandler;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.ProcessMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An API server: puts the parts together, starts them, and stops them in the opposite order.
 *
 * <p>What {@code keelson apiserver} runs, with all that its flags can say. Programs and tests that embed a server start an
 * {@link io.keelson.apiserver.KeelsonServer}. Several live in one process.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

    private static final String CONTEXT = "keelson";
    /** What lies here is in no list. */
    private static final String DEBUG = "/debug";

    private static final String INDEX = "/index.html";
    /** What checks are called that look whether something has happened that has to happen first. */
    private static final String FIRST = "poststarthook/";

    private static final String ADMISSION = FIRST + "start-apiserver-admission-initializer";
    private static final String FEEDS = FIRST + "generic-apiserver-start-informers";
    private static final String DEFINITIONS_FOLLOWED = FIRST + "start-apiextensions-informers";
    private static final String DEFINITIONS_KEPT = FIRST + "start-apiextensions-controllers";
    private static final String NAMESPACES = FIRST + "start-system-namespaces-controller";
    private static final String ROLES = FIRST + "rbac/bootstrap-roles";
    private static final String PRIORITY_CLASSES = FIRST + "scheduling/bootstrap-system-priority-classes";
    /** What is made for every cluster once the server serves. */
    private static final List<String> CLUSTER_BEGINNINGS = List.of(NAMESPACES, ROLES, PRIORITY_CLASSES);

    /** How long it waits until it tries again to make something. */
    private static final Duration AGAIN = Duration.ofSeconds(1);
    /** How long a stop waits for what is being made then. */
    private static final Duration BEGINNING_END_MAX = Duration.ofSeconds(2);

    private static final Pattern WITH_PORT = Pattern.compile("(\\[.*]|[^:]*):\\d+");
    private static final Duration DEFINITIONS_MAX = Duration.ofSeconds(5);
    private static final Duration LOG_LOOK_MAX = Duration.ofSeconds(2);
    /** How long a start waits until everything that it has begun is finished. */
    private static final Duration READY_MAX = Duration.ofSeconds(10);

    private static final long READY_LOOK_MS = 2;

    /** How long clients have to read their answers, and to end what lasts, once the requests are served. */
    private static final Duration SHUTDOWN_MAX = Duration.ofSeconds(10);

    private final ApiServerConfig config;
    private final InstantSource clock;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<HealthCheck> moreChecks = new ArrayList<>();
    /** Whether what is begun at the start is finished. */
    private final List<HealthCheck> beginnings = new ArrayList<>();

    private final Milestones milestones = new Milestones();
    /** What follows caches, and whether it has everything that was there at the start. */
    private final Map<String, BooleanSupplier> feeds = new LinkedHashMap<>();

    private final Metrics metrics = new Metrics();
    private final Instant begun;
    private final Farewell farewell = new Farewell();
    private EgressSelector egress = EgressSelector.DIRECT;
    private volatile boolean shuttingDown;
    private @Nullable Running running;

    /** What there is once it serves. */
    private record Running(HttpFront front, ClusterPki pki, RestApi rest) {}

    private ApiServer(ApiServerConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        begun = clock.instant();
    }

    /**
     * Starts a server, and returns when it serves.
     *
     * @throws IOException if it cannot start; nothing is left running then
     */
    public static ApiServer start(ApiServerConfig config) throws IOException, InterruptedException {
        return start(config, InstantSource.system());
    }

    /**
     * Starts a server, and returns when it serves.
     *
     * @param clock what it takes for the time: what it writes into objects, and by which it tells how old they are
     * @throws IOException if it cannot start; nothing is left running then
     */
    public static ApiServer start(ApiServerConfig config, InstantSource clock)
            throws IOException, InterruptedException {
        ApiServer server = new ApiServer(config, clock);
        try {
            server.running = server.open();
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private Running running() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the server has not started");
        }
        return now;
    }

    /** Where clients reach it. */
    public String url() {
        return "https://" + clientHost() + ":" + running().front().port();
    }

    /** What a client needs to reach it as its administrator. */
    public Kubeconfig kubeconfig() {
        ClusterPki pki = running().pki();
        Kubeconfig made = Kubeconfig.of(CONTEXT, url(), pki.clusterAuthority().certificate(), pki.admin());
        return config.cluster().connections().serving().showsOther() ? made.expecting(ServingSettings.LOOPBACK) : made;
    }

    /** Where clients elsewhere reach it, as host and port, for documents that tell where it is. */
    private String externalAddress() {
        String named = config.cluster().api().externalHostname();
        String advertised = config.cluster().advertiseAddress();
        String host = named != null && !named.isEmpty() ? named : advertised != null ? advertised : clientHost();
        if (WITH_PORT.matcher(host).matches()) {
            return host;
        }
        boolean bare = host.contains(":") && !host.startsWith("[");
        return (bare ? "[" + host + "]" : host) + ":" + running().front().port();
    }

    private String clientHost() {
        return config.bindAddress().equals("0.0.0.0") || config.bindAddress().equals("::")
                ? "127.0.0.1"
                : config.bindAddress();
    }

    private <T extends AutoCloseable> T part(T part) {
        synchronized (parts) {
            parts.push(part);
        }
        return part;
    }

    /** What can be got ready without the rest. */
    private record Foundation(Channel store, ClusterPki pki, Kinds kinds) {}

    /**
     * What is served.
     *
     * @param resources all that the server has
     * @param versions which of them clients may have
     * @param features those on demand that are on
     */
    private record Kinds(List<Resource> resources, ServedVersions versions, Set<String> features) {}

    /** What is served by default, and of the rest what both a feature gate and {@code --runtime-config} ask for. */
    private Kinds kinds() {
        FeatureGates gates = config.cluster().api().features();
        List<Resource> usual = BuiltInKinds.resources();
        List<OnDemandKind> onDemand = BuiltInKinds.onDemand();
        List<Resource> rest = onDemand.stream().map(OnDemandKind::resource).toList();
        ServedVersions versions = config.cluster().api().runtime().over(usual, rest);
        List<Resource> asked = onDemand.stream()
                .filter(kind -> gates.isOn(kind.feature()))
                .map(OnDemandKind::resource)
                .filter(resource -> resource.versions().stream()
                        .anyMatch(version -> versions.serves(resource.name(), version.version())))
                .toList();
        List<Resource> all = new ArrayList<>(usual);
        all.addAll(asked);
        return new Kinds(
                all,
                versions.without(rest.stream()
                        .filter(resource -> !asked.contains(resource))
                        .toList()),
                gates.on(onDemand.stream().map(OnDemandKind::feature).toList()));
    }

    private Foundation foundation() throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Channel> store = threads.submit(this::channel);
            Future<ClusterPki> pki = threads.submit(this::certificates);
            Future<Kinds> kinds = threads.submit(this::kinds);
            return new Foundation(Together.result(store), Together.result(pki), Together.result(kinds));
        }
    }

    private Running open() throws IOException, InterruptedException {
        Path egressConfig = config.cluster().connections().egressConfig();
        if (egressConfig != null) {
            egress = part(EgressSelector.read(egressConfig, metrics));
        }
        EgressProxy toCluster = egress.proxy(EgressType.CLUSTER);
        Backends backends = part(new Backends(toCluster));
        EgressClients clients = new EgressClients(
                controlPlane(), toCluster == null ? HttpClients.DIRECT : new TunnelledClients(backends));
        Foundation foundation = foundation();
        ClusterPki pki = foundation.pki();
        ResourceRegistry registry = new ResourceRegistry();
        List<Resource> kinds = foundation.kinds().resources();
        registry.put(kinds);
        ServedVersions versions = foundation.kinds().versions();
        ResourceRegistry shown = versions.shown(registry);
        config.cluster().api().features().addTo(metrics);
        StoredResources storedResources = new StoredResources(keyPrefix(), kinds);
        EncryptionAtRest encryption = encryption(storedResources);
        StoreOptions storeOptions = StoreOptions.DEFAULT
                .withRequests(new StoreMetrics(metrics, storedResources))
                .withLeaseReuse(config.cluster().api().storage().leaseReuse());
        EtcdConnection etcd = config.etcd();
        String keyPrefix = keyPrefix();
        Stores stores = part(Stores.open(
                foundation.store(),
                etcd,
                egress.toStore(),
                config.cluster().api().storage().overrides(),
                keyPrefix,
                kinds,
                encryption == null ? storeOptions : storeOptions.withTransformer(encryption)));
        ObjectStore store = stores.objects();
        StorageSettings.Looks looks = config.cluster().api().storage().looks();
        if (looks.size().isPositive()) {
            StoreSize.addTo(metrics, stores.channels(), looks.size(), System::nanoTime);
        }
        CacheOptions cacheOptions = CacheOptions.DEFAULT;
        CacheMetrics cacheMetrics = new CacheMetrics(metrics, storedResources);
        ResourceCaches caches = part(new ResourceCaches(store, cacheOptions, cacheMetrics));
        for (EtcdStore each : stores.each()) {
            part(Compactor.start(
                    each,
                    etcd == null ? EtcdConnection.DEFAULT_COMPACTION_INTERVAL : etcd.compactionInterval(),
                    revision -> caches.compacted(each, revision)));
        }
        if (config.cluster().api().features().isOn(FeatureGates.CACHE_CHECKS)) {
            part(ConsistencyChecks.start(caches));
        }
        RuleIndex rules = new RuleIndex();
        NodeGraph graph = new NodeGraph();
        AccessMetrics access = new AccessMetrics(metrics);
        Authorizer authorizer = access.measured(part(AuthorizationModes.of(
                config.authorizationModes(),
                config.cluster().access().authorization(),
                new RbacAuthorizer(rules),
                new NodeAuthorizer(
                        graph, BootstrapPolicy.nodeRules(foundation.kinds().features())),
                access::decided,
                new ReloadMetrics(metrics, "authorization", ServerIdentity.nameOf(AdvertisedAddress.hostname()), clock),
                clients.controlPlane(),
                clock)));
        RestApi rest = part(new RestApi(
                registry,
                store,
                caches,
                objects -> new AdmissionMetrics(metrics)
                        .measured(Admission.of(
                                objects,
                                objects,
                                authorizer,
                                admissionSettings(),
                                part(new WebhookClient(routing(objects), clients)),
                                metrics,
                                this::part,
                                clock)),
                new RestApi.Settings(
                        keyPrefix,
                        cacheOptions,
                        config.eventTimeToLive(),
                        config.requestTimeoutMin(),
                        config.cluster().api().storage().storedAs(),
                        new WatchMetrics(metrics),
                        config.cluster().api().features().isOn(FeatureGates.STRICT_ADDRESSES),
                        config.cluster().api().features().isOn(FeatureGates.GROUPS_OF_PODS),
                        config.cluster().api().storage().deletionWorkers()),
                clock));
        milestones.reach(ADMISSION);
        cacheMetrics.follow(rest::cacheFigures, looks.objects());
        RuleFeed feed = part(new RuleFeed(rest, rules));
        Definitions definitions = part(new Definitions(
                rest, registry, part(new WebhookClient(routing(rest), clients)), new RuleMetrics(metrics), clock));
        feed.start();
        feeds.put("rules", feed::isLoaded);
        definitions.start();
        feeds.put("definitions", definitions::isLoaded);
        milestones.reach(DEFINITIONS_FOLLOWED);
        milestones.reach(DEFINITIONS_KEPT);
        ClusterUpkeep upkeep = part(new ClusterUpkeep(rest, store, keyPrefix, config, pki, metrics, clock));
        ClusterUpkeep.Ready ready = upkeep.begin();
        beginnings.addAll(upkeep.checks());
        if (tellsNodesApart()) {
            NodeFeed nodes = part(new NodeFeed(rest, graph));
            nodes.start(kinds.stream().anyMatch(kind -> kind.name().resource().equals("podcertificaterequests")));
            feeds.put("nodes", nodes::isLoaded);
        }
        RequestFlow flow = part(RequestFlow.start(rest, config.cluster().flow(), metrics, clock));
        beginnings.addAll(flow.checks());
        Aggregation aggregation = part(new Aggregation(
                rest,
                shown,
                routing(rest),
                backends,
                config.cluster().connections().aggregation(),
                pki.frontProxyClient(),
                metrics,
                clock));
        beginnings.addAll(aggregation.checks());
        feeds.put("API services", aggregation::isLoaded);
        Handler handler = handler(new Stations(
                stores,
                registry,
                new Shown(versions, shown),
                rest,
                pki,
                access,
                authorizer,
                feed,
                definitions,
                flow,
                backends,
                clients,
                aggregation));
        definitions.awaitLoaded(DEFINITIONS_MAX);
        aggregation.start();
        milestones.reach(FEEDS);
        part(new PolicyStatus(rest, registry)).start();
        HttpSettings http = HttpSettings.of(
                        new InetSocketAddress(InetAddress.getByName(config.bindAddress()), config.securePort()),
                        config.cluster().connections().serving().tls(pki))
                .withSharedPort(config.cluster().connections().serving().sharesPort());
        HttpFront front = HttpFront.start(config.cluster().connections().http2().appliedTo(http), handler);
        metrics.counter(
                "apiserver_tls_handshake_errors_total",
                "Connections that ended because their clients and the server did not agree on TLS.",
                () -> (double) front.failedHandshakes());
        part(() -> {
            front.stopListening();
            try {
                rest.endWatches(config.cluster().lifetime().watchGrace());
                farewell.awaitAnswered(config.cluster().flow().requestTimeout());
            } finally {
                front.shutdown(SHUTDOWN_MAX);
            }
        });
        part(this::beginShutdown);
        Running opened = new Running(front, pki, rest);
        running = opened;
        beginCluster(
                new FirstObjects(rest, registry, foundation.kinds().features()),
                () -> upkeep.serving(ready, front.port()),
                upkeep);
        Path kubeconfig = config.kubeconfig();
        if (kubeconfig != null) {
            kubeconfig().write(kubeconfig);
        }
        awaitBegun();
        return opened;
    }

    /**
     * Makes what every cluster has, on a thread of its own: webhooks that are asked may run in this cluster, so that nothing of
     * the start may wait for them. It is tried until it is done, and the server is not ready before.
     *
     * @param going what upkeep begins with, at the same time
     */
    private void beginCluster(FirstObjects first, Together.Task going, ClusterUpkeep upkeep) {
        Thread beginning = Thread.ofVirtual().name("cluster beginning").start(() -> {
            try {
                untilDone(NAMESPACES, first::makeNamespaces);
                Together.run(List.of(
                        () -> untilDone(ROLES, () -> {
                            first.makeRoles();
                            upkeep.aggregateRoles();
                        }),
                        () -> untilDone(PRIORITY_CLASSES, first::makePriorityClasses),
                        going));
            } catch (InterruptedException e) {
                // Closed.
                Thread.currentThread().interrupt();
            }
        });
        part(() -> {
            beginning.interrupt();
            var _ = beginning.join(BEGINNING_END_MAX);
        });
    }

    private void untilDone(String milestone, Together.Task task) throws InterruptedException {
        while (true) {
            try {
                task.run();
                milestones.reach(milestone);
                return;
            } catch (ApiException e) {
                log.warn("{}: {}; again in {} s", milestone, e.message(), AGAIN.toSeconds());
            } catch (RuntimeException e) {
                log.warn("{} failed; again in {} s", milestone, AGAIN.toSeconds(), e);
            }
            Thread.sleep(AGAIN);
        }
    }

    /** Waits until what was begun is finished, so that who starts a server need not; but not for ever. */
    private void awaitBegun() throws InterruptedException {
        long end = System.nanoTime() + READY_MAX.toNanos();
        List<HealthCheck> begun = new ArrayList<>(beginnings);
        begun.add(feedsLoaded());
        CLUSTER_BEGINNINGS.forEach(name -> begun.add(milestones.check(name)));
        while (!isWell(begun) && System.nanoTime() - end < 0) {
            Thread.sleep(READY_LOOK_MS);
        }
    }

    private static boolean isWell(List<HealthCheck> checks) throws InterruptedException {
        for (HealthCheck check : checks) {
            if (check.check().problem() != null) {
                return false;
            }
        }
        return true;
    }

    private HealthCheck feedsLoaded() {
        return new HealthCheck("informer-sync", () -> {
            List<String> missing = feeds.entrySet().stream()
                    .filter(feed -> !feed.getValue().getAsBoolean())
                    .map(Map.Entry::getKey)
                    .toList();
            return missing.isEmpty() ? null : "not loaded: " + String.join(", ", missing);
        });
    }

    /** Whether nodes may be known as such; a file may come to say so later. */
    private boolean tellsNodesApart() {
        return config.authorizationModes().contains("Node")
                || config.cluster().access().authorization().configFile() != null;
    }

    private ServiceRouting routing(ObjectLookup objects) {
        return new ServiceRouting(objects, config.cluster().connections().serviceEndpoints());
    }

    /** How webhooks beside this server are connected to. */
    private HttpClients controlPlane() {
        EgressProxy proxy = egress.proxy(EgressType.CONTROL_PLANE);
        return proxy == null ? HttpClients.DIRECT : new TunnelledClients(part(new Backends(proxy)));
    }

    private AdmissionSettings admissionSettings() {
        AdmissionSettings settings = config.cluster().admission();
        return tellsNodesApart() ? settings.withNodes() : settings;
    }

    private String keyPrefix() {
        EtcdConnection etcd = config.etcd();
        return etcd == null ? EtcdConnection.DEFAULT_PREFIX : etcd.prefix();
    }

    /** Says that it is not ready any more, and gives whoever watches that some time to send requests elsewhere. */
    private void beginShutdown() throws InterruptedException {
        shuttingDown = true;
        Thread.sleep(config.cluster().lifetime().shutdownDelay());
        if (config.cluster().lifetime().shutdownRetryAfter()) {
            farewell.begin();
            farewell.awaitAnswered(config.cluster().flow().requestTimeout());
        }
    }

    private @Nullable EncryptionAtRest encryption(StoredResources resources) throws IOException {
        Path file = config.cluster().encryptionConfig();
        if (file == null) {
            return null;
        }
        try {
            EncryptionMetrics encryptionMetrics =
                    new EncryptionMetrics(metrics, ServerIdentity.nameOf(AdvertisedAddress.hostname()), clock);
            EncryptionAtRest encryption = part(EncryptionAtRest.open(
                    file, config.cluster().encryptionReload(), resources::of, encryptionMetrics, clock));
            if (encryption.isChecked()) {
                moreChecks.add(new HealthCheck("kms-providers", encryption::problem));
            }
            return encryption;
        } catch (EncryptionException e) {
            throw new IOException("--encryption-provider-config: " + e.getMessage(), e);
        }
    }

    private Channel channel() throws IOException {
        EtcdConnection etcd = config.etcd();
        if (etcd == null) {
            return part(EmbeddedStore.start(config.storeFolder())).channel();
        }
        ManagedChannel channel = etcd.open(egress.toStore());
        part(channel::shutdownNow);
        return channel;
    }

    private ClusterPki certificates() throws IOException {
        Path folder = config.certificateFolder();
        PkiNames names = new PkiNames(
                "cluster.local",
                ClusterUpkeep.ranges(config.serviceRange()).stream()
                        .map(range -> range.first().toString())
                        .toList(),
                config.cluster().connections().serving().showsOther()
                        ? List.of(InetAddress.getLocalHost().getHostName(), clientHost(), ServingSettings.LOOPBACK)
                        : List.of(InetAddress.getLocalHost().getHostName(), clientHost()));
        if (folder != null) {
            return new PkiFolder(folder).open(names, SigningKey.RSA_2048, clock.instant());
        }
        Path temporary = Files.createTempDirectory("keelson-pki");
        part(() -> deleteFiles(temporary));
        return new PkiFolder(temporary).open(names, SigningKey.EC_P256, clock.instant());
    }

    private static void deleteFiles(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    /**
     * What clients may have.
     *
     * @param registry without what is switched off
     */
    private record Shown(ServedVersions versions, ResourceRegistry registry) {}

    /** What requests meet on their way, and what tells about it. */
    private record Stations(
            Stores stores,
            ResourceRegistry registry,
            Shown shown,
            RestApi rest,
            ClusterPki pki,
            AccessMetrics access,
            Authorizer authorizer,
            RuleFeed feed,
            Definitions definitions,
            RequestFlow flow,
            Backends backends,
            EgressClients clients,
            Aggregation aggregation) {}

    private Handler handler(Stations stations) throws IOException {
        ProcessMetrics.addTo(metrics);
        VersionDocument.addTo(metrics);
        Authentication authentication = part(new Authentication(
                config.cluster().access().authentication(),
                config.anonymous(),
                stations.pki(),
                new StoredAccounts(stations.rest()),
                new LegacyTokenUses(
                        (secret, label, value) -> label(stations.rest(), secret, label, value), metrics, clock),
                stations.access()::certificateShown,
                new KeySetMetrics(metrics, ServerIdentity.nameOf(AdvertisedAddress.hostname()), clock),
                stations.clients(),
                metrics,
                clock));
        AuditLog audit = part(AuditLog.open(
                config.cluster().access().audit(), stations.clients().controlPlane(), clock));
        AuditMetrics.addTo(metrics, audit.counts());
        Handler routed = stations.aggregation()
                .filter()
                .before(new Router(
                        stations.definitions().before(resources(stations, authentication)),
                        roots(stations, authentication)));
        Authorizer authorizer = stations.authorizer();
        Handler authorized = new ImpersonationFilter(authorizer)
                .before(stations.flow().filter().before(new AuthorizationFilter(authorizer).before(routed)));
        stations.flow().milestones().forEach(milestones::reach);
        Handler timed =
                part(TimeLimits.start(config.cluster().flow().requestTimeout())).before(authorized);
        Handler authenticated = new AuthenticationFilter(
                        stations.access().measured(authentication.requests()), audit::unauthenticated)
                .before(audit.before(timed));
        return new RequestMetrics(metrics, stations.registry()).before(asFlagsSay(authenticated));
    }

    /** With what flags ask for before it, and what counts requests, so that a stop can wait for them. */
    private Handler asFlagsSay(Handler authenticated) {
        BrowserSettings browsers = config.cluster().api().browsers();
        Handler told = browsers.equals(BrowserSettings.NONE)
                ? authenticated
                : new BrowserHeaders(browsers).before(authenticated);
        return farewell.before(told);
    }

    private Handler resources(Stations stations, Authentication authentication) throws IOException {
        RestApi rest = stations.rest();
        Authorizer authorizer = stations.authorizer();
        RestApi.Special special = new RestApi.Special(
                new WriteCheck(authorizer, stations.feed().escalation(authorizer)),
                Reviews.of(authentication.reviews(), new AccessReviews(authorizer)),
                authentication.tokenRequests(),
                ControlPlane.of(
                        rest,
                        overriding(
                                "etcd-override-",
                                stations.stores(),
                                config.cluster().api().storage().looks().health())),
                ProxiedSubresources.of(
                        rest,
                        stations.backends(),
                        config.cluster().connections().kubelets(),
                        stations.pki().kubeletClient(),
                        new ConnectAdmission(authorizer, rest::admit)));
        return stations.shown().versions().before(rest.serving(special));
    }

    /** What is served besides resources, by the beginning of paths. */
    private Map<String, Handler> roots(Stations stations, Authentication authentication) {
        List<HealthCheck> checks = checks(stations);
        List<HealthCheck> readiness = new ArrayList<>(checks);
        Duration patience = config.cluster().api().storage().looks().readiness();
        readiness.add(storeAnswers("etcd-readiness", stations.rest(), patience));
        readiness.addAll(overriding("etcd-override-readiness-", stations.stores(), patience));
        readiness.add(feedsLoaded());
        readiness.add(new HealthCheck("shutdown", () -> shuttingDown ? "the process is shutting down" : null));
        Map<String, Handler> roots = new LinkedHashMap<>(stations.flow().documents());
        DiscoveryHandler discovery = new DiscoveryHandler(
                stations.shown().registry(),
                this::externalAddress,
                stations.aggregation().groups());
        roots.put("/api", discovery);
        roots.put("/apis", discovery);
        OpenApiHandler openApi = new OpenApiHandler(
                stations.shown().registry(),
                VersionDocument.KUBERNETES,
                clock,
                stations.aggregation().documents());
        roots.put("/openapi/v2", openApi);
        roots.put("/openapi/v3", openApi);
        roots.put("/version", new VersionDocument());
        Metrics slis = new Metrics();
        HealthMetrics health = new HealthMetrics(slis);
        List<HealthHandler> healths = List.of(
                new HealthHandler("healthz", checks, health),
                new HealthHandler("livez", graced(checks), health),
                new HealthHandler("readyz", readiness, health));
        healths.forEach(handler -> roots.put(handler.path(), handler));
        MetricsSettings told = config.cluster().api().metrics();
        roots.put("/metrics", new MetricsHandler(metrics, slis, told.disabled(), told.labels()));
        if (config.cluster().profiling()) {
            roots.put(DEBUG, new DebugHandler());
        }
        roots.putAll(authentication.documents(() -> "https://" + externalAddress()));
        Supplier<List<String>> listed = () -> listed(roots, discovery, healths);
        FeatureGates features = config.cluster().api().features();
        if (features.isOn(FeatureGates.FLAGZ)) {
            put(roots, Flagz.of(config.cluster().api().flags()));
        }
        if (features.isOn(FeatureGates.STATUSZ)) {
            put(roots, VersionDocument.status(begun, listed, clock));
        }
        PathIndex index = new PathIndex(listed);
        roots.put("/", index);
        roots.put(INDEX, index);
        return roots;
    }

    private static void put(Map<String, Handler> roots, ZPage page) {
        ZPageHandler handler = new ZPageHandler(page);
        roots.put(handler.path(), handler);
    }

    /** The paths at which there is something at present, without those for a look into the process, in no order. */
    private static List<String> listed(
            Map<String, Handler> roots, DiscoveryHandler discovery, List<HealthHandler> healths) {
        List<String> paths = new ArrayList<>(roots.keySet());
        paths.removeIf(path -> path.startsWith(DEBUG) || path.startsWith(INDEX));
        paths.remove("/");
        paths.addAll(discovery.paths());
        paths.add("/metrics/slis");
        paths.add("/openapi/v3/");
        healths.forEach(handler -> paths.addAll(handler.paths()));
        return paths;
    }

    /** What has to happen first may take its time. */
    private List<HealthCheck> graced(List<HealthCheck> checks) {
        Instant end = begun.plus(config.cluster().lifetime().livezGrace());
        return checks.stream()
                .map(check ->
                        check.name().startsWith(FIRST) || beginnings.contains(check) ? check.from(end, clock) : check)
                .toList();
    }

    private List<HealthCheck> checks(Stations stations) {
        RestApi rest = stations.rest();
        Duration patience = config.cluster().api().storage().looks().health();
        List<HealthCheck> checks = new ArrayList<>(List.of(
                HealthCheck.PING,
                new HealthCheck("log", new LogCheck(System.err, LOG_LOOK_MAX)),
                storeAnswers("etcd", rest, patience)));
        checks.addAll(overriding("etcd-override-", stations.stores(), patience));
        List.of(ADMISSION, FEEDS).forEach(name -> checks.add(milestones.check(name)));
        stations.flow().milestones().forEach(name -> checks.add(milestones.check(name)));
        List.of(DEFINITIONS_FOLLOWED, DEFINITIONS_KEPT, NAMESPACES, PRIORITY_CLASSES)
                .forEach(name -> checks.add(milestones.check(name)));
        checks.add(new HealthCheck(
                FIRST + "crd-informer-synced", () -> stations.definitions().isLoaded() ? null : "not loaded"));
        HealthCheck rolesMade = milestones.check(ROLES);
        checks.add(new HealthCheck(
                ROLES, () -> stations.feed().isLoaded() ? rolesMade.check().problem() : "not loaded"));
        checks.addAll(moreChecks);
        checks.addAll(beginnings);
        return checks;
    }

    private static HealthCheck storeAnswers(String name, RestApi rest, Duration patience) {
        return new HealthCheck(name, () -> {
                    var _ = rest.read(rest.resource("", "namespaces"), "", "default");
                    return null;
                })
                .within(patience);
    }

    /**
     * Whether the stores answer that single resources are in.
     *
     * @param name of each check, without the store's number, from 0 on
     * @param patience how long each has to answer
     */
    private List<HealthCheck> overriding(String name, Stores stores, Duration patience) {
        List<HealthCheck> checks = new ArrayList<>();
        for (EtcdStore store : stores.overriding()) {
            checks.add(new HealthCheck(name + checks.size(), () -> {
                        var _ = store.revisionOf(keyPrefix() + "/health");
                        return null;
                    })
                    .within(patience));
        }
        return checks;
    }

    private static void label(RestApi rest, ObjectNode secret, String label, String value) throws InterruptedException {
        String uid = ObjectMeta.uid(secret);
        var _ = rest.adjust("", "secrets", ObjectMeta.namespace(secret), ObjectMeta.name(secret), present -> {
            if (ObjectMeta.uid(present).equals(uid)) {
                ObjectMeta.setLabel(present, label, value);
            }
            return present;
        });
    }

    @Override
    public void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("a part of the server did not close properly", e);
            }
        }
    }
}
