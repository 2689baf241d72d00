package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.Time;

/** Hollow nodes and what runs on them, from {@link #start} until they are closed. Then they fall silent, like machines. */
public final class HollowCluster implements AutoCloseable {
    private final NodePlayer nodes;
    private final PodPlayer pods;
    private final VolumePlayer volumes;
    private final ResourceMetrics metrics;

    /** A cluster that does nothing yet. The client and the clock stay the caller's. */
    public HollowCluster(HollowSettings settings, KubernetesClient client, Time time) {
        this(settings, client, time, false);
    }

    /**
     * A cluster that does nothing yet.
     *
     * @param measured whether somebody will ask for its {@link #metrics}
     */
    public HollowCluster(HollowSettings settings, KubernetesClient client, Time time, boolean measured) {
        Pace pace = new Pace(settings.writesPerSecond());
        nodes = new NodePlayer(settings, client, time, pace);
        pods = new PodPlayer(settings.rules(), nodes, client, time, pace, measured);
        volumes = new VolumePlayer(nodes, client, time, pace);
        metrics = new ResourceMetrics(pods::measure, nodes::alive, time);
    }

    /** What {@code metrics.k8s.io} says of these nodes and pods. */
    public AggregatedApi.Answers metrics() {
        return metrics;
    }

    /**
     * Begins to register nodes and to play pods, and returns when the pods and volumes that are there are known.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException if they cannot be read
     */
    public void start() throws InterruptedException {
        nodes.start();
        pods.start();
        volumes.start();
    }

    /** How many nodes are registered so far. */
    public int registeredNodes() {
        return nodes.registered();
    }

    /** How many pods are on these nodes and have not ended. */
    public int activePods() {
        return pods.size();
    }

    /** Whether nothing is to be done now: all that nodes and pods wait for is that time passes. */
    public boolean resting() {
        return nodes.resting() && pods.resting() && volumes.resting();
    }

    /** Ends, after the calls that are under way. Nodes, Leases and pods stay as they are. */
    @Override
    public void close() {
        volumes.close();
        pods.close();
        nodes.close();
    }
}
