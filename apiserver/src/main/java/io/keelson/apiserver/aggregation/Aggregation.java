package io.keelson.apiserver.aggregation;

import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.discovery.AggregatedGroups;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.openapi.AggregatedDocuments;
import io.keelson.apiserver.proxy.Backends;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.routing.ServiceRouting;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** All of aggregation: what passes requests on, what is told of those who answer them, and what keeps track of both. */
public final class Aggregation implements AutoCloseable {
    /** What begins with the first look at all APIServices: each of them is then asked what it serves, and how it is. */
    private static final List<String> FOLLOWED = List.of(
            "poststarthook/start-kube-aggregator-informers",
            "poststarthook/apiservice-status-local-available-controller",
            "poststarthook/apiservice-status-remote-available-controller",
            "poststarthook/apiservice-registration-controller",
            "poststarthook/apiservice-discovery-controller",
            "poststarthook/apiservice-openapi-controller",
            "poststarthook/apiservice-openapiv3-controller");

    private final ApiServices services;
    private final Registration registration;

    /**
     * @param own what is shown to API servers behind this one if the settings name nothing
     * @throws IOException if a file of the settings cannot be used
     */
    public Aggregation(
            RestApi rest,
            ResourceRegistry registry,
            ServiceRouting routing,
            Backends backends,
            AggregationSettings settings,
            Credential own,
            Metrics metrics,
            InstantSource clock)
            throws IOException {
        Path certificate = settings.clientCertificate();
        Path key = settings.clientKey();
        Credential shown = certificate == null || key == null ? own : Credential.read(certificate, key);
        this.services = new ApiServices(new AggregatedServer.Parts(
                rest, routing, backends, shown, new AvailabilityMetrics(metrics, rest), clock));
        this.registration = new Registration(rest, registry);
    }

    public void start() {
        services.start();
        registration.start();
    }

    /** What has begun and what is known, under the names that a kube-apiserver has for it. */
    public List<HealthCheck> checks() {
        List<HealthCheck> checks = new ArrayList<>();
        for (String name : FOLLOWED) {
            checks.add(new HealthCheck(name, () -> services.isLoaded() ? null : "not loaded"));
        }
        checks.add(new HealthCheck(
                "poststarthook/kube-apiserver-autoregistration", () -> registration.isBegun() ? null : "not begun"));
        checks.add(new HealthCheck(
                "autoregister-completion", () -> registration.isComplete() ? null : "not all are registered"));
        return checks;
    }

    /** Whether the servers that were there at the start are known. */
    public boolean isLoaded() {
        return services.isLoaded();
    }

    /** Passes on what others serve. */
    public Filter filter() {
        return new AggregationFilter(services);
    }

    /** What others serve, for discovery. */
    public AggregatedGroups groups() {
        return services;
    }

    /** What others say of what they serve, for OpenAPI. */
    public AggregatedDocuments documents() {
        return services;
    }

    @Override
    public void close() {
        registration.close();
        services.close();
    }
}
