package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.controllers.objects.GoDuration;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds out which resource version a cluster was at when. */
final class Moments {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    private static final String OF_API_SERVERS = "&labelSelector=apiserver.kubernetes.io%2Fidentity%3Dkube-apiserver";

    private final ApiCalls calls;
    private final Past past;
    private final InstantSource clock;

    Moments(ApiCalls calls, Past past, InstantSource clock) {
        this.calls = calls;
        this.past = past;
        this.clock = clock;
    }

    /**
     * The resource version that a text means: itself, a time, or how long ago.
     *
     * @param text {@code 4711}, {@code 2026-11-30T10:00:00Z}, {@code -10m}
     * @throws IllegalArgumentException if it is none of these, or lies before what is kept
     */
    long revision(String text) throws ApiRefusal, InterruptedException {
        if (NUMBER.matcher(text).matches()) {
            return Long.parseLong(text);
        }
        return revision(instant(text), text);
    }

    private Instant instant(String text) {
        if (text.startsWith("-")) {
            try {
                Duration ago = GoDuration.parse(text.substring(1));
                return clock.instant().minus(ago);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is no span of time: write it as -10m or -1h30m", e);
            }
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no resource version, no time as 2026-11-30T10:00:00Z, and no span as -10m", e);
        }
    }

    /** The last resource version of which is known that it was there by then. */
    private long revision(Instant moment, String text) throws ApiRefusal, InterruptedException {
        long now = past.now();
        // Everything that is kept lies in (forgotten, now]; what is known to be late enough lies after `early`.
        long early = 0;
        long late = now + 1;
        while (late - early > 1) {
            long middle = early + (late - early) / 2;
            Optional<Instant> was = timeAt(middle);
            if (was.isEmpty() || !was.get().isAfter(moment)) {
                early = middle;
            } else {
                late = middle;
            }
        }
        if (early == 0 || timeAt(early).isEmpty()) {
            throw new IllegalArgumentException(
                    text + " lies before what is kept: the store keeps what happened since its" + " last compaction");
        }
        return early;
    }

    /** When a resource version was the newest, to the ten seconds that API servers write in; empty if it is forgotten. */
    private Optional<Instant> timeAt(long revision) throws ApiRefusal, InterruptedException {
        JsonNode leases;
        try {
            leases =
                    calls.get(LEASES + "?resourceVersion=" + revision + "&resourceVersionMatch=Exact" + OF_API_SERVERS);
        } catch (ApiRefusal e) {
            if (e.code() == HttpURLConnection.HTTP_GONE) {
                return Optional.empty();
            }
            throw e;
        }
        Instant newest = null;
        for (JsonNode lease : leases.path("items")) {
            String renewed = lease.path("spec").path("renewTime").asText("");
            if (!renewed.isEmpty()) {
                Instant time = OffsetDateTime.parse(renewed).toInstant();
                newest = newest == null || time.isAfter(newest) ? time : newest;
            }
        }
        return Optional.ofNullable(newest);
    }
}
