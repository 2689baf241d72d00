package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupResource;

/** What {@code pods/proxy} leads to: a port of the pod; the first that one of its containers declares if none is said. */
record PodFinder(ObjectLookup objects, Destination.Tls open) implements ProxySubresource.Finder {
    private static final GroupResource PODS = new GroupResource("", "pods");

    @Override
    public ProxySubresource.Found find(String namespace, String name) throws InterruptedException, BackendException {
        ProxyTarget target = ProxyTarget.parse("pod", name);
        ObjectNode pod = objects.now("", "pods", namespace, target.name());
        if (pod == null) {
            throw ApiException.notFound(PODS, target.name());
        }
        String address = address(pod);
        if (address.isEmpty()) {
            throw ApiException.badRequest("address not allowed");
        }
        int port = target.port().isEmpty() ? declared(pod, target.tls()) : target.portNumber();
        if (port < 0) {
            throw ApiException.badRequest("invalid port \"" + target.port() + "\"");
        }
        return new ProxySubresource.Found(
                new Destination(address, port, target.tls() ? open : null), ProxyableAddress.of(address));
    }

    private static String address(JsonNode pod) {
        JsonNode status = pod.path("status");
        String first = status.path("podIPs").path(0).path("ip").asText("");
        return first.isEmpty() ? status.path("podIP").asText("") : first;
    }

    private static int declared(JsonNode pod, boolean tls) {
        for (JsonNode container : pod.path("spec").path("containers")) {
            int port = container.path("ports").path(0).path("containerPort").asInt(0);
            if (port > 0) {
                return port;
            }
        }
        return Destination.defaultPort(tls);
    }
}
