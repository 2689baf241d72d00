package io.keelson.apiserver.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.kvstore.metrics.Metrics;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Distributions over time. */
class TimedRatioTest {
    @Test
    void everyNanosecondCounts() {
        TimedRatio ratio = new TimedRatio(0, 0.5, 1);
        ratio.observe(0, 100);
        ratio.observe(0.5, 10);
        ratio.observe(0.75, 4);
        ratio.observe(3, 1);
        assertEquals(
                List.of(
                        new Metrics.Sample("_bucket", "a=\"b\",le=\"0\"", 100),
                        new Metrics.Sample("_bucket", "a=\"b\",le=\"0.5\"", 110),
                        new Metrics.Sample("_bucket", "a=\"b\",le=\"1\"", 114),
                        new Metrics.Sample("_bucket", "a=\"b\",le=\"+Inf\"", 115),
                        new Metrics.Sample("_sum", "a=\"b\"", 11),
                        new Metrics.Sample("_count", "a=\"b\"", 115)),
                ratio.samples("a=\"b\""));
    }
}
