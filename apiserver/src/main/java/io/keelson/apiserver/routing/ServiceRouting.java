package io.keelson.apiserver.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What to connect to for a Service: its cluster address, or what an external name stands for; or, if so wanted, one of the
 * endpoints behind it, by chance among those that are ready. Any thread.
 *
 * @param objects where Services and EndpointSlices are found
 * @param toEndpoints whether endpoints are connected to; an external name has none
 */
public record ServiceRouting(ObjectLookup objects, boolean toEndpoints) {
    /**
     * The way to a port of a Service. With endpoints it may be another one each time.
     *
     * @throws NoRouteException if there is none
     */
    public Route resolve(ServicePort wanted) throws NoRouteException, InterruptedException {
        ObjectNode service = objects.recent("", "services", wanted.namespace(), wanted.name());
        if (service == null) {
            // One that was made a moment ago may not be in the cache yet.
            service = objects.now("", "services", wanted.namespace(), wanted.name());
        }
        if (service == null) {
            throw new NoRouteException("service \"" + wanted.name() + "\" not found");
        }
        return toEndpoints ? endpoint(service, wanted) : cluster(service, wanted);
    }

    private Route endpoint(JsonNode service, ServicePort wanted) throws NoRouteException, InterruptedException {
        JsonNode port = port(service, wanted);
        String type = type(service);
        switch (type) {
            case "ClusterIP", "NodePort", "LoadBalancer" -> {
                // They have endpoints.
            }
            default -> throw unsupported(type);
        }
        List<ServiceEndpoints.Endpoint> ready = ServiceEndpoints.of(objects, wanted.namespace(), wanted.name())
                .ready(port.path("name").asText(""));
        if (ready.isEmpty()) {
            throw new NoRouteException("no endpoints available for service \"" + wanted.name() + "\"");
        }
        return ready.get(ThreadLocalRandom.current().nextInt(ready.size())).route();
    }

    private static Route cluster(JsonNode service, ServicePort wanted) throws NoRouteException {
        JsonNode spec = service.path("spec");
        String type = type(service);
        return switch (type) {
            case "ExternalName" -> new Route(spec.path("externalName").asText(""), wanted.port());
            case "ClusterIP", "NodePort", "LoadBalancer" -> {
                String address = spec.path("clusterIP").asText("");
                // To connect to no address is to connect to this machine.
                if (address.isEmpty() || address.equals("None")) {
                    throw new NoRouteException("cannot route to service with ClusterIP \"" + address + "\"");
                }
                var _ = port(service, wanted);
                yield new Route(address, wanted.port());
            }
            default -> throw unsupported(type);
        };
    }

    private static String type(JsonNode service) {
        return service.path("spec").path("type").asText("ClusterIP");
    }

    private static JsonNode port(JsonNode service, ServicePort wanted) throws NoRouteException {
        JsonNode port = wanted.in(service);
        if (port == null) {
            throw new NoRouteException(
                    "no service port " + wanted.port() + " found for service \"" + wanted.name() + "\"");
        }
        return port;
    }

    private static NoRouteException unsupported(String type) {
        return new NoRouteException("unsupported service type \"" + type + "\"");
    }
}
