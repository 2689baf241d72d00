package io.keelson.apiserver.routing;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A port of a Service, as it is referred to.
 *
 * @param port the number that the Service has it under, not that of its endpoints
 */
public record ServicePort(String namespace, String name, int port) {
    private static final int HTTPS = 443;

    /** Reads a reference to a Service; without a port it means that of HTTPS. */
    public static ServicePort of(JsonNode reference) {
        return new ServicePort(
                reference.path("namespace").asText(""),
                reference.path("name").asText(""),
                reference.path("port").asInt(HTTPS));
    }

    /** The name that the certificate of whoever is there must have: {@code name.namespace.svc}. */
    public String host() {
        return name + "." + namespace + ".svc";
    }

    /** The port as the Service has it; null if it has none of this number. */
    public @Nullable JsonNode in(JsonNode service) {
        for (JsonNode one : service.path("spec").path("ports")) {
            if (one.path("port").asInt() == port) {
                return one;
            }
        }
        return null;
    }
}
