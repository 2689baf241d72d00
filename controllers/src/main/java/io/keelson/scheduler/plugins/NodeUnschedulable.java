package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.controllers.objects.Taints;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node that is cordoned takes only pods that tolerate the taint that says so. */
public final class NodeUnschedulable implements Filter {
    private static final String NAME = "NodeUnschedulable";
    private static final List<Rejection> CORDONED = List.of(new Rejection(NAME, "node(s) were unschedulable", false));
    private static final Taint TAINT = new TaintBuilder()
            .withKey("node.kubernetes.io/unschedulable")
            .withEffect(Taints.NO_SCHEDULE)
            .build();

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
        return Taints.isTolerated(TAINT, pod.pod().getSpec().getTolerations())
                ? null
                : node -> node.unschedulable() ? CORDONED : List.of();
    }
}
