package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Taints;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node is out if it has a taint that forbids and that the pod does not tolerate, and worth less for one that discourages. */
public final class TaintToleration implements Filter, Score {
    private static final String NAME = "TaintToleration";
    private static final List<Rejection> UNTOLERATED =
            List.of(new Rejection(NAME, "node(s) had untolerated taint(s)", false));

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean looksOnlyAtNode() {
        return true;
    }

    @Override
    public Test prepare(PodInfo pod, ClusterState cluster) {
        List<Toleration> tolerations = OrEmpty.of(pod.pod().getSpec().getTolerations());
        return node -> {
            for (Taint taint : node.taints()) {
                if (!Taints.PREFER_NO_SCHEDULE.equals(taint.getEffect()) && !Taints.isTolerated(taint, tolerations)) {
                    return UNTOLERATED;
                }
            }
            return List.of();
        };
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        // Only tolerations that mean discouraging taints count.
        List<Toleration> tolerations = OrEmpty.of(pod.pod().getSpec().getTolerations()).stream()
                .filter(toleration -> {
                    String effect = OrEmpty.of(toleration.getEffect());
                    return effect.isEmpty() || effect.equals(Taints.PREFER_NO_SCHEDULE);
                })
                .toList();
        return new Rating() {
            @Override
            public long rate(NodeState node) {
                long discouraging = 0;
                for (Taint taint : node.taints()) {
                    if (Taints.PREFER_NO_SCHEDULE.equals(taint.getEffect())
                            && !Taints.isTolerated(taint, tolerations)) {
                        discouraging++;
                    }
                }
                return discouraging;
            }

            @Override
            public void normalize(long[] worths) {
                Rating.scale(worths, true);
            }
        };
    }
}
