package io.keelson.dist.up;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.metrics.MetricsServerCommand;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * A cluster's metrics server. It begins beside the other parts: there is much for it to do before it serves, and it waits for none
 * of them.
 */
final class MetricsPart implements AutoCloseable {
    private final FutureTask<CommandPart> begun;
    private final Thread thread;

    private MetricsPart(KubernetesClient client, List<String> flags) {
        begun = new FutureTask<>(() -> {
            ClusterObjects.apply(client, "metrics.yaml");
            return CommandPart.start(Part.METRICS_SERVER.title(), MetricsServerCommand::new, flags);
        });
        thread = Thread.ofVirtual().name("metrics").unstarted(begun);
    }

    /** Begins to give it its rights, and then to run it; returns at once. */
    static MetricsPart start(KubernetesClient client, List<String> flags) {
        MetricsPart part = new MetricsPart(client, flags);
        part.thread.start();
        return part;
    }

    /**
     * Waits until it runs, and what it registers is served.
     *
     * @throws IOException if it cannot be run, or does not serve in time
     */
    void awaitServed(KubernetesClient client) throws IOException, InterruptedException {
        try {
            var _ = begun.get();
        } catch (ExecutionException e) {
            String why = e.getCause() instanceof Exception cause ? Reason.of(cause) : String.valueOf(e.getCause());
            throw new IOException("the metrics server does not begin: " + why, e);
        }
        Steps.await("the metrics are not served", () -> MachineNode.servesMetrics(client));
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            // Whoever is told to end twice leaves it to the end of the process.
            Thread.currentThread().interrupt();
        }
        if (begun.state() == Future.State.SUCCESS) {
            begun.resultNow().close();
        }
    }
}
