package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.PodsOnNodes;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code node-lifecycle-controller}. A key without a namespace is a node, one with a namespace a pod. */
public final class NodeLifecycleController implements Controller {
    private static final int WORKERS = 8;
    private static final Duration BETWEEN_EVICTIONS = Duration.ofMillis(100);

    private final Cache<Node> nodes;
    private final Cache<Pod> pods;
    private final NodeWriter writer;
    private final LostPods lostPods;

    private NodeLifecycleController(NodeLifecycleSettings settings, Context context, Setup setup) {
        Events events = context.events().from("node-controller");
        Time time = context.time();
        nodes = setup.watch(Node.class);
        pods = setup.watch(Pod.class, NodeLifecycleController::arrival);
        Cache<Lease> leases = setup.read(Lease.class);
        PodsOnNodes podsOnNodes = new PodsOnNodes(pods);
        writer = new NodeWriter(context.client(), time);
        lostPods = new LostPods(context.client(), events, time);
        NodeMetrics metrics = new NodeMetrics(setup.metrics());
        Evictions evictions = new Evictions(nodes, writer, time, settings.evictionRate(), metrics);
        NodeMonitor monitor = new NodeMonitor(
                settings,
                context.client(),
                events,
                time,
                nodes,
                leases,
                podsOnNodes,
                writer,
                evictions,
                lostPods,
                metrics);
        setup.every(settings.monitorPeriod(), monitor::run);
        setup.every(BETWEEN_EVICTIONS, evictions::pass);
    }

    /** The controller with the original's settings. */
    public static ControllerDescriptor descriptor() {
        return descriptor(NodeLifecycleSettings.DEFAULT);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor(NodeLifecycleSettings settings) {
        return new ControllerDescriptor(
                "node-lifecycle-controller",
                WORKERS,
                (context, setup) -> new NodeLifecycleController(settings, context, setup));
    }

    /** A pod that has come to a node; what happens to it there is the node's affair. */
    private static List<Key> arrival(Change<Pod> change) {
        @Nullable Pod before = change.before();
        @Nullable Pod now = change.now();
        if (now == null
                || Pods.node(now).isEmpty()
                || (before != null && Pods.node(before).equals(Pods.node(now)))) {
            return List.of();
        }
        return List.of(Key.of(now));
    }

    @Override
    public Outcome reconcile(Key key) {
        if (key.namespace().isEmpty()) {
            Node node = nodes.get(key);
            if (node != null) {
                writer.write(node, ConditionTaints.change(node), BetaLabels.missing(node));
            }
            return Outcome.done();
        }
        Pod pod = pods.get(key);
        Node node = pod == null ? null : nodes.get("", Pods.node(pod));
        if (pod != null && node != null) {
            String ready = NodeConditions.status(node, NodeConditions.READY);
            if (ready != null && !NodeConditions.TRUE.equals(ready)) {
                lostPods.mark(List.of(pod));
            }
        }
        return Outcome.done();
    }
}
