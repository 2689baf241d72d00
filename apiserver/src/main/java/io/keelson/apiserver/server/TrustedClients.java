package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
    private static final Duration SLACK = Duration.ofMinutes(5);

    private final RestApi rest;
    private final Resource configMaps;
    private final ClusterPki pki;
    private final InstantSource clock;

    TrustedClients(RestApi rest, ClusterPki pki, InstantSource clock) {
        this.rest = rest;
        this.configMaps = rest.resource("", "configmaps");
        this.pki = pki;
        this.clock = clock;
    }

    void round() throws InterruptedException {
        if (rest.update(configMaps, NAMESPACE, NAME, this::filled) != null) {
            return;
        }
        ObjectNode first = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        ObjectMeta.setNamespace(first, NAMESPACE);
        ObjectMeta.setName(first, NAME);
        try {
            var _ = rest.create(configMaps, filled(first));
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private ObjectNode filled(ObjectNode configMap) {
        ObjectNode data = configMap.get("data") instanceof ObjectNode there ? there : configMap.putObject("data");
        certificates(data, "client-ca-file", pki.clientAuthority().certificate());
        certificates(
                data, "requestheader-client-ca-file", pki.frontProxyAuthority().certificate());
        names(data, "requestheader-allowed-names", ClusterPki.FRONT_PROXY);
        names(data, "requestheader-extra-headers-prefix", "X-Remote-Extra-");
        names(data, "requestheader-group-headers", "X-Remote-Group");
        names(data, "requestheader-uid-headers", "X-Remote-Uid");
        names(data, "requestheader-username-headers", "X-Remote-User");
        return configMap;
    }

    private void certificates(ObjectNode data, String field, X509Certificate own) {
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
        all.removeIf(certificate -> certificate.getNotAfter().toInstant().isBefore(over));
        data.put(field, new String(Pem.encode(all), StandardCharsets.UTF_8));
    }

    private static void names(ObjectNode data, String field, String own) {
        List<String> all = new ArrayList<>();
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
        if (!all.contains(own)) {
            all.add(own);
        }
        data.put(field, Json.text(Json.array(all)));
    }
}
