package io.keelson.agent.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the lease by which the cluster knows that the node lives: four times in its duration, and soon again when that
 * failed. It belongs to the node's object as soon as there is one, and goes with it.
 */
public final class NodeLease implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);
    private static final String NAMESPACE = "kube-node-lease";
    private static final Duration RETRY_FIRST = Duration.ofMillis(200);
    private static final Duration RETRY_MAX = Duration.ofSeconds(7);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final String name;
    private final Duration duration;
    private final KubernetesClient client;
    private final Time time;
    private final Supplier<Optional<Node>> node;
    private final Repeating repeating;
    private int failures;

    /** @param node its object, once there is one */
    public NodeLease(NodeSettings settings, KubernetesClient client, Time time, Supplier<Optional<Node>> node) {
        name = settings.name();
        duration = settings.leaseDuration();
        this.client = client;
        this.time = time;
        this.node = node;
        repeating = new Repeating("node-lease", time, this::pause, this::renew);
    }

    /** Begins. */
    public void start() {
        repeating.start();
    }

    private Duration pause() {
        Duration every = duration.dividedBy(4);
        if (failures == 0) {
            return every;
        }
        Duration retry = RETRY_FIRST.multipliedBy(1L << Math.min(failures - 1, 10));
        Duration bounded = retry.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : retry;
        return bounded.compareTo(every) > 0 ? every : bounded;
    }

    private void renew() {
        failures++;
        try {
            try {
                var _ = Patch.of(client, Lease.class, new Key(NAMESPACE, name)).merge(lease());
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
                Lease created = client.getKubernetesSerialization().convertValue(lease(), Lease.class);
                var _ = client.resource(created).create();
            }
            failures = 0;
        } catch (KubernetesClientException e) {
            LOG.warn("Failed to update lease {}/{}, will retry: {}", NAMESPACE, name, e.getMessage());
        }
    }

    private Map<String, Object> lease() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", name);
        metadata.put("namespace", NAMESPACE);
        node.get()
                .ifPresent(owner -> metadata.put(
                        "ownerReferences",
                        List.of(Map.of(
                                "apiVersion",
                                "v1",
                                "kind",
                                "Node",
                                "name",
                                name,
                                "uid",
                                owner.getMetadata().getUid()))));
        Map<String, Object> lease = new LinkedHashMap<>();
        lease.put("apiVersion", "coordination.k8s.io/v1");
        lease.put("kind", "Lease");
        lease.put("metadata", metadata);
        lease.put(
                "spec",
                Map.of(
                        "holderIdentity", name,
                        "leaseDurationSeconds", duration.toSeconds(),
                        "renewTime", MICROS.format(time.instant())));
        return lease;
    }

    /** Ends; the lease runs out. */
    @Override
    public void close() {
        repeating.close();
    }
}
