package io.keelson.apiserver.store;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.metrics.Metrics;
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

    /** There is one store for everything; a kube-apiserver counts its stores under such names. */
    private static final String LABELS = Metrics.label("storage_cluster_id", "etcd-0");

    private StoreSize() {}

    /** @param channel to the store; of several members, one of them is asked */
    public static void addTo(Metrics metrics, Channel channel) {
        metrics.family(
                "apiserver_storage_size_bytes",
                "Bytes that the store takes, by store.",
                "gauge",
                () -> samples(channel));
    }

    private static List<Metrics.Sample> samples(Channel channel) {
        try {
            long bytes = MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance())
                    .getDbSize();
            return List.of(new Metrics.Sample("", LABELS, (double) bytes));
        } catch (StatusRuntimeException e) {
            log.info("the store does not tell its size: {}", e.getStatus());
            return List.of();
        }
    }
}
