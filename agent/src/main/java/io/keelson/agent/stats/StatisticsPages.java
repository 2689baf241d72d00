package io.keelson.agent.stats;

import io.keelson.agent.node.MachineFacts;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.time.Duration;

/** What the node's server shows of what is used. Any thread; waits for a look, which is shared with who else asks. */
public final class StatisticsPages {
    /** As the kubelet: those who scrape often get the same. */
    private static final Duration RESOURCE_AGE_MAX = Duration.ofSeconds(2);

    private static final Duration AGE_MAX = Duration.ofSeconds(5);

    private final UsageLook look;
    private final MachineFacts facts;

    /** Shows what somebody sees on a machine. */
    public StatisticsPages(UsageLook look, MachineFacts facts) {
        this.look = look;
        this.facts = facts;
    }

    /**
     * {@code /stats/summary}, in JSON.
     *
     * @param brief with nothing but processors and memory
     * @throws IOException if it cannot be told
     */
    public String summary(boolean brief) throws IOException, InterruptedException {
        return SummaryText.of(look.usage(brief ? RESOURCE_AGE_MAX : AGE_MAX), brief);
    }

    /** {@code /metrics/resource}; if nobody can look, that. */
    public MetricSnapshots resource() throws InterruptedException {
        try {
            return ResourceMetrics.of(look.usage(RESOURCE_AGE_MAX));
        } catch (IOException e) {
            return ResourceMetrics.failed();
        }
    }

    /**
     * {@code /metrics/cadvisor}.
     *
     * @throws IOException if it cannot be told
     */
    public MetricSnapshots cadvisor() throws IOException, InterruptedException {
        return CadvisorMetrics.of(look.usage(AGE_MAX), facts);
    }

    /**
     * What {@code /metrics} has besides of claims.
     *
     * @throws IOException if it cannot be told
     */
    public MetricSnapshots volumes() throws IOException, InterruptedException {
        return VolumeMetrics.of(look.usage(AGE_MAX));
    }
}
