package io.keelson.scheduler.plugins;

import io.keelson.controllers.objects.Pods;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pod that names its node goes there or nowhere. */
public final class NodeName implements Filter {
    private static final String NAME = "NodeName";
    private static final List<Rejection> ANOTHER =
            List.of(new Rejection(NAME, "node(s) didn't match the requested node name", false));

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean looksOnlyAtNode() {
        return true;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        String wanted = Pods.node(pod.pod());
        return wanted.isEmpty() ? null : node -> node.name().equals(wanted) ? List.of() : ANOTHER;
    }
}
