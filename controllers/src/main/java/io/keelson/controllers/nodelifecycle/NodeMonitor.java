package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodsOnNodes;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all nodes from time to time. One run at a time; within it several nodes are looked at at once, as a look that
 * finds a node lost writes.
 */
final class NodeMonitor {
    private static final Logger LOG = LoggerFactory.getLogger(NodeMonitor.class);
    private static final String LEASES = "kube-node-lease";
    private static final int AT_ONCE = 8;
    private static final int TRIES = 5;

    private final NodeLifecycleSettings settings;
    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<Node> nodes;
    private final Cache<Lease> leases;
    private final PodsOnNodes pods;
    private final NodeWriter writer;
    private final Evictions evictions;
    private final LostPods lostPods;
    private final Disruption disruption;
    private final NodeMetrics metrics;

    /** By name; as many as there are nodes. */
    private final Map<String, NodeHealth> health = new ConcurrentHashMap<>();
    /** The nodes of the last look. */
    private Map<String, Node> known = Map.of();
    /** Nodes that were lost and whose pods are not all marked. */
    private final Set<String> unmarked = ConcurrentHashMap.newKeySet();

    /** What a look at a node found: null as the status if it does not say, even after a look. */
    private record Seen(Node node, @Nullable String ready) {}

    NodeMonitor(
            NodeLifecycleSettings settings,
            KubernetesClient client,
            Events events,
            Time time,
            Cache<Node> nodes,
            Cache<Lease> leases,
            PodsOnNodes pods,
            NodeWriter writer,
            Evictions evictions,
            LostPods lostPods,
            NodeMetrics metrics) {
        this.metrics = metrics;
        this.settings = settings;
        this.client = client;
        this.events = events;
        this.time = time;
        this.nodes = nodes;
        this.leases = leases;
        this.pods = pods;
        this.writer = writer;
        this.evictions = evictions;
        this.lostPods = lostPods;
        disruption = new Disruption(settings);
    }

    /** Looks at all nodes. */
    void run() throws InterruptedException {
        List<Node> all = nodes.all();
        comeAndGo(all);
        long begin = System.nanoTime();
        List<Seen> seen = look(all);
        Map<String, Disruption.Count> zones = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (Seen each : seen) {
            names.add(Zones.of(each.node()));
            // One that has not told of itself is one more that is not ready.
            if (Zones.counts(each.node())) {
                zones.merge(
                        Zones.of(each.node()),
                        new Disruption.Count(0, 0).plus(NodeConditions.TRUE.equals(each.ready())),
                        (one, other) ->
                                new Disruption.Count(one.ready() + other.ready(), one.notReady() + other.notReady()));
            }
        }
        metrics.zones(zones);
        metrics.lookedAtAll(Duration.ofNanos(System.nanoTime() - begin));
        decide(seen, disruption.update(zones), names);
    }

    private void comeAndGo(List<Node> all) {
        Map<String, Node> now = new HashMap<>();
        for (Node node : all) {
            String name = node.getMetadata().getName();
            now.put(name, node);
            if (!known.containsKey(name)) {
                tell(node, "RegisteredNode", "Registered Node " + name + " in Controller");
            }
        }
        for (Node node : known.values()) {
            String name = node.getMetadata().getName();
            if (!now.containsKey(name)) {
                tell(node, "RemovingNode", "Removing Node " + name + " from Controller");
                health.remove(name);
                unmarked.remove(name);
                evictions.forget(name);
            }
        }
        known = now;
    }

    private void tell(Node node, String reason, String text) {
        events.normal(node, reason, "Node " + node.getMetadata().getName() + " event: " + text);
    }

