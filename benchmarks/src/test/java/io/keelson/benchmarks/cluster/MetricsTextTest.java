package io.keelson.benchmarks.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class MetricsTextTest {
    private static final String TEXT = """
        # HELP seconds how long
        # TYPE seconds histogram
        seconds_bucket{result="good",le="0.001"} 10
        seconds_bucket{result="good",le="0.002"} 90
        seconds_bucket{result="good",le="0.004"} 100
        seconds_bucket{result="good",le="+Inf"} 100
        seconds_bucket{result="bad",le="0.001"} 1e3
        seconds_bucket{result="bad",le="0.002"} 1e3
        seconds_bucket{result="bad",le="0.004"} 1e3
        seconds_bucket{result="bad",le="+Inf"} 1001
        tries_total{result="good"} 7
        tries_total{result="bad"} 2 1700000000000
        plain 3.5
        """;

    private final MetricsText metrics = new MetricsText(TEXT);

    @Test
    void sumsOverLabels() {
        assertEquals(9, metrics.sum("tries_total", ""));
        assertEquals(2, metrics.sum("tries_total", "result=\"bad\""));
        assertEquals(3.5, metrics.sum("plain", ""));
        assertEquals(0, metrics.sum("other", ""));
    }

    @Test
    void quantilesLieInTheirBucket() {
        MetricsText.Histogram good = metrics.histogram("seconds", "result=\"good\"");
        assertEquals(0.0015, good.quantile(0.5), 1e-9);
        assertEquals(0.0038, good.quantile(0.99), 1e-9);
        assertEquals(0.001, good.quantile(0.1), 1e-9);
        assertEquals(0.001, good.finest(), 1e-9);
        assertEquals(0.004, metrics.histogram("seconds", "").quantile(1), 1e-9);
        assertEquals(1101, metrics.histogram("seconds", "").count());
    }

    @Test
    void labelsWhoseNamesEndInTheBoundsAreNotTakenForIt() {
        MetricsText.Histogram histogram = new MetricsText("seconds_bucket{profile=\"0.5\",result=\"x\",le=\"1\"} 4\n"
                        + "seconds_bucket{profile=\"0.5\",result=\"x\",le=\"+Inf\"} 4")
                .histogram("seconds", "result=\"x\"");
        assertEquals(1, histogram.finest());
        assertEquals(4, histogram.count());
        assertEquals(
                0,
                new MetricsText("seconds_bucket{profile=\"0.5\"} 4")
                        .histogram("seconds", "")
                        .count());
    }

    @Test
    void whatWasBeforeIsTakenAway() {
        MetricsText.Histogram before = new MetricsText("seconds_bucket{result=\"good\",le=\"0.001\"} 10\n"
                        + "seconds_bucket{result=\"good\",le=\"+Inf\"} 10")
                .histogram("seconds", "");
        MetricsText.Histogram since =
                metrics.histogram("seconds", "result=\"good\"").since(before);
        assertEquals(90, since.count());
        assertTrue(since.quantile(0.01) > 0.001);
        assertTrue(Double.isNaN(before.since(before).quantile(0.5)));
    }

    @Test
    void whatIsNoMetricIsPassedOver() {
        MetricsText broken = new MetricsText(
                "{\n}\nname\nname{le=\n}name{ 7\nname{le=\"x\"} y\nname{} \nseconds_bucket{le=\"many\"} 1\n\u0000");
        assertEquals(0, broken.sum("name", ""));
        assertTrue(Double.isNaN(broken.histogram("seconds", "").quantile(0.5)));
        assertTrue(Double.isNaN(new MetricsText("").histogram("seconds", "").quantile(0.5)));
    }
}
