package io.keelson.apiserver.store;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much room the store takes: the metric {@code apiserver_storage_size_bytes}. The store is asked whenever somebody reads
 * the metrics; while it does not answer, the metric is missing.
 */
public final class StoreSize {
    private static final Logger log = LoggerFactory.getLogger(StoreSize.class);

    /** As long as a kube-apiserver waits for it. */
    private static final long PATIENCE_SECONDS = 1;

    private StoreSize() {}

    /** @param channels to each store; of several members, one of them is asked */
    public static void addTo(Metrics metrics, List<Channel> channels) {
        metrics.family(
                "apiserver_storage_size_bytes",
                "Bytes that the store takes, by store.",
                "gauge",
                () -> samples(channels));
    }

    private static List<Metrics.Sample> samples(List<Channel> channels) {
        List<Metrics.Sample> samples = new ArrayList<>();
        for (int i = 0; i < channels.size(); i++) {
            // A kube-apiserver counts its stores under such names.
            samples.addAll(sample(channels.get(i), Metrics.label("storage_cluster_id", "etcd-" + i)));
        }
        return samples;
    }

    private static List<Metrics.Sample> sample(Channel channel, String labels) {
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
