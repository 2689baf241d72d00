package io.keelson.scheduler.state;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Shows what would be if some pods of a node were not there. Who ends it finds everything as it was. Owned by the thread that
 * owns the {@link ClusterState}.
 */
public abstract sealed class Trial implements AutoCloseable {
    private Trial() {}

    /**
     * On a copy of the node, for rules that look at no pods but its own: neither maps of the whole cluster nor counts are
     * touched, which is what most of a trial in the cluster takes.
     */
    public static Trial onCopy(NodeState node) {
        return new OnCopy(node.copy());
    }

    /** In the cluster itself, for rules that look at pods anywhere. */
    public static Trial inCluster(NodeState node, ClusterState cluster) {
        return new InCluster(node.name(), cluster);
    }

    /** The node as it would be, to be asked for anew when pods have left or come back. */
    public abstract NodeState node();

    /** A pod is not there. */
    public abstract void leave(PodInfo pod);

    /** A pod that has left is there after all. */
    public abstract void comeBack(PodInfo pod);

    @Override
    public abstract void close();

    private static final class OnCopy extends Trial {
        private final NodeState node;

        OnCopy(NodeState node) {
            this.node = node;
        }

        @Override
        public NodeState node() {
            return node;
        }

        @Override
        public void leave(PodInfo pod) {
            node.remove(pod);
        }

        @Override
        public void comeBack(PodInfo pod) {
            node.add(pod);
        }

        @Override
        public void close() {}
    }

    private static final class InCluster extends Trial {
        private final String node;
        private final ClusterState cluster;
        private final Map<String, PodInfo> away = new LinkedHashMap<>();

        InCluster(String node, ClusterState cluster) {
            this.node = node;
            this.cluster = cluster;
        }

        @Override
        public NodeState node() {
            return Objects.requireNonNull(cluster.node(node), "no node goes while this looks");
        }

        @Override
        public void leave(PodInfo pod) {
            away.put(pod.uid(), pod);
            cluster.remove(pod.uid());
        }

        @Override
        public void comeBack(PodInfo pod) {
            away.remove(pod.uid());
            cluster.put(pod, node);
        }

        @Override
        public void close() {
            away.values().forEach(pod -> cluster.put(pod, node));
            away.clear();
        }
    }
}
