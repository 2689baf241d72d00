package io.keelson.cloud.webhook;

import io.keelson.cloud.CloudProvider;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.config.ConfigFile;
import io.keelson.controllers.config.ConfigNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --cloud-config} says to this provider:
 *
 * <pre>
 * apiVersion: cloud.keelson.io/v1
 * kind: WebhookCloud
 * url: https://10.0.0.5:8443/keelson
 * certificateAuthority: /etc/keelson/cloud-ca.crt
 * tokenFile: /etc/keelson/cloud-token
 * timeout: 10s
 * retries: 2
 * parts: [instances, zones, routes, loadBalancers]
 * </pre>
 *
 * @param url where the server is, without a slash at its end; with TLS unless that is on this machine
 * @param certificateAuthority certificates in PEM by which the server is trusted; null for those of Java
 * @param tokenFile what is shown to the server as bearer token, read again for each request; null for none
 * @param timeout of one request, the answer's last byte included
 * @param retries how often a request is sent again that may be
 * @param parts what the server has, of {@link #PARTS}
 */
public record WebhookSettings(
        URI url,
        @Nullable Path certificateAuthority,
        @Nullable Path tokenFile,
        Duration timeout,
        int retries,
        Set<String> parts) {
    /** What a server may have. */
    static final List<String> PARTS = List.of("instances", "zones", "routes", "loadBalancers");

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int RETRIES = 2;
    private static final int RETRIES_MAX = 10;
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    public WebhookSettings {
        parts = Set.copyOf(parts);
    }

    /** A server that has all parts, with the usual limits. */
    static WebhookSettings of(URI url) {
        return new WebhookSettings(url, null, null, TIMEOUT, RETRIES, Set.copyOf(PARTS));
    }

    /**
     * Out of a file.
     *
     * @throws ConfigException if it is not as it has to be; its text names the line
     */
    public static WebhookSettings read(Path file) throws ConfigException {
        return parse(file.toString(), ConfigFile.bytes(file));
    }

    static WebhookSettings parse(String name, byte[] bytes) throws ConfigException {
        ConfigNode.Fields fields = ConfigFile.parse(name, bytes)
                .fields(
                        "apiVersion",
                        "kind",
                        "url",
                        "certificateAuthority",
                        "tokenFile",
                        "timeout",
                        "retries",
                        "parts");
        fields.isOfKind(CloudProvider.API_VERSION, "WebhookCloud");
        Optional<ConfigNode> timeout = fields.find("timeout");
        Optional<ConfigNode> retries = fields.find("retries");
        return new WebhookSettings(
                url(fields.get("url")),
                path(fields, "certificateAuthority"),
                path(fields, "tokenFile"),
                timeout.isPresent() ? timeout.get().duration() : TIMEOUT,
                retries.isPresent() ? retries.get().number(0, RETRIES_MAX) : RETRIES,
                parts(fields));
    }

    private static URI url(ConfigNode field) throws ConfigException {
        String text = field.text();
        URI url;
        try {
            url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (IllegalArgumentException e) {
            throw field.wrong("is no URL: " + e.getMessage());
        }
        boolean plain = "http".equals(url.getScheme());
        if (url.getHost() == null || (!plain && !"https".equals(url.getScheme()))) {
            throw field.wrong("must be a URL with https://, not \"" + text + '"');
        }
        if (plain && !THIS_MACHINE.contains(url.getHost())) {
            throw field.wrong("must be with https://, as the server is not on this machine");
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null || url.getRawUserInfo() != null) {
            throw field.wrong("must be a URL without a query, a fragment and a user");
        }
        return url;
    }

    private static @Nullable Path path(ConfigNode.Fields fields, String name) throws ConfigException {
        Optional<ConfigNode> field = fields.find(name);
        return field.isPresent() ? Path.of(field.get().text()) : null;
    }

    private static Set<String> parts(ConfigNode.Fields fields) throws ConfigException {
        if (fields.find("parts").isEmpty()) {
            return Set.copyOf(PARTS);
        }
        Set<String> parts = new LinkedHashSet<>();
        for (ConfigNode each : fields.list("parts")) {
            parts.add(each.word(PARTS.toArray(String[]::new)));
        }
        if (parts.contains("zones") && !parts.contains("instances")) {
            throw fields.get("parts").wrong("zones are those of instances, which are missing");
        }
        return parts;
    }
}
