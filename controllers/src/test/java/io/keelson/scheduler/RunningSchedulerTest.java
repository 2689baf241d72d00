package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunningSchedulerTest {
    private final TestCluster cluster = new TestCluster();
    private final AtomicInteger calls = new AtomicInteger();

    @AfterEach
    void close() {
        cluster.close();
    }

    private RunningScheduler scheduler(boolean delayed) {
        Interceptor counting = new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                calls.incrementAndGet();
            }
        };
        return new RunningScheduler(
                cluster.client().getConfiguration(),
                List.of(counting),
                SchedulerSettings.of("running-scheduler-test", 1),
                new SchedulerMetrics(new PrometheusRegistry()),
                delayed);
    }

    @Test
    void aProcessThatDoesNotLeadReadsAheadUnlessItIsTold() throws InterruptedException {
        try (RunningScheduler ahead = scheduler(false)) {
            ahead.fill();
            assertTrue(calls.get() > 0);
        }
        calls.set(0);
        try (RunningScheduler delayed = scheduler(true)) {
            delayed.fill();
            assertEquals(0, calls.get());
            delayed.start();
            assertTrue(calls.get() > 0);
            assertTrue(delayed.well());
        }
    }
}
