package io.keelson.apiserver.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.routing.ServicePort;
import org.jspecify.annotations.Nullable;

/**
 * Where a webhook is, as the API's {@code clientConfig} says it.
 *
 * @param url where to call; empty if it is a Service
 * @param service which Service; null if it is a URL
 * @param caBundle whom its certificate must come from: PEM in Base64; empty for those that the platform trusts
 */
public record ClientConfig(String url, @Nullable Service service, String caBundle) {
    /**
     * A Service that is a webhook.
     *
     * @param path with a slash in front
     */
    public record Service(ServicePort port, String path) {}

    /** Reads a {@code clientConfig}. */
    public static ClientConfig of(JsonNode config) {
        String caBundle = config.path("caBundle").asText("");
        JsonNode service = config.path("service");
        if (!service.isObject()) {
            return new ClientConfig(config.path("url").asText(""), null, caBundle);
        }
        String path = service.path("path").asText("");
        return new ClientConfig(
                "", new Service(ServicePort.of(service), path.startsWith("/") ? path : "/" + path), caBundle);
    }

    /** The address as errors show it. */
    String shown() {
        return service == null
                ? url
                : "https://" + service.port().host() + ":" + service.port().port() + service.path();
    }

    /** The name that its certificate must have; empty for the host of the URL. */
    String serverName() {
        return service == null ? "" : service.port().host();
    }
}
