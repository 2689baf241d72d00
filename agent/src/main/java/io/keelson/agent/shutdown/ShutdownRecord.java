package io.keelson.agent.shutdown;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.keelson.controllers.process.WholeFile;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When pods were last ended because the machine was shut down: in the kubelet's metrics and, to be known when the machine is up
 * again, in its file.
 *
 * <pre>
 * graceful_node_shutdown_state   {"startTime":"2026-01-02T03:04:05Z","endTime":"0001-01-01T00:00:00Z"}
 * </pre>
 *
 * The year 1 stands for what has not been yet. One thread's at a time.
 */
public final class ShutdownRecord {
    private static final Logger LOG = LoggerFactory.getLogger(ShutdownRecord.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FILE = "graceful_node_shutdown_state";
    private static final Instant NEVER = Instant.parse("0001-01-01T00:00:00Z");
    private static final int BYTES_MAX = 4096;

    private final Path file;
    private final Time time;
    private final Gauge start;
    private final Gauge end;
    private Instant begun = NEVER;

    /**
     * Tells what the file says.
     *
     * @param root the agent's folder
     */
    public ShutdownRecord(Path root, Time time, PrometheusRegistry registry) {
        file = root.resolve(FILE);
        this.time = time;
        start = Gauge.builder()
                .name("kubelet_graceful_shutdown_start_time_seconds")
                .help("When pods began to be ended for the last shutdown of the machine, in seconds since 1970;"
                        + " 0 for never")
                .register(registry);
        end = Gauge.builder()
                .name("kubelet_graceful_shutdown_end_time_seconds")
                .help("When all had been ended for the last shutdown of the machine, in seconds since 1970; 0 while"
                        + " they are not")
                .register(registry);
        read().ifPresent(said -> {
            start.set(seconds(instant(said.get("startTime"))));
            end.set(seconds(instant(said.get("endTime"))));
        });
    }

    private Optional<JsonNode> read() {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException("it has more than " + BYTES_MAX + " bytes");
            }
            return Optional.of(JSON.readTree(file.toFile()));
        } catch (IOException e) {
            LOG.warn("when the machine was shut down last is not known: {}: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    private Instant instant(@Nullable JsonNode said) {
        try {
            return said == null ? NEVER : OffsetDateTime.parse(said.asText()).toInstant();
        } catch (DateTimeException e) {
            LOG.warn("{} holds no time: {}", file, e.getMessage());
            return NEVER;
        }
    }

    private static double seconds(Instant when) {
        return when.equals(NEVER) ? 0 : when.getEpochSecond();
    }

    /** Pods begin to be ended. */
    void begin() {
        begun = time.instant();
        note(NEVER);
    }

    /** All that were to be ended have been, or have had their time. */
    void end() {
        note(time.instant());
    }

    private void note(Instant ended) {
        start.set(seconds(begun));
        end.set(seconds(ended));
        try {
            WholeFile.write(
                    file,
                    JSON.createObjectNode()
                            .put("startTime", begun.toString())
                            .put("endTime", ended.toString())
                            .toString());
        } catch (IOException e) {
            // The shutdown does not wait for that.
            LOG.warn("{} is not written: {}", file, e.toString());
        }
    }
}
