package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Taints;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Time;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives nodes up: those that are not ready get a taint that makes their pods leave, as fast as the queue of their zone gives
 * them out; those that are ready lose it. Safe for any thread.
 */
final class Evictions {
    private static final Logger LOG = LoggerFactory.getLogger(Evictions.class);
    private static final Taint NOT_READY = TaintChange.taint(ConditionTaints.NOT_READY, Taints.NO_EXECUTE);
    private static final Taint UNREACHABLE = TaintChange.taint(ConditionTaints.UNREACHABLE, Taints.NO_EXECUTE);

    private final Cache<Node> nodes;
    private final NodeWriter writer;
    private final Time time;
    private final double rate;
    private final NodeMetrics metrics;
    private final Map<String, EvictionQueue> queues = new HashMap<>();

    Evictions(Cache<Node> nodes, NodeWriter writer, Time time, double rate, NodeMetrics metrics) {
        this.metrics = metrics;
        this.nodes = nodes;
        this.writer = writer;
        this.time = time;
        this.rate = rate;
    }

    /** The taint for a Ready condition of this status; none for one that is ready. */
    private static List<Taint> taints(String ready) {
        return switch (ready) {
            case NodeConditions.FALSE -> List.of(NOT_READY);
            case NodeConditions.UNKNOWN -> List.of(UNREACHABLE);
            default -> List.of();
        };
    }

    private static TaintChange change(String ready) {
        List<Taint> add = taints(ready);
        List<Taint> remove = new ArrayList<>(List.of(NOT_READY, UNREACHABLE));
        remove.removeAll(add);
        return new TaintChange(add, remove);
    }

    /** Whether a node that is given up already is to be given up for another reason: that needs no turn. */
    static boolean changesReason(Node node, String ready) {
        return switch (ready) {
            case NodeConditions.FALSE -> TaintChange.has(TaintChange.of(node), UNREACHABLE);
            case NodeConditions.UNKNOWN -> TaintChange.has(TaintChange.of(node), NOT_READY);
            default -> false;
        };
    }

    /** Taints a node at once, as its condition says. */
    void taint(Node node, String ready) {
        writer.taints(node, change(ready));
    }

    /** Takes a node as reachable: it waits no more, and has no such taint any more. */
    void spare(Node node) {
        forget(node.getMetadata().getName());
        writer.taints(node, change(NodeConditions.TRUE));
    }

    /** Gives a node up when it is its zone's turn. */
    synchronized void add(Node node, String ready) {
        boolean tainted = taints(ready).stream().allMatch(taint -> TaintChange.has(TaintChange.of(node), taint));
        queues.computeIfAbsent(Zones.of(node), zone -> new EvictionQueue(rate))
                .add(node.getMetadata().getName(), !tainted);
    }

    /** Forgets a node. */
    synchronized void forget(String node) {
        queues.values().forEach(queue -> queue.remove(node));
    }

    /** Changes the rates of zones; forgets the zones that have no node. */
    synchronized void rates(Map<String, Double> rates, Set<String> zones) {
        queues.entrySet()
                .removeIf(entry ->
                        !zones.contains(entry.getKey()) && entry.getValue().isEmpty());
        rates.forEach((zone, perSecond) -> queues.computeIfAbsent(zone, any -> new EvictionQueue(perSecond))
                .rate(perSecond, time.steady()));
    }

    private synchronized Map<String, String> due() {
        Instant now = time.steady();
        Map<String, String> due = new HashMap<>();
        queues.forEach((zone, queue) -> {
            for (String node = queue.poll(now); node != null; node = queue.poll(now)) {
                due.put(node, zone);
            }
        });
        return due;
    }

    private synchronized void giveBack(String zone, String node) {
        EvictionQueue queue = queues.get(zone);
        if (queue != null) {
            queue.giveBack(node);
        }
    }

    /** Taints the nodes whose turn it is. */
    void pass() {
        due().forEach((name, zone) -> {
            Node node = nodes.get("", name);
            if (node == null) {
                forget(name);
                return;
            }
            String ready = OrEmpty.of(NodeConditions.status(node, NodeConditions.READY));
            if (taints(ready).isEmpty()) {
                // It came back while it waited.
                return;
            }
            try {
                taint(node, ready);
                metrics.evicted(zone);
            } catch (RuntimeException e) {
                LOG.warn("node {} is not tainted, tried again: {}", name, e.getMessage());
                giveBack(zone, name);
            }
        });
    }
}
