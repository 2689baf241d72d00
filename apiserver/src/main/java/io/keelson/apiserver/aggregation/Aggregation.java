package io.keelson.apiserver.aggregation;

import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.discovery.AggregatedGroups;
import io.keelson.apiserver.openapi.AggregatedDocuments;
import io.keelson.apiserver.proxy.Backends;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;

/** All of aggregation: what passes requests on, what is told of those who answer them, and what keeps track of both. */
public final class Aggregation implements AutoCloseable {
    private final ApiServices services;
    private final Registration registration;

    /**
     * @param own what is shown to API servers behind this one if the settings name nothing
     * @throws IOException if a file of the settings cannot be used
     */
    public Aggregation(
            RestApi rest,
            ResourceRegistry registry,
            Backends backends,
            AggregationSettings settings,
            Credential own,
            InstantSource clock)
            throws IOException {
        Path certificate = settings.clientCertificate();
        Path key = settings.clientKey();
        Credential shown = certificate == null || key == null ? own : Credential.read(certificate, key);
        ServiceRouting routing = new ServiceRouting(rest, settings.routing());
        this.services = new ApiServices(new AggregatedServer.Parts(rest, routing, backends, shown, clock));
        this.registration = new Registration(rest, registry);
    }

    public void start() {
        services.start();
        registration.start();
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
