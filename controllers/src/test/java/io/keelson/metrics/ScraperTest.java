package io.keelson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScraperTest {
    private static final Instant BEGIN = Instant.parse("2026-12-01T10:00:00Z");
    private static final Duration RESOLUTION = Duration.ofSeconds(15);
    private static final Duration STEP = Duration.ofMillis(100);

    private final ManualTime time = new ManualTime(BEGIN);
    private final UsageHistory history = new UsageHistory(RESOLUTION);
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private FakeKubelet kubelet;
    private Kubelets kubelets;
    private Scraper scraper;

    @BeforeEach
    void begin() throws IOException {
        kubelet = new FakeKubelet(this::said);
        KubeletSettings settings = new KubeletSettings(
                new KubeletAddress(List.of("InternalIP"), kubelet.port(), false),
                null,
                true,
                null,
                null,
                Duration.ofSeconds(10),
                4);
        kubelets = new Kubelets(settings, Config.empty(), time);
        scraper = new Scraper(
                RESOLUTION,
                time,
                () -> nodes,
                settings,
                kubelets,
                history,
                new ScrapeMetrics(new PrometheusRegistry(), history::points));
    }

    @AfterEach
    void end() {
        scraper.close();
        kubelets.close();
        kubelet.close();
        time.close();
    }

    /** Half a processor is used. */
    private String said() {
        asked.incrementAndGet();
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return "node_cpu_usage_seconds_total{";
        }
        double seconds = Duration.between(BEGIN, time.instant()).toMillis() / 1000.0 + 60;
        return """
                node_cpu_usage_seconds_total %f %d
                node_memory_working_set_bytes 1048576 %2$d
                """.formatted(seconds / 2, time.millis());
    }

    private void add(String name) {
        nodes.add(new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewAddress("127.0.0.1", "InternalIP")
                .endStatus()
                .build());
    }

    /** Lets time pass until something is so, and returns how much it was. */
    private Duration pass(String what, Duration step, BooleanSupplier condition) throws InterruptedException {
        Instant before = time.instant();
        TestCluster.await(what, () -> {
            if (condition.getAsBoolean()) {
                return true;
            }
            time.advance(step);
            return false;
        });
        return Duration.between(before, time.instant());
    }

    private boolean isKnown(String node) {
        Usage usage = history.measured().nodes().get(node);
        return usage != null && Math.abs(usage.cpuNanocores() - 500_000_000) < 1_000_000;
    }

    @Test
    void whatANodeUsesIsKnownSoonThoughItWasNotThereAtFirst() throws InterruptedException {
        failures.set(2);
        add("late");
        scraper.start();
        Duration took = pass("its use is known", STEP, () -> isKnown("late"));
        assertTrue(took.compareTo(RESOLUTION) < 0, () -> "it took " + took);
        assertEquals(4, asked.get());
        add("later");
        scraper.wake();
        TestCluster.await("a new one is asked at once", () -> asked.get() == 5);
        pass("its use is known as well", STEP, () -> isKnown("later"));
        assertTrue(isKnown("late"), "what is known of others is told as before");
        int before = asked.get();
        Duration rest = pass("all are asked in the next round", STEP, () -> asked.get() >= before + 2);
        assertTrue(rest.compareTo(RESOLUTION.multipliedBy(2)) < 0, () -> "it took " + rest);
    }

    @Test
    void whoDoesNotAnswerIsAskedLessAndLess() throws InterruptedException {
        failures.set(Integer.MAX_VALUE);
        add("broken");
        scraper.start();
        Instant end = BEGIN.plusSeconds(60);
        pass("a minute is over", Duration.ofSeconds(1), () -> !time.instant().isBefore(end) && asked.get() > 1);
        // Five rounds, and four times in between; some of them are one where answers take longer than time here does.
        assertTrue(asked.get() <= 9, () -> "asked " + asked);
    }
}
