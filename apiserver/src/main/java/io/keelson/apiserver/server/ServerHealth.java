package io.keelson.apiserver.server;

import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.health.HealthHandler;
import io.keelson.apiserver.health.HealthMetrics;
import io.keelson.apiserver.health.LogCheck;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What has to be well for {@code /healthz}, {@code /livez} and {@code /readyz}. */
final class ServerHealth {
    private static final Duration LOG_LOOK_MAX = Duration.ofSeconds(2);

    private final ServerContext context;
    private final Stations stations;
    private final Beginnings beginnings;

    private ServerHealth(ServerContext context, Stations stations) {
        this.context = context;
        this.stations = stations;
        beginnings = stations.beginnings();
    }

    /**
     * What answers at these paths.
     *
     * @param metrics where it is counted how checks end
     */
    static List<HealthHandler> handlers(ServerContext context, Stations stations, Metrics metrics) {
        ServerHealth health = new ServerHealth(context, stations);
        HealthMetrics counted = new HealthMetrics(metrics);
        List<HealthCheck> checks = health.checks();
        return List.of(
                new HealthHandler("healthz", checks, counted),
                new HealthHandler("livez", health.graced(checks), counted),
                new HealthHandler("readyz", health.readiness(checks), counted));
    }

    private List<HealthCheck> checks() {
        Duration patience = context.cluster().api().storage().looks().health();
        List<HealthCheck> checks = new ArrayList<>(List.of(
                HealthCheck.PING,
                new HealthCheck("log", new LogCheck(System.err, LOG_LOOK_MAX)),
                Storage.answers("etcd", stations.rest(), patience)));
        checks.addAll(stations.storage().overriding("etcd-override-", patience));
        reached(checks, List.of(Beginnings.ADMISSION, Beginnings.FEEDS));
        reached(checks, stations.flow().milestones());
        reached(
                checks,
                List.of(
                        Beginnings.DEFINITIONS_FOLLOWED,
                        Beginnings.DEFINITIONS_KEPT,
                        Beginnings.NAMESPACES,
                        Beginnings.PRIORITY_CLASSES));
        checks.add(new HealthCheck(
                Beginnings.FIRST + "crd-informer-synced",
                () -> stations.definitions().isLoaded() ? null : "not loaded"));
        HealthCheck rolesMade = beginnings.check(Beginnings.ROLES);
        checks.add(new HealthCheck(
                Beginnings.ROLES,
                () -> stations.feed().isLoaded() ? rolesMade.check().problem() : "not loaded"));
        checks.addAll(stations.storage().checks());
        checks.addAll(beginnings.begun());
        return checks;
    }

    private void reached(List<HealthCheck> checks, List<String> milestones) {
        milestones.forEach(name -> checks.add(beginnings.check(name)));
    }

    /** What has to happen first may take its time. */
    private List<HealthCheck> graced(List<HealthCheck> checks) {
        Instant end = context.begun().plus(context.cluster().lifetime().livezGrace());
        List<HealthCheck> begun = beginnings.begun();
        return checks.stream()
                .map(check -> check.name().startsWith(Beginnings.FIRST) || begun.contains(check)
                        ? check.from(end, context.clock())
                        : check)
                .toList();
    }

    private List<HealthCheck> readiness(List<HealthCheck> checks) {
        List<HealthCheck> readiness = new ArrayList<>(checks);
        Duration patience = context.cluster().api().storage().looks().readiness();
        readiness.add(Storage.answers("etcd-readiness", stations.rest(), patience));
        readiness.addAll(stations.storage().overriding("etcd-override-readiness-", patience));
        readiness.add(beginnings.feedsLoaded());
        readiness.add(stations.shutdown().check());
        return readiness;
    }
}
