package io.keelson.scheduler.plugins;

import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.HostPort;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two pods cannot take the same port of a node. */
public final class NodePorts implements Filter {
    private static final String NAME = "NodePorts";
    private static final List<Rejection> TAKEN =
            List.of(new Rejection(NAME, "node(s) didn't have free ports for the requested pod ports", true));

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
        List<HostPort> wanted = pod.ports();
        if (wanted.isEmpty()) {
            return null;
        }
        return node -> {
            for (HostPort taken : node.ports()) {
                for (HostPort port : wanted) {
                    if (port.conflictsWith(taken)) {
                        return TAKEN;
                    }
                }
            }
            return List.of();
        };
    }
}
