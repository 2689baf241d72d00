package io.keelson.controllers.nodeipam;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.WorkQueue;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code node-ipam-controller}. A node's ranges are decided once, under its uid: when the same node is looked at again, as
 * the answer to the write was lost or the cache is late, they are the same.
 */
public final class NodeIpamController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(NodeIpamController.class);
    private static final int WORKERS = 30;

    private final KubernetesClient client;
    private final Events events;
    private final Cache<Node> nodes;
    private final WorkQueue<Key> queue;
    private final Allocations allocations;
    /** Nodes for which there was none; they are looked at again when one is freed. */
    private final Set<Key> starving = ConcurrentHashMap.newKeySet();

    private boolean complete;

    private NodeIpamController(Allocations allocations, Context context, Setup setup) {
        this.allocations = allocations;
        client = context.client();
        events = context.events().from("cidrAllocator");
        queue = setup.queue();
        nodes = setup.watch(Node.class, this::learn);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor(NodeIpamSettings settings) {
        return new ControllerDescriptor(
                "node-ipam-controller",
                WORKERS,
                (context, setup) -> new NodeIpamController(
                        new Allocations(settings, new RangeFigures(setup.metrics())::of), context, setup));
    }

    private List<Key> learn(Change<Node> change) {
        Node before = change.before();
        Node now = change.now();
        if (before != null && (now == null || !uid(before).equals(uid(now)))) {
            release(before);
        }
        if (now == null) {
            starving.remove(Key.of(change.object()));
            return List.of();
        }
        learn(now);
        return ranges(now).isEmpty() ? List.of(Key.of(now)) : List.of();
    }

    private static String uid(Node node) {
        return node.getMetadata().getUid();
    }

    private void learn(Node node) {
        List<String> texts = ranges(node);
        if (texts.isEmpty()) {
            return;
        }
        List<Cidr> ranges = new ArrayList<>();
        for (String text : texts) {
            try {
                ranges.add(Cidr.parse(text));
            } catch (IllegalArgumentException e) {
                LOG.warn("node {} has {}", node.getMetadata().getName(), e.getMessage());
            }
        }
        allocations.learn(uid(node), ranges);
    }

    private static List<String> ranges(Node node) {
        if (node.getSpec() == null) {
            return List.of();
        }
        List<String> ranges = OrEmpty.of(node.getSpec().getPodCIDRs());
        String only = OrEmpty.of(node.getSpec().getPodCIDR());
        return ranges.isEmpty() && !only.isEmpty() ? List.of(only) : ranges;
    }

    private void release(Node node) {
        if (allocations.release(uid(node))) {
            for (Key waiting : List.copyOf(starving)) {
                starving.remove(waiting);
                queue.add(waiting);
            }
        }
    }

    /** Learns of all nodes that were there before this loop: what one of them has must not be given to another. */
    private synchronized void complete() {
        if (!complete) {
            nodes.all().forEach(this::learn);
            complete = true;
        }
    }

    @Override
    public Outcome reconcile(Key key) {
        complete();
        Node node = nodes.get(key);
        if (node == null || !ranges(node).isEmpty() || node.getMetadata().getDeletionTimestamp() != null) {
            starving.remove(key);
            return Outcome.done();
        }
        // Before the attempt: what is freed between the two wakes it up.
        starving.add(key);
        List<Cidr> ranges = allocations.allocate(uid(node));
        if (ranges == null) {
            tell(node, "CIDRNotAvailable");
            return Outcome.done();
        }
        starving.remove(key);
        write(node, ranges.stream().map(Cidr::toString).toList());
        return Outcome.done();
    }

    private void write(Node node, List<String> ranges) {
        Map<String, Object> patch = Map.of(
                "metadata", Map.of("uid", uid(node)),
                "spec", Map.of("podCIDR", ranges.getFirst(), "podCIDRs", ranges));
        try {
            Patch.of(client, node).merge(patch);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                release(node);
                return;
            }
            tell(node, "CIDRAssignmentFailed");
            Node still = nodes.get(Key.of(node));
            boolean gone = still == null || !uid(still).equals(uid(node));
            if (gone || (e.getCode() >= 400 && e.getCode() < 500)) {
                // It was refused, or nobody is left to hear of it. If the outcome is not known, the ranges stay with
                // the node.
                release(node);
            }
            throw e;
        }
    }

    private void tell(Node node, String status) {
        events.normal(node, status, "Node " + node.getMetadata().getName() + " status is now: " + status);
    }
}
