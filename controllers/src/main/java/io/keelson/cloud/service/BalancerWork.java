package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.LoadBalancers;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Events;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

/** What is done for a Service, told in events as it goes. */
final class BalancerWork {
    private static final String NO_NODES = "There are no available nodes for LoadBalancer";

    private final String cluster;
    private final LoadBalancers balancers;
    private final ServiceWriter writer;
    private final Events events;
    private final ServiceMetrics metrics;
    private final InstantSource clock;

    BalancerWork(
            String cluster,
            LoadBalancers balancers,
            ServiceWriter writer,
            Events events,
            ServiceMetrics metrics,
            InstantSource clock) {
        this.cluster = cluster;
        this.balancers = balancers;
        this.writer = writer;
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Tells of what differs. */
    void tell(Service service, Difference difference) {
        if (difference.reason() != null) {
            events.normal(service, difference.reason(), difference.message());
        }
    }

    /** Tells that it did not go well. */
    void failed(Service service, String message) {
        events.warning(service, "SyncLoadBalancerFailed", "Error syncing load balancer: " + message);
    }

    /** The finalizer first, then the load balancer, then its addresses. */
    void ensure(Service service, Backends backends) {
        events.normal(service, "EnsuringLoadBalancer", "Ensuring load balancer");
        Service held = withWords("failed to add load balancer cleanup finalizer", () -> writer.addFinalizer(service));
        if (backends.nodes().isEmpty()) {
            events.warning(service, "UnAvailableLoadBalancer", NO_NODES);
        }
        metrics.synced();
        LoadBalancerStatus status =
                withWords("failed to ensure load balancer", () -> balancers.ensure(cluster, held, backends.nodes()));
        events.normal(service, "EnsuredLoadBalancer", "Ensured load balancer");
        Service _ = status(held, status);
    }

    private Service status(Service service, LoadBalancerStatus status) {
        try {
            return writer.status(service, status);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                // A Service that is gone has no status.
                return service;
            }
            throw worded("failed to update load balancer status", e);
        }
    }

    /** Takes the load balancer away, if there is one, and lets the Service go. */
    void cleanUp(Service service) {
        boolean exists = withWords(
                "failed to check if load balancer exists before cleanup",
                () -> balancers.find(cluster, service).isPresent());
        if (exists) {
            events.normal(service, "DeletingLoadBalancer", "Deleting load balancer");
            boolean _ = withWords("failed to delete load balancer", () -> {
                balancers.delete(cluster, service);
                return true;
            });
        }
        Service held = service;
        if (service.getMetadata().getDeletionTimestamp() == null) {
            // While the finalizer still says that something is to be done.
            held = status(service, new LoadBalancerStatus());
        }
        try {
            Service _ = writer.removeFinalizer(held);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return;
            }
            throw worded("failed to remove load balancer cleanup finalizer", e);
        }
        events.normal(service, "DeletedLoadBalancer", "Deleted load balancer");
    }

    /**
     * Brings the load balancer to other nodes.
     *
     * @return false if that failed: then all of it is to be ensured
     */
    boolean update(Service service, Backends backends) {
        metrics.synced();
        Instant start = clock.instant();
        boolean whole = false;
        try {
            whole = updateNow(service, backends);
        } finally {
            Duration took = Duration.between(start, clock.instant());
            metrics.updated(took.isNegative() ? Duration.ZERO : took, whole);
        }
        return whole;
    }

    private boolean updateNow(Service service, Backends backends) {
        try {
            balancers.update(cluster, service, backends.nodes());
        } catch (CloudException e) {
            if (balancers.find(cluster, service).isEmpty()) {
                // The nodes are told when it is made.
                return true;
            }
            events.warning(
                    service,
                    "UpdateLoadBalancerFailed",
                    "Error updating load balancer with new hosts " + backends.names()
                            + " [node names limited, total number of nodes: "
                            + backends.nodes().size() + "], error: " + e.getMessage());
            return false;
        }
        if (backends.nodes().isEmpty()) {
            events.warning(service, "UnAvailableLoadBalancer", NO_NODES);
        } else {
            events.normal(service, "UpdatedLoadBalancer", "Updated load balancer with new hosts");
        }
        return true;
    }

    /** Takes the load balancer away that a Service had which is gone. */
    void deleteVanished(Service service) {
        events.normal(service, "DeletingLoadBalancer", "Deleting load balancer");
        try {
            balancers.delete(cluster, service);
        } catch (CloudException e) {
            events.warning(service, "DeleteLoadBalancerFailed", "Error deleting load balancer: " + e.getMessage());
            throw e;
        }
        events.normal(service, "DeletedLoadBalancer", "Deleted load balancer");
    }

    /** What fails says what it was about. */
    private static <T> T withWords(String words, Supplier<T> step) {
        try {
            return step.get();
        } catch (CloudException e) {
            throw new CloudException(words + ": " + e.getMessage(), e, e.retryAfter());
        } catch (KubernetesClientException e) {
            throw worded(words, e);
        }
    }

    /** A conflict stays one: the next try is on what there is then. */
    private static RuntimeException worded(String words, KubernetesClientException refusal) {
        return Refusals.isOutdated(refusal) || refusal.getStatus() == null
                ? refusal
                : new CloudException(words + ": " + Refusals.message(refusal), refusal);
    }
}
