package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * The ConfigMap {@code kube-system/kube-apiserver-legacy-service-account-token-tracking}, which says since which day uses of
 * service accounts' tokens in Secrets are kept track of: what has no label since then has not been used since then. One that
 * says no day gets today's; one that is deleted is made again, but not twice in {@link #MAKING_PAUSE}, because the servers of
 * a cluster that does not want it delete it.
 */
final class LegacyTokenTracking {
    static final Duration PAUSE = Duration.ofMinutes(1);
    static final Duration MAKING_PAUSE = Duration.ofMinutes(30);

    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "kube-apiserver-legacy-service-account-token-tracking";
    private static final String SINCE = "since";

    private final RestApi rest;
    private final Resource configMaps;
    private final InstantSource clock;
    private Instant nextMaking = Instant.MIN;

    LegacyTokenTracking(RestApi rest, InstantSource clock) {
        this.rest = rest;
        this.configMaps = rest.resource("", "configmaps");
        this.clock = clock;
    }

    void round() throws InterruptedException {
        Instant now = clock.instant();
        if (rest.updateOrCreate(configMaps, NAMESPACE, NAME, () -> !now.isBefore(nextMaking), this::dated)) {
            nextMaking = now.plus(MAKING_PAUSE);
        }
    }

    private ObjectNode dated(ObjectNode configMap) {
        if (!isDay(configMap.path("data").path(SINCE).asText(""))) {
            ObjectNode data = configMap.get("data") instanceof ObjectNode there ? there : configMap.putObject("data");
            data.put(SINCE, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).toString());
        }
        return configMap;
    }

    private static boolean isDay(String text) {
        try {
            return LocalDate.parse(text).toString().equals(text);
        } catch (DateTimeException e) {
            return false;
        }
    }
}
