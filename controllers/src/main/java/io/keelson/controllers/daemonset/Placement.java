package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Taints;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where pods of a daemon set are to be. */
final class Placement {
    private final PodSpec template;
    private final List<Toleration> tolerations;

    /** What is to be of the pod of a set on a node. */
    enum Verdict {
        /** A pod is to run there. */
        RUNS,
        /** None is to be put there, but one that is there stays: a taint keeps only new ones away. */
        STAYS,
        /** None is to be there. */
        GOES
    }

    Placement(DaemonSet set) {
        PodSpec spec = set.getSpec().getTemplate().getSpec();
        this.template = spec == null ? new PodSpec() : spec;
        this.tolerations = DaemonPods.tolerations(spec);
    }

    /** The verdict on a node. */
    Verdict on(Node node) {
        String name = OrEmpty.of(template.getNodeName());
        if ((!name.isEmpty() && !name.equals(node.getMetadata().getName())) || !NodeChoice.matches(template, node)) {
            return Verdict.GOES;
        }
        boolean runs = true;
        for (Taint taint : node.getSpec() == null
                ? List.<Taint>of()
                : OrEmpty.of(node.getSpec().getTaints())) {
            boolean keepsAway = Taints.NO_SCHEDULE.equals(taint.getEffect());
            boolean drivesOut = Taints.NO_EXECUTE.equals(taint.getEffect());
            if ((keepsAway || drivesOut) && !Taints.isTolerated(taint, tolerations)) {
                if (drivesOut) {
                    return Verdict.GOES;
                }
                runs = false;
            }
        }
        return runs ? Verdict.RUNS : Verdict.STAYS;
    }

    /** The verdicts on nodes, by their names. */
    Map<String, Verdict> on(Collection<Node> nodes) {
        Map<String, Verdict> verdicts = LinkedHashMap.newLinkedHashMap(nodes.size());
        nodes.forEach(node -> verdicts.put(node.getMetadata().getName(), on(node)));
        return verdicts;
    }
}
