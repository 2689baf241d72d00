package io.keelson.controllers.podgc;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which pods go, and why. */
final class Sweep {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
    private static final Set<String> NOT_ENDED = Set.of("Pending", "Running", "Unknown");

    private Sweep() {}

    /** Why a pod goes. */
    enum Reason {
        /** It ended, and too many have. */
        TERMINATED("terminated"),
        /** It is being deleted on a node that cannot do it any more. */
        OUT_OF_SERVICE("out-of-service"),
        /** Its node is gone. */
        ORPHANED("orphaned"),
        /** It is being deleted, and no node has it that could do it. */
        UNSCHEDULED("unscheduled");

        private final String word;

        Reason(String word) {
            this.word = word;
        }

        /** As metrics have it. */
        String word() {
            return word;
        }
    }

    /** A pod that goes. */
    record Going(Pod pod, Reason reason) {}

    /** The names of nodes that pods are on and that are not there. */
    static Set<String> missingNodes(Collection<Pod> pods, Map<String, Node> nodes) {
        Set<String> missing = new HashSet<>();
        for (Pod pod : pods) {
            String node = Pods.node(pod);
            if (!node.isEmpty() && !nodes.containsKey(node)) {
                missing.add(node);
            }
        }
        return missing;
    }

    /**
     * The pods that go, each once.
     *
     * @param gone nodes that are known not to be there
     * @param terminatedMax how many that ended stay; 0 or less for all
     */
    static List<Going> of(Collection<Pod> pods, Map<String, Node> nodes, Set<String> gone, int terminatedMax) {
        List<Going> going = new ArrayList<>();
        List<Pod> terminated = new ArrayList<>();
        for (Pod pod : pods) {
            String name = Pods.node(pod);
            Node node = nodes.get(name);
            if (gone.contains(name)) {
                going.add(new Going(pod, Reason.ORPHANED));
            } else if (Pods.isTerminating(pod) && name.isEmpty()) {
                going.add(new Going(pod, Reason.UNSCHEDULED));
            } else if (Pods.isTerminating(pod) && node != null && isOutOfService(node)) {
                going.add(new Going(pod, Reason.OUT_OF_SERVICE));
            } else if (hasEnded(pod)) {
                terminated.add(pod);
            }
        }
        int tooMany = terminatedMax <= 0 ? 0 : terminated.size() - terminatedMax;
        if (tooMany > 0) {
            terminated.sort(FIRST_TO_GO);
            terminated.subList(0, tooMany).forEach(pod -> going.add(new Going(pod, Reason.TERMINATED)));
        }
        return going;
    }

    /** Those that were evicted, then the oldest. */
    private static final Comparator<Pod> FIRST_TO_GO = Comparator.comparing((Pod pod) -> !isEvicted(pod))
            .thenComparing(pod -> OrEmpty.of(pod.getMetadata().getCreationTimestamp()))
            .thenComparing(pod -> pod.getMetadata().getName());

    private static boolean isEvicted(Pod pod) {
        return pod.getStatus() != null && "Evicted".equals(pod.getStatus().getReason());
    }

    private static boolean hasEnded(Pod pod) {
        String phase = Pods.phase(pod);
        return !phase.isEmpty() && !NOT_ENDED.contains(phase);
    }

    private static boolean isOutOfService(Node node) {
        boolean tainted = node.getSpec() != null
                && OrEmpty.of(node.getSpec().getTaints()).stream()
                        .anyMatch(taint -> OUT_OF_SERVICE.equals(taint.getKey()));
        return tainted && !isReady(node);
    }

    private static boolean isReady(Node node) {
        if (node.getStatus() != null) {
            for (NodeCondition condition : OrEmpty.of(node.getStatus().getConditions())) {
                if ("Ready".equals(condition.getType())) {
                    return "True".equals(condition.getStatus());
                }
            }
        }
        return false;
    }
}