    private List<Seen> look(List<Node> all) throws InterruptedException {
        List<Seen> seen = new ArrayList<>();
        List<Future<@Nullable Seen>> looks = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            for (Node node : all) {
                looks.add(threads.submit(() -> timed(node)));
            }
            for (Future<@Nullable Seen> look : looks) {
                try {
                    Seen one = look.get();
                    if (one != null) {
                        seen.add(one);
                    }
                } catch (ExecutionException e) {
                    // The next period looks again.
                    LOG.warn("a node is not looked after", e.getCause());
                }
            }
        } catch (InterruptedException e) {
            looks.forEach(look -> look.cancel(true));
            throw e;
        }
        return seen;
    }

    private @Nullable Seen timed(Node node) {
        long begin = System.nanoTime();
        try {
            return look(node);
        } finally {
            metrics.looked(Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    /** Null if it is gone. */
    private @Nullable Seen look(Node cached) {
        Node node = cached;
        for (int tries = 1; ; tries++) {
            try {
                return examine(node);
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                    return null;
                }
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || tries == TRIES) {
                    // It counts as what it was; the next period tries again.
                    LOG.warn(
                            "the state of node {} is not written: {}",
                            node.getMetadata().getName(),
                            e.getMessage());
                    return new Seen(cached, NodeConditions.status(cached, NodeConditions.READY));
                }
                Node fresh = writer.fresh(node);
                if (fresh == null) {
                    return null;
                }
                node = fresh;
            }
        }
    }

    /** Says in a node's place that it is lost, if it is; marks its pods then. */
    private Seen examine(Node node) {
        String name = node.getMetadata().getName();
        Instant now = time.steady();
        Instant clock = time.instant();
        NodeHealth seen = health.compute(
                name, (ignored, before) -> NodeHealth.observe(before, node, leases.get(LEASES, name), now, clock));
        String before = NodeConditions.status(node, NodeConditions.READY);
        Duration grace = before == null ? settings.startupGracePeriod() : settings.gracePeriod();
        Node current = node;
        if (seen.isLost(grace, now)) {
            List<NodeCondition> conditions = LostContact.conditions(node, clock);
            if (!conditions.equals(NodeConditions.of(node))) {
                current = client.resource(new NodeBuilder(node)
                                .editOrNewStatus()
                                .withConditions(conditions)
                                .endStatus()
                                .build())
                        .updateStatus();
            }
        }
        String ready = NodeConditions.status(current, NodeConditions.READY);
        if (ready != null) {
            markPods(current, NodeConditions.TRUE.equals(before), NodeConditions.TRUE.equals(ready));
        }
        return new Seen(current, ready);
    }

    private void markPods(Node node, boolean wasReady, boolean isReady) {
        String name = node.getMetadata().getName();
        if (isReady) {
            unmarked.remove(name);
            return;
        }
        if (wasReady) {
            events.normal(node, "NodeNotReady", "Node " + name + " status is now: NodeNotReady");
            unmarked.add(name);
        }
        if (unmarked.contains(name)) {
            try {
                lostPods.mark(pods.of(name));
                unmarked.remove(name);
            } catch (KubernetesClientException e) {
                LOG.warn("pods of node {} are not marked, tried again: {}", name, e.getMessage());
            }
        }
    }

    private void decide(List<Seen> seen, Disruption.Decision decision, Set<String> zones) {
        if (decision.afresh()) {
            Instant now = time.steady();
            health.replaceAll((name, each) -> each.heardAt(now));
        }
        evictions.rates(decision.rates(), zones);
        for (Seen each : seen) {
            try {
                String ready = OrEmpty.of(each.ready());
                if (decision.spare() || ready.equals(NodeConditions.TRUE)) {
                    evictions.spare(each.node());
                } else if (Evictions.changesReason(each.node(), ready)) {
                    evictions.taint(each.node(), ready);
                } else if (!ready.isEmpty()) {
                    evictions.add(each.node(), ready);
                }
            } catch (KubernetesClientException e) {
                LOG.warn(
                        "node {} is not tainted as it is to be: {}",
                        each.node().getMetadata().getName(),
                        e.getMessage());
            }
        }
    }
}
