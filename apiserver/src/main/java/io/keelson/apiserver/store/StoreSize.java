package io.keelson.apiserver.store;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much room a store takes: the metric {@code apiserver_storage_size_bytes}. The store is asked when somebody reads the
 * metrics and what was last heard of it is too old; while it does not answer, the metric is missing.
 */
public final class StoreSize {
    private static final Logger log = LoggerFactory.getLogger(StoreSize.class);

    /** As long as a kube-apiserver waits for it. */
    private static final long PATIENCE_SECONDS = 1;

    private final Channel channel;
    private final String labels;
    private final long oldestNanos;
    private final LongSupplier nanoTime;
    private List<Metrics.Sample> known = List.of();
    private long knownSince;

    private StoreSize(Channel channel, String labels, Duration oldest, LongSupplier nanoTime) {
        this.channel = channel;
        this.labels = labels;
        this.oldestNanos = oldest.toNanos();
        this.nanoTime = nanoTime;
    }

    /**
     * Tells of some stores.
     *
     * @param channels to each store; of several members, one of them is asked
     * @param oldest how old what is told may be
     */
    public static void addTo(Metrics metrics, List<Channel> channels, Duration oldest, LongSupplier nanoTime) {
        List<StoreSize> sizes = new ArrayList<>();
        for (Channel channel : channels) {
            // A kube-apiserver counts its stores under such names.
            String labels = Metrics.label("storage_cluster_id", "etcd-" + sizes.size());
            sizes.add(new StoreSize(channel, labels, oldest, nanoTime));
        }
        metrics.family(
                "apiserver_storage_size_bytes",
                "Bytes that the store takes, by store.",
                "gauge",
                () -> sizes.stream().flatMap(size -> size.sample().stream()).toList());
    }

    private synchronized List<Metrics.Sample> sample() {
        if (known.isEmpty() || nanoTime.getAsLong() - knownSince >= oldestNanos) {
            known = asked();
            knownSince = nanoTime.getAsLong();
        }
        return known;
    }

    private List<Metrics.Sample> asked() {
        try {
            long bytes = MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance())
                    .getDbSize();
            return List.of(new Metrics.Sample("", labels, (double) bytes));
        } catch (StatusRuntimeException e) {
            log.info("the store does not tell its size: {}", e.getStatus());
            return List.of();
        }
    }
}
