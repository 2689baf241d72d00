package io.keelson.scheduler;

import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pods for which room is being made, and where. So that no other pod takes the room, they count as if they were on those
 * nodes; only when they are decided on themselves they are taken out of the state. A more important pod may make room by
 * having such a pod look elsewhere, as it may by having one deleted. Owned by the thread that owns the state.
 */
final class Nominations {
    private final ClusterState state;
    private final Map<String, String> nodes = new HashMap<>();
    private final Map<String, Set<String>> pods = new HashMap<>();

    Nominations(ClusterState state) {
        this.state = state;
    }

    /** Keeps room for a pod, and for no other version of it. */
    void hold(PodInfo pod, String node) {
        forget(pod.uid());
        nodes.put(pod.uid(), node);
        pods.computeIfAbsent(node, ignored -> new LinkedHashSet<>()).add(pod.uid());
        state.put(pod, node);
    }

    /** No room is kept for a pod on purpose; the state is left as it is. Where it was kept; null for nowhere. */
    @Nullable
    String forget(String uid) {
        String node = nodes.remove(uid);
        if (node != null) {
            pods.computeIfPresent(node, (ignored, there) -> {
                there.remove(uid);
                return there.isEmpty() ? null : there;
            });
        }
        return node;
    }

    /** Where room is kept for a pod; null for nowhere. */
    @Nullable
    String nodeOf(String uid) {
        return nodes.get(uid);
    }

    /** The uids of the pods for which room is kept on a node. */
    List<String> on(String node) {
        return new ArrayList<>(pods.getOrDefault(node, Set.of()));
    }
}
