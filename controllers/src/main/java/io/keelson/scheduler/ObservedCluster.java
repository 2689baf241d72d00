package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.state.Amounts;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what the API's watches tell into the {@link ClusterState}, and says what that means for pods that wait. Telling the
 * same twice changes nothing and means nothing. Owned by the thread that owns the state.
 */
final class ObservedCluster {
    private static final Logger LOG = LoggerFactory.getLogger(ObservedCluster.class);

    private final ClusterState state;
    private final Consumer<ClusterEvent> events;
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();
    private int lowestPriority = Integer.MAX_VALUE;

    /** @param events are told after the state has them */
    ObservedCluster(ClusterState state, Consumer<ClusterEvent> events) {
        this.state = state;
        this.events = events;
    }

    void node(Change<Node> change) {
        Node now = change.now();
        String name = change.object().getMetadata().getName();
        NodeState known = state.node(name);
        if (now == null) {
            if (known != null) {
                state.removeNode(name);
                events.accept(ClusterEvent.of(Kind.NODE_DELETED, known));
            }
            return;
        }
        if (known == null) {
            state.setNode(now);
            tellOfNode(Kind.NODE_ADDED, name);
            return;
        }
        Amounts allocatable = known.allocatable();
        Map<String, String> labels = known.labels();
        List<Taint> taints = known.taints();
        boolean unschedulable = known.unschedulable();
        List<String> features = known.declaredFeatures();
        state.setNode(now);
        if (!allocatable.equals(known.allocatable())) {
            tellOfNode(Kind.NODE_ALLOCATABLE, name);
        }
        if (!labels.equals(known.labels())) {
            tellOfNode(Kind.NODE_LABELS, name);
        }
        if (unschedulable != known.unschedulable() || !taints.equals(known.taints())) {
            tellOfNode(Kind.NODE_TAINTS, name);
        }
        if (!features.equals(known.declaredFeatures())) {
            tellOfNode(Kind.NODE_FEATURES, name);
        }
    }

    private void tellOfNode(Kind kind, String name) {
        events.accept(ClusterEvent.of(kind, Objects.requireNonNull(state.node(name), "the node was set")));
    }

    void namespace(Change<Namespace> change) {
        String name = change.object().getMetadata().getName();
        Namespace now = change.now();
        if (now == null) {
            namespaces.remove(name);
            state.removeNamespace(name);
            return;
        }
        Map<String, String> labels = OrEmpty.of(now.getMetadata().getLabels());
        if (!labels.equals(namespaces.put(name, labels))) {
            state.setNamespace(name, labels);
            events.accept(ClusterEvent.of(Kind.NAMESPACE_LABELS, change));
        }
    }

    /**
     * The API says that a pod is on a node.
     *
     * @param assumed whether it was assumed to be on one, and nobody was told
     */
    void assigned(Pod pod, boolean assumed) {
        String uid = pod.getMetadata().getUid();
        String node = Pods.node(pod);
        PodInfo known = state.pod(uid);
        if (known != null && !node.equals(state.nodeOf(uid))) {
            // Somebody else bound it.
            left(uid);
            known = null;
        }
        PodInfo same = known != null && !assumed && isSameToOthers(known.pod(), pod) ? known : null;
        if (same != null && PodInfo.runsOnTheSame(same.pod(), pod)) {
            return;
        }
        PodInfo read = counted(pod);
        if (read == null) {
            left(uid);
            return;
        }
        lowestPriority = Math.min(lowestPriority, read.priority());
        state.put(read, node);
        if (same != null && read.requests().equals(same.requests())) {
            return;
        }
        Kind kind = known == null || assumed ? Kind.POD_ASSIGNED : Kind.POD_CHANGED;
        events.accept(ClusterEvent.of(kind, read, state.node(node)));
    }

    private static boolean isSameToOthers(Pod one, Pod other) {
        return OrEmpty.of(one.getMetadata().getLabels())
                        .equals(OrEmpty.of(other.getMetadata().getLabels()))
                && Pods.isTerminating(one) == Pods.isTerminating(other)
                && one.getSpec().equals(other.getSpec());
    }

    /** A pod as it counts for others; one that says things that mean nothing takes its room all the same. */
    private @Nullable PodInfo counted(Pod pod) {
        try {
            return PodInfo.of(pod, state.table());
        } catch (RuntimeException e) {
            LOG.warn(
                    "the affinity of pod {} is not looked at: {}",
                    pod.getMetadata().getName(),
                    e.getMessage());
        }
        try {
            return PodInfo.of(
                    new PodBuilder(pod)
                            .editSpec()
                            .withAffinity(null)
                            .withTopologySpreadConstraints(List.of())
                            .endSpec()
                            .build(),
                    state.table());
        } catch (RuntimeException e) {
            LOG.warn("pod {} is not counted: {}", pod.getMetadata().getName(), e.getMessage());
            return null;
        }
    }

    /** A pod is assumed to be on a node. */
    void assumed(PodInfo pod, String node) {
        lowestPriority = Math.min(lowestPriority, pod.priority());
        state.put(pod, node);
    }

    /** A pod is not to be on a node for which it was assumed, before anybody was told of it. */
    void forgotten(String uid) {
        state.remove(uid);
    }

    /** The least priority that any pod on a node has had so far. */
    int lowestPriority() {
        return lowestPriority;
    }

    /** A pod is on no node any more. */
    void left(String uid) {
        PodInfo was = state.pod(uid);
        String node = state.nodeOf(uid);
        if (was == null || node == null) {
            return;
        }
        state.remove(uid);
        events.accept(ClusterEvent.of(Kind.POD_LEFT, was, state.node(node)));
    }
}
