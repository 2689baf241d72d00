package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.Map;

/** The IPAddress objects that stand for addresses of Services. */
final class AddressObject {
    static final String FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family";
    static final String MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by";
    static final String MANAGER = "ipallocator.k8s.io";

    private AddressObject() {}

    static ObjectNode of(Address address, ServiceName service) {
        ObjectNode object =
                Json.object().put("apiVersion", "networking.k8s.io/v1").put("kind", "IPAddress");
        ObjectMeta.setName(object, address.toString());
        ObjectMeta.setLabels(object, Map.of(FAMILY_LABEL, address.family().toString(), MANAGED_BY_LABEL, MANAGER));
        object.putObject("spec")
                .putObject("parentRef")
                .put("group", "")
                .put("resource", "services")
                .put("namespace", service.namespace())
                .put("name", service.name());
        return object;
    }

    /** Whether it was made for a Service, and nobody has changed that. */
    static boolean isOfService(JsonNode object) {
        JsonNode parent = object.path("spec").path("parentRef");
        return parent.path("group").asText("").isEmpty()
                && parent.path("resource").asText("").equals("services");
    }

    static ServiceName parent(JsonNode object) {
        JsonNode parent = object.path("spec").path("parentRef");
        return new ServiceName(
                parent.path("namespace").asText(""), parent.path("name").asText(""));
    }

    static boolean isManaged(JsonNode object) {
        return MANAGER.equals(ObjectMeta.label(object, MANAGED_BY_LABEL));
    }

    static boolean hasLabels(JsonNode object, Address address) {
        return isManaged(object) && address.family().toString().equals(ObjectMeta.label(object, FAMILY_LABEL));
    }
}
