package io.keelson.controllers.rootca;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;

/** What is counted of looks at what is published, by the code that the API answered with: {@code 200} if all went well. */
final class SyncFigures {
    private static final String CODE = "code";

    private final Counter syncs;
    private final Histogram durations;

    /**
     * Figures of one publisher.
     *
     * @param publisher what their names begin with
     * @param what is looked at, in words
     */
    SyncFigures(ControllerMetrics metrics, String publisher, String what) {
        syncs = metrics.counter(publisher + "_sync_total", "Looks at " + what, CODE);
        durations = metrics.histogram(
                publisher + "_sync_duration_seconds", "How long looks at " + what + " took", 0.001, 2, 15, CODE);
    }

    /** Counts a look that is done now; what it throws is thrown. */
    void count(Runnable look) {
        long begin = System.nanoTime();
        String code = "500";
        try {
            look.run();
            code = "200";
        } catch (KubernetesClientException e) {
            if (e.getCode() > 0) {
                code = Integer.toString(e.getCode());
            }
            throw e;
        } finally {
            syncs.labelValues(code).inc();
            durations.labelValues(code).observe(ControllerMetrics.seconds(Duration.ofNanos(System.nanoTime() - begin)));
        }
    }
}
