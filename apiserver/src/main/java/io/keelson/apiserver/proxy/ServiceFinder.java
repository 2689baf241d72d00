package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What {@code services/proxy} leads to: one of the pods behind the service, by chance. An endpoint counts only if it is the
 * address of a pod of the namespace: who may write endpoints may not lead the server anywhere.
 */
record ServiceFinder(ObjectLookup objects, Destination.Tls open) implements ProxySubresource.Finder {
    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private record Endpoint(String address, int port, String pod) {}

    @Override
    public ProxySubresource.Found find(String namespace, String name) throws InterruptedException, BackendException {
        ProxyTarget target = ProxyTarget.parse("service", name);
        ObjectNode service = objects.now("", "services", namespace, target.name());
        if (service == null) {
            throw ApiException.notFound(SERVICES, target.name());
        }
        String port = portName(service, target);
        List<Endpoint> endpoints = endpoints(namespace, target.name(), port);
        Collections.shuffle(endpoints);
        for (Endpoint endpoint : endpoints) {
            if (isPod(namespace, endpoint)) {
                return new ProxySubresource.Found(
                        new Destination(endpoint.address(), endpoint.port(), target.tls() ? open : null),
                        ProxyableAddress.of(endpoint.address()));
            }
        }
        throw ApiException.of(Reason.SERVICE_UNAVAILABLE, "no endpoints available for service \"" + name + "\"");
    }

    /** The name of the port, which is what endpoints know it by. */
    private static String portName(JsonNode service, ProxyTarget target) {
        int number = target.portNumber();
        if (number < 0) {
            return target.port();
        }
        for (JsonNode port : service.path("spec").path("ports")) {
            if (port.path("port").asInt() == number) {
                return port.path("name").asText("");
            }
        }
        throw ApiException.of(
                Reason.SERVICE_UNAVAILABLE,
                "no service port " + number + " found for service \"" + target.name() + "\"");
    }

    private List<Endpoint> endpoints(String namespace, String service, String portName) throws InterruptedException {
        List<Endpoint> found = new ArrayList<>();
        for (ObjectNode slice : objects.all("discovery.k8s.io", "endpointslices", namespace)) {
            if (!service.equals(ObjectMeta.labels(slice).get(SERVICE_NAME))) {
                continue;
            }
            for (JsonNode port : slice.path("ports")) {
                if (port.path("name").asText("").equals(portName)) {
                    addReady(slice, port.path("port").asInt(0), found);
                }
            }
        }
        return found;
    }

    private static void addReady(JsonNode slice, int port, List<Endpoint> found) {
        for (JsonNode endpoint : slice.path("endpoints")) {
            boolean ready = endpoint.path("conditions").path("ready").asBoolean(true);
            JsonNode target = endpoint.path("targetRef");
            boolean pod = target.path("kind").asText("").equals("Pod");
            String address = endpoint.path("addresses").path(0).asText("");
            if (ready && pod && port > 0 && !address.isEmpty()) {
                found.add(new Endpoint(address, port, target.path("name").asText("")));
            }
        }
    }

    private boolean isPod(String namespace, Endpoint endpoint) throws InterruptedException {
        ObjectNode pod = objects.now("", "pods", namespace, endpoint.pod());
        if (pod == null) {
            return false;
        }
        JsonNode status = pod.path("status");
        boolean address = status.path("podIP").asText("").equals(endpoint.address());
        for (JsonNode one : status.path("podIPs")) {
            address |= one.path("ip").asText("").equals(endpoint.address());
        }
        return address;
    }
}
