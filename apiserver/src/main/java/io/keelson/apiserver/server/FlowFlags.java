package io.keelson.apiserver.server;

import io.keelson.apiserver.fairness.FlowSettings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags of {@link FlowSettings}. */
final class FlowFlags {
    @Option(
            names = "--enable-priority-and-fairness",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether requests are shared out between flows by flow schemas and priority levels, as many at a"
                            + " time as the next two flags say together. Default: true")
    private boolean fair;

    @Option(
            names = "--max-requests-inflight",
            defaultValue = "400",
            paramLabel = "COUNT",
            description = "How many reads are served at a time; 0 for no limit. Default: 400")
    private int readsMax;

    @Option(
            names = "--max-mutating-requests-inflight",
            defaultValue = "200",
            paramLabel = "COUNT",
            description = "How many writes are served at a time; 0 for no limit. Default: 200")
    private int writesMax;

    @Option(
            names = "--request-timeout",
            defaultValue = "1m0s",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description = "How long a request may take, but for watches and others that last. Default: 1m0s")
    private Duration requestTimeout = Duration.ZERO;

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    FlowSettings settings() {
        return new FlowSettings(fair, readsMax, writesMax, requestTimeout);
    }
}
