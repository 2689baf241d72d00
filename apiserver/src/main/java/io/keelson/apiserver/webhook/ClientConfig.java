package io.keelson.apiserver.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Where a webhook is, as the API's {@code clientConfig} says it.
 *
 * @param url where to call; empty if it is a Service
 * @param service which Service; null if it is a URL
 * @param caBundle whom its certificate must come from: PEM in Base64; empty for those that the platform trusts
 */
public record ClientConfig(String url, @Nullable Service service, String caBundle) {
    private static final int HTTPS = 443;

    /**
     * A Service that is a webhook.
     *
     * @param path with a slash in front
     */
    public record Service(String namespace, String name, int port, String path) {
        /** The name that its certificate must have. */
        String host() {
            return name + "." + namespace + ".svc";
        }
    }

    /** Reads a {@code clientConfig}. */
    public static ClientConfig of(JsonNode config) {
        String caBundle = config.path("caBundle").asText("");
        JsonNode service = config.path("service");
        if (!service.isObject()) {
            return new ClientConfig(config.path("url").asText(""), null, caBundle);
        }
        String path = service.path("path").asText("");
        return new ClientConfig(
                "",
                new Service(
                        service.path("namespace").asText(""),
                        service.path("name").asText(""),
                        service.path("port").asInt(HTTPS),
                        path.startsWith("/") ? path : "/" + path),
                caBundle);
    }

    /** The address as errors show it. */
    String shown() {
        return service == null ? url : "https://" + service.host() + ":" + service.port() + service.path();
    }

    /** The name that its certificate must have; empty for the host of the URL. */
    String serverName() {
        return service == null ? "" : service.host();
    }
}
