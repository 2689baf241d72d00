package io.keelson.agent.image;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** What is counted of images, under the kubelet's names. */
public final class ImageMetrics {
    private static final double NANOS = 1e9;
    private static final double[] TIMES = {1, 5, 10, 20, 30, 60, 180, 300, 600, 900, 1200, 1800, 2700, 3600};
    private static final long MEGA = 1 << 20;
    private static final long GIGA = 1 << 30;

    private final Histogram pulls;
    private final Counter collected;

    /** Counts in a registry. */
    public ImageMetrics(PrometheusRegistry registry) {
        pulls = Histogram.builder()
                .name("kubelet_image_pull_duration_seconds")
                .help("How long pulls of images took, with the wait for their turn")
                .labelNames("image_size_in_bytes")
                .classicOnly()
                .classicUpperBounds(TIMES)
                .register(registry);
        collected = Counter.builder()
                .name("kubelet_image_garbage_collected_total")
                .help("Images removed, for want of space or for their age")
                .labelNames("reason")
                .register(registry);
    }

    void pulled(Duration took, long sizeBytes) {
        pulls.labelValues(sizes(sizeBytes)).observe(took.toNanos() / NANOS);
    }

    void collected(String reason) {
        collected.labelValues(reason).inc();
    }

    /** The group of sizes that one belongs to. */
    static String sizes(long bytes) {
        if (bytes <= 0) {
            return "N/A";
        }
        long[] limits = {
            10 * MEGA,
            100 * MEGA,
            500 * MEGA,
            GIGA,
            5 * GIGA,
            10 * GIGA,
            20 * GIGA,
            30 * GIGA,
            40 * GIGA,
            60 * GIGA,
            100 * GIGA
        };
        String[] names = {
            "0-10MB",
            "10MB-100MB",
            "100MB-500MB",
            "500MB-1GB",
            "1GB-5GB",
            "5GB-10GB",
            "10GB-20GB",
            "20GB-30GB",
            "30GB-40GB",
            "40GB-60GB",
            "60GB-100GB"
        };
        for (int i = 0; i < limits.length; i++) {
            if (bytes <= limits[i]) {
                return names[i];
            }
        }
        return "GT100GB";
    }
}
