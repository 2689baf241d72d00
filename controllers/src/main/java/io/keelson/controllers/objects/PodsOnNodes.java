package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.runtime.Cache;
import java.util.List;

/** The pods of a cache by the node that they are on. */
public final class PodsOnNodes {
    private static final String INDEX = "spec.nodeName";

    private final Cache<Pod> pods;

    /** Indexes a cache, before the caches start. */
    public PodsOnNodes(Cache<Pod> pods) {
        this.pods = pods;
        pods.index(INDEX, PodsOnNodes::nodes);
    }

    private static List<String> nodes(Pod pod) {
        String node = Pods.node(pod);
        return node.isEmpty() ? List.of() : List.of(node);
    }

    /** The pods on a node, those that have ended included. */
    public List<Pod> of(String node) {
        return pods.indexed(INDEX, node);
    }
}
