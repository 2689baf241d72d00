package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerRestartRule;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pod that uses a feature which nodes may be too old for goes only where the node declares that feature, in its status.
 *
 * <p>Of the features that nodes of Kubernetes 1.36 declare, two are needed by what a pod says from the start; the others are
 * needed by changes to a pod that is on a node already, and are a matter of admission.
 */
public final class NodeDeclaredFeatures implements Filter {
    /** As profiles call it, and the feature gate that switches it. */
    public static final String NAME = "NodeDeclaredFeatures";

    private static final String RESTART_ALL = "RestartAllContainersOnContainerExits";
    private static final String USERS_ON_HOST_NETWORK = "UserNamespacesHostNetworkSupport";
    private static final List<Rejection> LACKING =
            List.of(new Rejection(NAME, "node(s) didn't match Pod's required features", false));

    private final boolean enabled;

    /** @param enabled whether it looks at anything at all */
    public NodeDeclaredFeatures(boolean enabled) {
        this.enabled = enabled;
    }

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
        if (!enabled) {
            return null;
        }
        List<String> needed = needed(pod.pod().getSpec());
        return needed.isEmpty() ? null : node -> node.declaredFeatures().containsAll(needed) ? List.of() : LACKING;
    }

    private static List<String> needed(PodSpec spec) {
        boolean restartsAll = restartAll(spec.getContainers()) || restartAll(spec.getInitContainers());
        boolean hasUsersOnHostNetwork = OrEmpty.of(spec.getHostNetwork()) && Boolean.FALSE.equals(spec.getHostUsers());
        if (!restartsAll && !hasUsersOnHostNetwork) {
            return List.of();
        }
        List<String> needed = new ArrayList<>();
        if (restartsAll) {
            needed.add(RESTART_ALL);
        }
        if (hasUsersOnHostNetwork) {
            needed.add(USERS_ON_HOST_NETWORK);
        }
        return needed;
    }

    private static boolean restartAll(@Nullable List<Container> containers) {
        for (Container container : OrEmpty.of(containers)) {
            for (ContainerRestartRule rule : OrEmpty.of(container.getRestartPolicyRules())) {
                if ("RestartAllContainers".equals(rule.getAction())) {
                    return true;
                }
            }
        }
        return false;
    }
}
