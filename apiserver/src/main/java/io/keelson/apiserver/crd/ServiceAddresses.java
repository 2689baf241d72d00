package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/** Where Services that are webhooks are reached from here: at their cluster address. */
final class ServiceAddresses {
    private final ObjectLookup objects;

    ServiceAddresses(ObjectLookup objects) {
        this.objects = objects;
    }

    /** @throws WebhookCalls.FailedException if there is no such Service, or nothing at that port of it */
    URI resolve(String namespace, String name, int port, String path)
            throws WebhookCalls.FailedException, InterruptedException {
        ObjectNode service = objects.recent("", "services", namespace, name);
        if (service == null) {
            throw new WebhookCalls.FailedException("service \"" + name + "\" not found");
        }
        JsonNode spec = service.path("spec");
        String below = path.startsWith("/") ? path : "/" + path;
        if (spec.path("type").asText("").equals("ExternalName")) {
            return URI.create("https://" + host(resolved(spec.path("externalName").asText(""))) + ":" + port + below);
        }
        boolean offered = false;
        for (JsonNode one : spec.path("ports")) {
            offered |= one.path("port").asInt() == port;
        }
        String address = spec.path("clusterIP").asText("");
        if (!offered || address.isEmpty() || address.equals("None")) {
            throw new WebhookCalls.FailedException(
                    "no service port " + port + " found for service \"" + name + "\"");
        }
        return URI.create("https://" + host(address) + ":" + port + below);
    }

    /** Resolved here: the certificate is the Service's, not that of the name behind it. */
    private static String resolved(String name) throws WebhookCalls.FailedException {
        try {
            return InetAddress.getByName(name).getHostAddress();
        } catch (UnknownHostException e) {
            throw new WebhookCalls.FailedException("dial tcp: lookup " + name + ": no such host");
        }
    }

    private static String host(String address) {
        return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
    }
}
