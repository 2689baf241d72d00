package io.keelson.apiserver.admission.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.schema.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongFunction;

/**
 * Who is asked about images, and what becomes of the answers: {@code imagePolicy} in the configuration of the plugin {@code
 * ImagePolicyWebhook}.
 *
 * @param backend who is asked
 * @param allowLife how long it is remembered that images are allowed; zero for not at all
 * @param denyLife how long it is remembered that images are not allowed; zero for not at all
 * @param retryBackoff before a failed call is tried again for the first time
 * @param defaultAllow whether images are allowed while there is no answer
 */
public record ImagePolicy(
        RemoteServer backend, Duration allowLife, Duration denyLife, Duration retryBackoff, boolean defaultAllow) {
    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .field(
                    "imagePolicy",
                    ConfigShape.object()
                            .texts("kubeConfigFile")
                            .numbers("allowTTL", "denyTTL", "retryBackoff")
                            .flags("defaultAllow"));

    /** For one attempt. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final int ATTEMPTS = 5;
    private static final long DISABLED = -1;
    private static final long DEFAULT = 0;

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LIFE_MAX = Duration.ofMinutes(30);
    private static final Duration BACKOFF_MAX = Duration.ofMinutes(5);

    /**
     * Reads a configuration, and the kubeconfig that it names. Lives are in seconds, the pause before another try is in
     * milliseconds; 0 stands for what is usual, -1 for none.
     *
     * @throws IOException naming what cannot be used
     */
    public static ImagePolicy read(ObjectNode configuration) throws IOException {
        SHAPE.require(configuration);
        JsonNode policy = configuration.path("imagePolicy");
        Duration backoff = span(
                policy, "retryBackoff", Duration::ofMillis, Duration.ofNanos(1), BACKOFF_MAX, Duration.ofMillis(500));
        Duration allow = span(policy, "allowTTL", Duration::ofSeconds, SECOND, LIFE_MAX, Duration.ofMinutes(5));
        Duration deny = span(policy, "denyTTL", Duration::ofSeconds, SECOND, LIFE_MAX, Duration.ofSeconds(30));
        String kubeconfig = policy.path("kubeConfigFile").asText("");
        if (kubeconfig.isEmpty()) {
            throw new IOException("imagePolicy.kubeConfigFile: Required value");
        }
        return new ImagePolicy(
                Kubeconfig.readCurrent(Path.of(kubeconfig)),
                allow,
                deny,
                backoff,
                policy.path("defaultAllow").asBoolean(false));
    }

    /** @param min too short itself */
    private static Duration span(
            JsonNode policy, String field, LongFunction<Duration> unit, Duration min, Duration max, Duration usual)
            throws IOException {
        JsonNode number = policy.path(field);
        if (number.isMissingNode() || number.isNull()) {
            return usual;
        }
        if (!number.isIntegralNumber() || !number.canConvertToInt()) {
            throw new IOException("imagePolicy." + field + ": expected an integer, got " + number.asText(""));
        }
        long value = number.longValue();
        if (value == DISABLED) {
            return Duration.ZERO;
        }
        if (value == DEFAULT) {
            return usual;
        }
        Duration span = unit.apply(value);
        if (span.compareTo(min) <= 0 || span.compareTo(max) > 0) {
            throw new IOException("valid value is between " + Durations.text(min) + " and " + Durations.text(max)
                    + ", got " + Durations.text(span));
        }
        return span;
    }

    /** Opens the way to the backend. */
    public RemoteCalls open() throws IOException {
        return new RemoteCalls(backend, TIMEOUT, ATTEMPTS, retryBackoff);
    }
}
