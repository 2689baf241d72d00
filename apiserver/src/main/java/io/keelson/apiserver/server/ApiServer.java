package io.keelson.apiserver.server;

import io.grpc.Channel;
import io.keelson.apiserver.aggregation.Aggregation;
import io.keelson.apiserver.cel.rules.RuleMetrics;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.crd.Definitions;
import io.keelson.apiserver.egress.EgressSelector;
import io.keelson.apiserver.http.HttpFront;
import io.keelson.apiserver.http.HttpSettings;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.webhook.WebhookClient;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An API server: puts the parts together, starts them, and stops them in the opposite order. First come {@link
 * OutgoingConnections} and {@link Storage}, then {@link AccessControl} and the {@link ObjectApi} on both, then what
 * follows objects. {@link RequestRoad} leads requests there, {@link Beginnings} knows what is not finished yet, and
 * {@link Shutdown} says how it stops.
 *
 * <p>What {@code keelson apiserver} runs, with all that its flags can say. Programs and tests that embed a server start
 * an {@link io.keelson.apiserver.KeelsonServer}. Several live in one process.
 */
public final class ApiServer implements AutoCloseable {
    private static final String CONTEXT = "keelson";
    private static final Pattern WITH_PORT = Pattern.compile("(\\[.*]|[^:]*):\\d+");
    private static final Duration DEFINITIONS_MAX = Duration.ofSeconds(5);

    private final ApiServerConfig config;
    private final ServerContext context;
    private final Beginnings beginnings = new Beginnings();
    private final Shutdown shutdown;
    private @Nullable Running running;

    /** What there is once it serves. */
    private record Running(HttpFront front, ClusterPki pki) {}

    private ApiServer(ApiServerConfig config, InstantSource clock) {
        this.config = config;
        context = ServerContext.of(config, clock);
        shutdown = new Shutdown(config.cluster());
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
            server.open();
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
        return "https://" + context.clientHost() + ":" + running().front().port();
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
        String own = advertised != null ? advertised : context.clientHost();
        String host = named != null && !named.isEmpty() ? named : own;
        if (WITH_PORT.matcher(host).matches()) {
            return host;
        }
        boolean bare = host.contains(":") && !host.startsWith("[");
        return (bare ? "[" + host + "]" : host) + ":" + running().front().port();
    }

    private <T extends AutoCloseable> T part(T part) {
        return context.part(part);
    }

    /** What can be got ready without the rest. */
    private record Foundation(Channel store, ClusterPki pki, ServedKinds kinds) {}

    private Foundation foundation(EgressSelector egress) throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Channel> store = threads.submit(() -> Storage.channel(context, egress));
            Future<ClusterPki> pki = threads.submit(() -> ServerCertificates.open(context));
            Future<ServedKinds> kinds =
                    threads.submit(() -> ServedKinds.of(config.cluster().api()));
            return new Foundation(Together.result(store), Together.result(pki), Together.result(kinds));
        }
    }

    private void open() throws IOException, InterruptedException {
        Metrics metrics = context.metrics();
        OutgoingConnections outgoing = OutgoingConnections.open(context);
        Foundation foundation = foundation(outgoing.egress());
        ClusterPki pki = foundation.pki();
        ServedKinds kinds = foundation.kinds();
        ResourceRegistry registry = new ResourceRegistry();
        registry.put(kinds.resources());
        Stations.Shown shown =
                new Stations.Shown(kinds.versions(), kinds.versions().shown(registry));
        context.features().addTo(metrics);
        Storage storage = Storage.open(context, foundation.store(), outgoing.egress(), kinds.resources());
        AccessControl access =
                AccessControl.open(context, kinds.features(), outgoing.clients().controlPlane());
        RestApi rest = ObjectApi.open(context, registry, storage, access.authorizer(), outgoing.clients());
        beginnings.reach(Beginnings.ADMISSION);
        storage.cacheMetrics()
                .follow(
                        rest::cacheFigures,
                        config.cluster().api().storage().looks().objects());
        RuleFeed feed = part(new RuleFeed(rest, access.rules()));
        Definitions definitions = part(new Definitions(
                rest,
                registry,
                part(new WebhookClient(context.routing(rest), outgoing.clients())),
                new RuleMetrics(metrics),
                context.clock()));
        feed.start();
        beginnings.feed("rules", feed::isLoaded);
        definitions.start();
        beginnings.feed("definitions", definitions::isLoaded);
        beginnings.reach(Beginnings.DEFINITIONS_FOLLOWED);
        beginnings.reach(Beginnings.DEFINITIONS_KEPT);
        ClusterUpkeep upkeep = part(new ClusterUpkeep(
                rest, storage.stores().objects(), storage.keyPrefix(), config, pki, metrics, context.clock()));
        ClusterUpkeep.Ready ready = upkeep.begin();
        beginnings.begun(upkeep.checks());
        if (context.tellsNodesApart()) {
            NodeFeed nodes = part(new NodeFeed(rest, access.graph()));
            nodes.start(kinds.resources().stream()
                    .anyMatch(kind -> kind.name().resource().equals("podcertificaterequests")));
            beginnings.feed("nodes", nodes::isLoaded);
        }
        RequestFlow flow = part(RequestFlow.start(rest, config.cluster().flow(), metrics, context.clock()));
        beginnings.begun(flow.checks());
        Aggregation aggregation = part(new Aggregation(
                rest,
                shown.registry(),
                context.routing(rest),
                outgoing.backends(),
                config.cluster().connections().aggregation(),
                pki.frontProxyClient(),
                metrics,
                context.clock()));
        beginnings.begun(aggregation.checks());
        beginnings.feed("API services", aggregation::isLoaded);
        Handler road = RequestRoad.of(
                context,
                new Stations(
                        storage,
                        registry,
                        shown,
                        rest,
                        pki,
                        access,
                        feed,
                        definitions,
                        flow,
                        outgoing,
                        aggregation,
                        beginnings,
                        shutdown),
                this::externalAddress);
        definitions.awaitLoaded(DEFINITIONS_MAX);
        aggregation.start();
        beginnings.reach(Beginnings.FEEDS);
        part(new PolicyStatus(rest, registry)).start();
        HttpFront front = listen(road, pki);
        part(() -> shutdown.end(front, rest));
        part(shutdown::begin);
        running = new Running(front, pki);
        part(beginnings.ofCluster(
                new FirstObjects(rest, registry, kinds.features()), () -> upkeep.serving(ready, front.port()), upkeep));
        Path kubeconfig = config.kubeconfig();
        if (kubeconfig != null) {
            kubeconfig().write(kubeconfig);
        }
        beginnings.await();
    }

    private HttpFront listen(Handler road, ClusterPki pki) throws IOException {
        ConnectionSettings connections = config.cluster().connections();
        HttpSettings http = HttpSettings.of(
                        new InetSocketAddress(InetAddress.getByName(config.bindAddress()), config.securePort()),
                        connections.serving().tls(pki))
                .withSharedPort(connections.serving().sharesPort());
        HttpFront front = HttpFront.start(connections.http2().appliedTo(http), road);
        context.metrics()
                .counter(
                        "apiserver_tls_handshake_errors_total",
                        "Connections that ended because their clients and the server did not agree on TLS.",
                        () -> (double) front.failedHandshakes());
        return front;
    }

    @Override
    public void close() {
        context.parts().close();
    }
}
