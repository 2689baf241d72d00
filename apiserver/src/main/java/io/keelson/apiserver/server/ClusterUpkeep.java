package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.health.Milestones;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.services.Address;
import io.keelson.apiserver.services.AddressRange;
import io.keelson.apiserver.services.AllocationMetrics;
import io.keelson.apiserver.services.DefaultRange;
import io.keelson.apiserver.services.KubernetesService;
import io.keelson.apiserver.services.PortRange;
import io.keelson.apiserver.services.Rounds;
import io.keelson.apiserver.services.ServiceAllocator;
import io.keelson.apiserver.services.ServiceUpkeep;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server looks after for the cluster as long as it runs: what Services hold, the Service {@code kubernetes}, flow
 * schemas, the rules of aggregated roles, whose clients aggregated servers may believe, since when uses of old tokens are
 * kept track of, and that it is known to be there.
 */
final class ClusterUpkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterUpkeep.class);

    private static final String ADDRESS_REPAIR = "poststarthook/start-service-ip-repair-controllers";
    private static final String DEFAULT_RANGE = "poststarthook/start-kubernetes-service-cidr-controller";
    private static final String FLOWS = "poststarthook/priority-and-fairness-config-producer";
    private static final String KUBERNETES = "poststarthook/bootstrap-controller";
    private static final String TRUSTED_CLIENTS = "poststarthook/start-cluster-authentication-info-controller";
    private static final String LEGACY_TOKENS = "poststarthook/start-legacy-token-tracking-controller";
    private static final String IDENTITY = "poststarthook/start-kube-apiserver-identity-lease-controller";
    private static final String IDENTITY_CLEANING =
            "poststarthook/start-kube-apiserver-identity-lease-garbage-collector";

    private static final Duration RANGE_PAUSE = Duration.ofSeconds(10);

    private final RestApi rest;
    private final ObjectStore store;
    private final String keyPrefix;
    private final ApiServerConfig config;
    private final ClusterPki pki;
    private final Metrics metrics;
    private final InstantSource clock;
    private final List<AddressRange> ranges;
    private final Rounds rounds = new Rounds();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final RoleAggregation aggregation;
    private final Milestones milestones = new Milestones();

    /** @param keyPrefix what all keys begin with, {@code /registry} */
    ClusterUpkeep(
            RestApi rest,
            ObjectStore store,
            String keyPrefix,
            ApiServerConfig config,
            ClusterPki pki,
            Metrics metrics,
            InstantSource clock) {
        this.rest = rest;
        this.metrics = metrics;
        this.store = store;
        this.keyPrefix = keyPrefix;
        this.config = config;
        this.pki = pki;
        this.clock = clock;
        this.ranges = ranges(config.serviceRange());
        this.aggregation = new RoleAggregation(rest);
    }

    /**
     * The ranges of addresses for Services in the flag.
     *
     * @throws IllegalArgumentException if it says something else
     */
    static List<AddressRange> ranges(String flag) {
        List<AddressRange> ranges;
        try {
            ranges = Stream.of(flag.split(",", -1))
                    .map(text -> AddressRange.of(text.strip()))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--service-cluster-ip-range: " + e.getMessage(), e);
        }
        if (ranges.size() > 2) {
            throw new IllegalArgumentException("--service-cluster-ip-range must not contain more than two entries");
        }
        if (ranges.size() == 2 && ranges.get(0).family() == ranges.get(1).family()) {
            throw new IllegalArgumentException(
                    "--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family");
        }
        return ranges;
    }

    /** What has begun and what was made, under the names that a kube-apiserver has for it. */
    List<HealthCheck> checks() {
        return Stream.of(
                        ADDRESS_REPAIR,
                        DEFAULT_RANGE,
                        FLOWS,
                        KUBERNETES,
                        TRUSTED_CLIENTS,
                        LEGACY_TOKENS,
                        IDENTITY,
                        IDENTITY_CLEANING)
                .map(milestones::check)
                .toList();
    }

    /**
     * What is known before anybody is served.
     *
     * @param own the address at which others reach this server; null for none
     */
    record Ready(ServiceUpkeep services, @Nullable Address own) {}

    /** Finds out what has to be known before anybody is served; makes nothing. */
    Ready begin() throws InterruptedException {
        Address own = null;
        if (config.cluster().endpointReconciler().equals("lease")) {
            own = AdvertisedAddress.find(
                    config.cluster().advertiseAddress(),
                    config.bindAddress(),
                    ranges.getFirst().family());
            if (own == null) {
                log.info("this machine has no address at which others could reach the API; its endpoints stay empty");
            }
        }
        ServiceAllocator allocator = new ServiceAllocator(
                rest,
                store,
                keyPrefix,
                ranges.stream().map(AddressRange::family).toList(),
                PortRange.parse(config.cluster().nodePortRange()),
                new AllocationMetrics(metrics));
        rest.allocate(new GroupResource("", "services"), allocator);
        ServiceUpkeep services = new ServiceUpkeep(rest, allocator, clock);
        services.begin();
        return new Ready(services, own);
    }

    /**
     * Makes what every cluster has, and says that this server is there. It serves by now: webhooks may be asked, and they may
     * run in this very cluster.
     *
     * @param ready what {@link #begin} found out
     * @param port at which it is
     */
    void serving(Ready ready, int port) throws InterruptedException {
        KubernetesService kubernetes = new KubernetesService(rest, store, keyPrefix, ranges, ready.own(), port);
        parts.push(kubernetes);
        TrustedClients clients =
                new TrustedClients(rest, pki, config.cluster().access().authentication(), clock);
        LegacyTokenTracking legacyTokens = new LegacyTokenTracking(rest, clock);
        ServerIdentity identity = new ServerIdentity(rest, AdvertisedAddress.hostname(), clock);
        // Services get their addresses from it.
        DefaultRange range = new DefaultRange(rest, ranges, clock);
        begin("default-service-cidr", DEFAULT_RANGE, RANGE_PAUSE, range::round);
        ready.services().start(rounds);
        milestones.reach(ADDRESS_REPAIR);
        FlowDefaults flows = new FlowDefaults(rest);
        parts.push(aggregation);
        Together.run(List.of(
                aggregation::start,
                () -> begin("flow-defaults", FLOWS, FlowDefaults.PAUSE, flows::round),
                () -> begin("kubernetes-service", KUBERNETES, KubernetesService.PAUSE, kubernetes::round),
                () -> begin("trusted-clients", TRUSTED_CLIENTS, TrustedClients.PAUSE, clients::round),
                () -> begin("legacy-token-tracking", LEGACY_TOKENS, LegacyTokenTracking.PAUSE, legacyTokens::round),
                () -> begin("server-identity", IDENTITY, ServerIdentity.RENEWAL, identity::renew)));
        rounds.start("server-identity-cleaning", ServerIdentity.CLEANING, identity::clean);
        milestones.reach(IDENTITY_CLEANING);
    }

    /** Brings aggregated roles up to date with what is there now. */
    void aggregateRoles() throws InterruptedException {
        aggregation.round();
    }

    /** Makes the first round now; if it fails, a later one may not, and the server serves meanwhile. */
    private void begin(String name, String milestone, Duration pause, Rounds.Round round) throws InterruptedException {
        try {
            round.run();
        } catch (ApiException e) {
            log.warn("{}: {}; again in {} s", name, e.message(), pause.toSeconds());
        }
        rounds.goOn(name, pause, round);
        milestones.reach(milestone);
    }

    @Override
    public void close() {
        // The rounds end first: they are no help to what says farewell.
        rounds.close();
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("a part of the upkeep did not close properly", e);
            }
        }
    }
}
