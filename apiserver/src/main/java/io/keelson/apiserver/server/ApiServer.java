package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.keelson.apiserver.authn.AccountLookup;
import io.keelson.apiserver.authn.AnonymousAuthenticator;
import io.keelson.apiserver.authn.AuthenticationFilter;
import io.keelson.apiserver.authn.Authenticator;
import io.keelson.apiserver.authn.BearerAuthenticator;
import io.keelson.apiserver.authn.ClientCertificateAuthenticator;
import io.keelson.apiserver.authn.IdentityReviews;
import io.keelson.apiserver.authn.ImpersonationFilter;
import io.keelson.apiserver.authn.ServiceAccountTokens;
import io.keelson.apiserver.authn.TokenAuthenticator;
import io.keelson.apiserver.authn.TokenKeys;
import io.keelson.apiserver.authn.TokenRequests;
import io.keelson.apiserver.authz.AccessReviews;
import io.keelson.apiserver.authz.AuthorizationFilter;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.RbacAuthorizer;
import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.apiserver.certs.PkiNames;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.crd.Definitions;
import io.keelson.apiserver.discovery.DiscoveryHandler;
import io.keelson.apiserver.encryption.EncryptionAtRest;
import io.keelson.apiserver.encryption.EncryptionException;
import io.keelson.apiserver.encryption.StoredResources;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.health.HealthHandler;
import io.keelson.apiserver.http.CertificateSource;
import io.keelson.apiserver.http.HttpFront;
import io.keelson.apiserver.http.HttpSettings;
import io.keelson.apiserver.http.TlsSettings;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.openapi.OpenApiHandler;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.store.Compactor;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.webhook.WebhookClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An API server: puts the parts together, starts them, and stops them in the opposite order.
 *
 * <p>To embed one, {@link #start} it with {@link ApiServerConfig#ephemeral}, talk to it at {@link #url} with the
 * credentials of {@link #kubeconfig}, and {@link #close} it. Several live in one process.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

    private static final String CONTEXT = "keelson";
    private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    private static final Duration DEFINITIONS_MAX = Duration.ofSeconds(5);
    private static final Duration SHUTDOWN_MAX = Duration.ofSeconds(10);

    private final ApiServerConfig config;
    private final InstantSource clock = InstantSource.system();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<HealthCheck> moreChecks = new ArrayList<>();
    private @Nullable Running running;

    /** For expressions of admission; the server itself writes before there is one, and is asked nothing then. */
    private volatile Authorizer accessAuthorizer = Authorizer.ALWAYS_DENY;

    /** What there is once it serves. */
    private record Running(HttpFront front, ClusterPki pki, RestApi rest) {}

    private ApiServer(ApiServerConfig config) {
        this.config = config;
    }

    /**
     * Starts a server, and returns when it serves.
     *
     * @throws IOException if it cannot start; nothing is left running then
     */
    public static ApiServer start(ApiServerConfig config) throws IOException, InterruptedException {
        ApiServer server = new ApiServer(config);
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
        return Kubeconfig.of(CONTEXT, url(), pki.clusterAuthority().certificate(), pki.admin());
    }

    private String clientHost() {
        return config.bindAddress().equals("0.0.0.0") || config.bindAddress().equals("::")
                ? "127.0.0.1"
                : config.bindAddress();
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private Running open() throws IOException, InterruptedException {
        ResourceRegistry registry = new ResourceRegistry();
        registry.put(BuiltInKinds.resources());
        EncryptionAtRest encryption = encryption();
        EtcdStore store = part(new EtcdStore(
                channel(),
                encryption == null ? StoreOptions.DEFAULT : StoreOptions.DEFAULT.withTransformer(encryption)));
        CacheOptions cacheOptions = CacheOptions.DEFAULT;
        ResourceCaches caches = part(new ResourceCaches(store, cacheOptions));
        EtcdConnection etcd = config.etcd();
        String keyPrefix = keyPrefix();
        part(Compactor.start(
                store,
                etcd == null ? EtcdConnection.DEFAULT_COMPACTION_INTERVAL : etcd.compactionInterval(),
                caches::compacted));
        RestApi rest = part(new RestApi(
                registry,
                store,
                caches,
                objects -> Admission.of(
                        objects,
                        objects,
                        attributes -> accessAuthorizer.authorize(attributes),
                        config.cluster().admission(),
                        part(new WebhookClient(objects)),
                        clock),
                new RestApi.Settings(keyPrefix, cacheOptions, config.eventTimeToLive(), config.requestTimeoutMin()),
                clock));
        ClusterPki pki = certificates();
        RuleIndex rules = new RuleIndex();
        RuleFeed feed = part(new RuleFeed(rest, rules));
        Definitions definitions = part(new Definitions(rest, registry, part(new WebhookClient(rest)), clock));
        FirstObjects first = new FirstObjects(rest, registry);
        first.namespaces();
        first.policy();
        first.priorityClasses();
        ClusterUpkeep upkeep = part(new ClusterUpkeep(rest, store, keyPrefix, config, pki, clock));
        upkeep.begin();
        moreChecks.addAll(upkeep.checks());
        feed.start();
        definitions.start();
        Handler handler = handler(registry, rest, pki, rules, feed, definitions);
        definitions.awaitLoaded(DEFINITIONS_MAX);
        HttpFront front = HttpFront.start(
                HttpSettings.of(
                        new InetSocketAddress(InetAddress.getByName(config.bindAddress()), config.securePort()),
                        TlsSettings.of(new CertificateSource.Held(pki.serving().key(), pki.servingChain()))),
                handler);
        part(() -> front.shutdown(SHUTDOWN_MAX));
        Running opened = new Running(front, pki, rest);
        running = opened;
        upkeep.serving(front.port());
        Path kubeconfig = config.kubeconfig();
        if (kubeconfig != null) {
            kubeconfig().write(kubeconfig);
        }
        return opened;
    }

    private String keyPrefix() {
        EtcdConnection etcd = config.etcd();
        return etcd == null ? EtcdConnection.DEFAULT_PREFIX : etcd.prefix();
    }

    private @Nullable EncryptionAtRest encryption() throws IOException {
        Path file = config.cluster().encryptionConfig();
        if (file == null) {
            return null;
        }
        StoredResources resources = new StoredResources(keyPrefix(), BuiltInKinds.resources());
        try {
            EncryptionAtRest encryption =
                    part(EncryptionAtRest.open(file, config.cluster().encryptionReload(), resources::of, clock));
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
        ManagedChannel channel = etcd.open();
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
                List.of(InetAddress.getLocalHost().getHostName(), clientHost()));
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

    private Handler handler(
            ResourceRegistry registry,
            RestApi rest,
            ClusterPki pki,
            RuleIndex rules,
            RuleFeed feed,
            Definitions definitions)
            throws IOException {
        List<HealthCheck> checks = new ArrayList<>(List.of(
                HealthCheck.PING,
                new HealthCheck("etcd", () -> {
                    var _ = rest.read(rest.resource("", "namespaces"), "", "default");
                    return null;
                }),
                new HealthCheck(
                        "poststarthook/crd-informer-synced", () -> definitions.isLoaded() ? null : "not loaded"),
                new HealthCheck("poststarthook/rbac/bootstrap-roles", () -> feed.isLoaded() ? null : "not loaded")));
        checks.addAll(moreChecks);
        Map<String, Handler> roots = new LinkedHashMap<>();
        DiscoveryHandler discovery = new DiscoveryHandler(
                registry, () -> clientHost() + ":" + running().front().port());
        roots.put("/api", discovery);
        roots.put("/apis", discovery);
        OpenApiHandler openApi = new OpenApiHandler(registry, VersionDocument.KUBERNETES, clock);
        roots.put("/openapi/v2", openApi);
        roots.put("/openapi/v3", openApi);
        roots.put("/version", new VersionDocument());
        for (String root : List.of("healthz", "livez", "readyz")) {
            roots.put("/" + root, new HealthHandler(root, checks));
        }
        Authorizer authorizer = AuthorizationModes.of(config.authorizationModes(), new RbacAuthorizer(rules));
        accessAuthorizer = authorizer;
        TokenKeys keys = new TokenKeys(pki.serviceAccountKey().getPrivate(), List.of());
        ServiceAccountTokens tokens =
                new ServiceAccountTokens(List.of(ISSUER), List.of(ISSUER), keys, new Accounts(rest), clock);
        Authenticator authenticator = authenticator(pki, tokens);
        TokenRequests requests = new TokenRequests(
                new TokenRequests.Settings(ISSUER, List.of(ISSUER), Duration.ZERO, true),
                keys,
                new Accounts(rest),
                clock);
        Handler resources = rest.serving(new RestApi.Special(
                Reviews.of(new IdentityReviews(tokens, List.of(ISSUER)), new AccessReviews(authorizer)),
                (request, posted) -> requests.create(
                        request.info().namespace(), request.info().name(), posted),
                ControlPlane.of(rest),
                Map.of()));
        Handler routed = new Router(definitions.before(resources), roots);
        return new AuthenticationFilter(authenticator)
                .before(new ImpersonationFilter(authorizer, (request, user) -> request.becomes(user))
                        .before(new AuthorizationFilter(authorizer).before(routed)));
    }

    private Authenticator authenticator(ClusterPki pki, TokenAuthenticator tokens) {
        List<Authenticator> all = new ArrayList<>();
        all.add(new ClientCertificateAuthenticator(
                () -> List.of(pki.clientAuthority().certificate()), clock));
        all.add(new BearerAuthenticator(tokens));
        if (config.anonymous()) {
            all.add(AnonymousAuthenticator.EVERYWHERE);
        }
        return Authenticator.union(all);
    }

    /** What tokens rest on, as the store has it now. */
    private record Accounts(RestApi rest) implements AccountLookup {
        private @Nullable ObjectNode read(String name, String namespace, String object) {
            Resource resource = rest.resource("", name);
            try {
                return rest.read(resource, namespace, object);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }

        @Override
        public @Nullable ObjectNode serviceAccount(String namespace, String name) {
            return read("serviceaccounts", namespace, name);
        }

        @Override
        public @Nullable ObjectNode pod(String namespace, String name) {
            return read("pods", namespace, name);
        }

        @Override
        public @Nullable ObjectNode secret(String namespace, String name) {
            return read("secrets", namespace, name);
        }

        @Override
        public @Nullable ObjectNode node(String name) {
            return read("nodes", "", name);
        }
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
