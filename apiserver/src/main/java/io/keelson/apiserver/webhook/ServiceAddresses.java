package io.keelson.apiserver.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Where Services are reached from here: at their cluster address, or at what an external name stands for. */
final class ServiceAddresses {
    private final ObjectLookup objects;

    ServiceAddresses(ObjectLookup objects) {
        this.objects = objects;
    }

    /**
     * The address and port to connect to, {@code 10.96.0.7:443} for example. Never a name: the name that the certificate
     * must have is that of the Service, whatever it is reached by.
     *
     * @throws WebhookException if there is no such Service, or nothing at that port of it
     */
    String authority(ClientConfig.Service wanted) throws WebhookException, InterruptedException {
        ObjectNode service = objects.recent("", "services", wanted.namespace(), wanted.name());
        if (service == null) {
            throw WebhookException.failed("service \"" + wanted.name() + "\" not found");
        }
        JsonNode spec = service.path("spec");
        String type = spec.path("type").asText("ClusterIP");
        return switch (type) {
            case "ExternalName" -> resolved(spec.path("externalName").asText("")) + ":" + wanted.port();
            case "ClusterIP", "NodePort", "LoadBalancer" -> inCluster(spec, wanted);
            default -> throw WebhookException.failed("unsupported service type \"" + type + "\"");
        };
    }

    private static String inCluster(JsonNode spec, ClientConfig.Service wanted) throws WebhookException {
        String address = spec.path("clusterIP").asText("");
        if (address.equals("None")) {
            throw WebhookException.failed("cannot route to service with ClusterIP \"None\"");
        }
        for (JsonNode port : spec.path("ports")) {
            if (port.path("port").asInt() == wanted.port() && !address.isEmpty()) {
                return literal(address) + ":" + wanted.port();
            }
        }
        throw WebhookException.failed(
                "no service port " + wanted.port() + " found for service \"" + wanted.name() + "\"");
    }

    private static String resolved(String name) throws WebhookException {
        try {
            return literal(InetAddress.getByName(name).getHostAddress());
        } catch (UnknownHostException e) {
            throw WebhookException.failed("dial tcp: lookup " + name + ": no such host");
        }
    }

    private static String literal(String address) {
        int zone = address.indexOf('%');
        String plain = zone < 0 ? address : address.substring(0, zone);
        return plain.indexOf(':') >= 0 ? "[" + plain + "]" : plain;
    }
}
