package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authn.FrontProxyAuthenticator;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ConfigMap {@code kube-system/extension-apiserver-authentication}, by which aggregated API servers know whose clients
 * they may believe: those of this server, and of others that have written theirs there. Certificates that are over go.
 */
final class TrustedClients {
    static final Duration PAUSE = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(TrustedClients.class);
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "extension-apiserver-authentication";
    private static final FrontProxyAuthenticator.Settings OWN =
            FrontProxyAuthenticator.Settings.ordinary(Set.of(ClusterPki.FRONT_PROXY));
    private static final Duration SLACK = Duration.ofMinutes(5);

    private final RestApi rest;
    private final Resource configMaps;
    private final ClusterPki pki;
    private final AuthenticationSettings settings;
    private final InstantSource clock;

    TrustedClients(RestApi rest, ClusterPki pki, AuthenticationSettings settings, InstantSource clock) {
        this.rest = rest;
        this.configMaps = rest.resource("", "configmaps");
        this.pki = pki;
        this.settings = settings;
        this.clock = clock;
    }

    void round() throws InterruptedException {
        var _ = rest.updateOrCreate(configMaps, NAMESPACE, NAME, () -> true, this::filled);
    }

    private ObjectNode filled(ObjectNode configMap) {
        ObjectNode data = configMap.get("data") instanceof ObjectNode there ? there : configMap.putObject("data");
        AuthenticationSettings.FrontProxy proxy = settings.frontProxy();
        certificates(data, "client-ca-file", pki.clientAuthority().certificate(), settings.clientCaFile());
        certificates(
                data,
                "requestheader-client-ca-file",
                pki.frontProxyAuthority().certificate(),
                proxy == null ? null : proxy.caFile());
        // This server's own proxying, and whoever else the flags name. No names at all would mean any name.
        FrontProxyAuthenticator.Settings others = proxy == null ? OWN : proxy.headers();
        names(data, "requestheader-allowed-names", OWN.allowedNames(), others.allowedNames());
        names(data, "requestheader-extra-headers-prefix", OWN.extraPrefixes(), others.extraPrefixes());
        names(data, "requestheader-group-headers", OWN.groupHeaders(), others.groupHeaders());
        names(data, "requestheader-uid-headers", OWN.uidHeaders(), others.uidHeaders());
        names(data, "requestheader-username-headers", OWN.usernameHeaders(), others.usernameHeaders());
        return configMap;
    }

    private void certificates(ObjectNode data, String field, X509Certificate own, @Nullable Path others) {
        Instant over = clock.instant().minus(SLACK);
        Set<X509Certificate> all = new LinkedHashSet<>();
        String there = data.path(field).asText("");
        if (!there.isBlank()) {
            try {
                all.addAll(Pem.certificates(there.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                log.warn("{} in {} is replaced: {}", field, NAME, e.getMessage());
            }
        }
        all.add(own);
        if (others != null) {
            try {
                all.addAll(Pem.certificates(Files.readAllBytes(others)));
            } catch (IOException e) {
                log.warn("{} does not get what is in {}: {}", field, others, e.getMessage());
            }
        }
        all.removeIf(certificate -> certificate.getNotAfter().toInstant().isBefore(over));
        data.put(field, new String(Pem.encode(all), StandardCharsets.UTF_8));
    }

    private static void names(ObjectNode data, String field, Collection<String> own, Collection<String> others) {
        Set<String> all = new LinkedHashSet<>();
        String there = data.path(field).asText("");
        if (!there.isBlank()) {
            try {
                for (JsonNode name : Json.parse(there)) {
                    all.add(name.asText());
                }
            } catch (MalformedException e) {
                log.warn("{} in {} is replaced: {}", field, NAME, e.message());
            }
        }
        all.addAll(own);
        all.addAll(others);
        data.put(field, Json.text(Json.array(all)));
    }
}
