package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.routing.ServiceEndpoints;
import io.keelson.apiserver.routing.ServiceEndpoints.Endpoint;
import io.keelson.apiserver.routing.ServicePort;
import java.util.Collections;
import java.util.List;

/**
 * What {@code services/proxy} leads to: one of the pods behind the service, by chance. An endpoint counts only if it is the
 * address of a pod of the namespace: who may write endpoints may not lead the server anywhere.
 */
record ServiceFinder(ObjectLookup objects, Destination.Tls open) implements ProxySubresource.Finder {
    private static final GroupResource SERVICES = new GroupResource("", "services");

    @Override
    public ProxySubresource.Found find(String namespace, String name) throws InterruptedException, BackendException {
        ProxyTarget target = ProxyTarget.parse("service", name);
        ObjectNode service = objects.now("", "services", namespace, target.name());
        if (service == null) {
            throw ApiException.notFound(SERVICES, target.name());
        }
        String port = portName(service, target, namespace);
        List<Endpoint> endpoints =
                ServiceEndpoints.of(objects, namespace, target.name()).ready(port);
        Collections.shuffle(endpoints);
        for (Endpoint endpoint : endpoints) {
            if (isPod(namespace, endpoint)) {
                return new ProxySubresource.Found(
                        new Destination(
                                endpoint.route().host(), endpoint.route().port(), target.tls() ? open : null),
                        ProxyableAddress.of(endpoint.route().host()));
            }
        }
        throw ApiException.of(Reason.SERVICE_UNAVAILABLE, "no endpoints available for service \"" + name + "\"");
    }

    /** The name of the port, which is what endpoints know it by. */
    private static String portName(JsonNode service, ProxyTarget target, String namespace) {
        int number = target.portNumber();
        if (number < 0) {
            return target.port();
        }
        JsonNode port = new ServicePort(namespace, target.name(), number).in(service);
        if (port == null) {
            throw ApiException.of(
                    Reason.SERVICE_UNAVAILABLE,
                    "no service port " + number + " found for service \"" + target.name() + "\"");
        }
        return port.path("name").asText("");
    }

    private boolean isPod(String namespace, Endpoint endpoint) throws InterruptedException {
        ObjectNode pod = endpoint.pod().isEmpty() ? null : objects.now("", "pods", namespace, endpoint.pod());
        if (pod == null) {
            return false;
        }
        JsonNode status = pod.path("status");
        boolean address =
                status.path("podIP").asText("").equals(endpoint.route().host());
        for (JsonNode one : status.path("podIPs")) {
            address |= one.path("ip").asText("").equals(endpoint.route().host());
        }
        return address;
    }
}
