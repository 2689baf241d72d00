package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The pods of a daemon set: what they are made of, which node they are for, which revision they are of. */
final class DaemonPods {
    /** Holds the hash of the revision that a pod was made from. */
    static final String HASH_LABEL = "controller-revision-hash";

    private static final String GENERATION_LABEL = "pod-template-generation";
    private static final String GENERATION_ANNOTATION = "deprecated.daemonset.template.generation";
    private static final String NODE_NAME_FIELD = "metadata.name";

    /** Pods that are on a node first, then the older, then by name. */
    static final Comparator<Pod> OLDEST_FIRST = Comparator.<Pod, Boolean>comparing(
                    pod -> Pods.node(pod).isEmpty())
            .thenComparing(pod -> OrEmpty.of(pod.getMetadata().getCreationTimestamp()))
            .thenComparing(pod -> pod.getMetadata().getName());

    private DaemonPods() {}

    /** What pods of a set tolerate: what its template says, and what comes over a node that is to keep its daemons. */
    static List<Toleration> tolerations(@Nullable PodSpec template) {
        List<Toleration> tolerations =
                new ArrayList<>(template == null ? List.of() : OrEmpty.of(template.getTolerations()));
        tolerate(tolerations, "not-ready", "NoExecute");
        tolerate(tolerations, "unreachable", "NoExecute");
        tolerate(tolerations, "disk-pressure", "NoSchedule");
        tolerate(tolerations, "memory-pressure", "NoSchedule");
        tolerate(tolerations, "pid-pressure", "NoSchedule");
        tolerate(tolerations, "unschedulable", "NoSchedule");
        if (template != null && OrEmpty.of(template.getHostNetwork())) {
            tolerate(tolerations, "network-unavailable", "NoSchedule");
        }
        return tolerations;
    }

    private static void tolerate(List<Toleration> tolerations, String condition, String effect) {
        Toleration wanted = new TolerationBuilder()
                .withKey("node.kubernetes.io/" + condition)
                .withOperator("Exists")
                .withEffect(effect)
                .build();
        for (int i = 0; i < tolerations.size(); i++) {
            if (differsAtMostInTime(tolerations.get(i), wanted)) {
                tolerations.set(i, wanted);
                return;
            }
        }
        tolerations.add(wanted);
    }

    private static boolean differsAtMostInTime(Toleration one, Toleration other) {
        return Objects.equals(one.getKey(), other.getKey())
                && Objects.equals(one.getEffect(), other.getEffect())
                && Objects.equals(one.getOperator(), other.getOperator())
                && OrEmpty.of(one.getValue()).equals(OrEmpty.of(other.getValue()));
    }

    /** The pod of a set for a node, to be created. */
    static Pod forNode(DaemonSet set, String hash, String node) {
        Pod pod = PodCreation.fromTemplate(set.getSpec().getTemplate(), set);
        PodBuilder made = new PodBuilder(pod)
                .editMetadata()
                .addToLabels(HASH_LABEL, hash)
                .endMetadata()
                .editOrNewSpec()
                .withTolerations(tolerations(pod.getSpec()))
                .withAffinity(
                        pinned(pod.getSpec() == null ? null : pod.getSpec().getAffinity(), node))
                .endSpec();
        String generation = generation(set);
        if (generation != null) {
            made.editMetadata().addToLabels(GENERATION_LABEL, generation).endMetadata();
        }
        return made.build();
    }

    /** An affinity that asks for one node, whatever nodes it asked for: it asked for this one too. */
    private static Affinity pinned(@Nullable Affinity affinity, String node) {
        NodeSelectorTerm term = new NodeSelectorTerm();
        term.setMatchFields(List.of(new NodeSelectorRequirement(NODE_NAME_FIELD, "In", List.of(node))));
        return (affinity == null ? new Affinity() : affinity)
                .edit()
                .editOrNewNodeAffinity()
                .withRequiredDuringSchedulingIgnoredDuringExecution(new NodeSelector(List.of(term)))
                .endNodeAffinity()
                .build();
    }

    /** The node that a pod is on or is for; null if it is for none in particular. */
    static @Nullable String nodeOf(Pod pod) {
        String node = Pods.node(pod);
        if (!node.isEmpty()) {
            return node;
        }
        Affinity affinity = pod.getSpec() == null ? null : pod.getSpec().getAffinity();
        NodeSelector required = affinity == null || affinity.getNodeAffinity() == null
                ? null
                : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        if (required == null) {
            return null;
        }
        for (NodeSelectorTerm term : OrEmpty.of(required.getNodeSelectorTerms())) {
            for (NodeSelectorRequirement field : OrEmpty.of(term.getMatchFields())) {
                if (NODE_NAME_FIELD.equals(field.getKey()) && "In".equals(field.getOperator())) {
                    List<String> names = OrEmpty.of(field.getValues());
                    return names.size() == 1 ? names.getFirst() : null;
                }
            }
        }
        return null;
    }

    /** Pods by the node that they are for; without those that have ended and are on their way out. Nodes are in order. */
    static Map<String, List<Pod>> byNode(List<Pod> pods) {
        Map<String, List<Pod>> byNode = new TreeMap<>();
        for (Pod pod : pods) {
            String node = nodeOf(pod);
            if (node != null && !(Pods.isTerminal(pod) && Pods.isTerminating(pod))) {
                byNode.computeIfAbsent(node, ignored -> new ArrayList<>()).add(pod);
            }
        }
        byNode.values().forEach(ofNode -> ofNode.sort(OLDEST_FIRST));
        return byNode;
    }

    /** The hash of the revision that a pod was made from; empty if it does not say. */
    static String hashOf(Pod pod) {
        return OrEmpty.of(OrEmpty.of(pod.getMetadata().getLabels()).get(HASH_LABEL));
    }

    /** Whether a pod is what its set says. */
    static boolean isUpdated(DaemonSet set, Pod pod, String hash) {
        String generation = generation(set);
        return (generation != null
                        && generation.equals(
                                OrEmpty.of(pod.getMetadata().getLabels()).get(GENERATION_LABEL)))
                || (!hash.isEmpty() && hash.equals(hashOf(pod)));
    }

    /** The number of its template that an early API gave a set; null if it has none. */
    private static @Nullable String generation(DaemonSet set) {
        String text = OrEmpty.of(set.getMetadata().getAnnotations()).get(GENERATION_ANNOTATION);
        if (text == null) {
            return null;
        }
        try {
            return Long.toString(Long.parseLong(text));
        } catch (NumberFormatException e) {
            // The hash says it as well.
            return null;
        }
    }
}
