package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.VolumeNodeAffinity;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.volumebinder.VolumeMatch;
import io.keelson.scheduler.state.NodeState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The free volumes that fit a claim, the best first, found by node. Volumes that are disks of single nodes, as many as there
 * are nodes or more, are not looked through for each node: those that ask for a host name are found by it.
 */
final class FreeVolumes {
    private static final String HOSTNAME = "kubernetes.io/hostname";

    private final Map<String, List<Ranked>> byHostname = new HashMap<>();
    private final List<Ranked> elsewhere = new ArrayList<>();

    /** @param rank the less the better */
    private record Ranked(int rank, PersistentVolume volume) {}

    /** @param volumes the best first */
    FreeVolumes(List<PersistentVolume> volumes) {
        for (int rank = 0; rank < volumes.size(); rank++) {
            Ranked ranked = new Ranked(rank, volumes.get(rank));
            Set<String> hosts = hostnames(ranked.volume());
            if (hosts == null) {
                elsewhere.add(ranked);
            } else {
                hosts.forEach(host -> byHostname
                        .computeIfAbsent(host, ignored -> new ArrayList<>())
                        .add(ranked));
            }
        }
    }

    /** The host names of which a node must have one to reach a volume; null if others may reach it. */
    private static @Nullable Set<String> hostnames(PersistentVolume volume) {
        VolumeNodeAffinity affinity = volume.getSpec().getNodeAffinity();
        if (affinity == null || affinity.getRequired() == null) {
            return null;
        }
        Set<String> any = new LinkedHashSet<>();
        for (NodeSelectorTerm term : OrEmpty.of(affinity.getRequired().getNodeSelectorTerms())) {
            List<String> named = hostnames(term);
            if (named == null) {
                return null;
            }
            any.addAll(named);
        }
        return any;
    }

    private static @Nullable List<String> hostnames(NodeSelectorTerm term) {
        for (NodeSelectorRequirement requirement : OrEmpty.of(term.getMatchExpressions())) {
            if (HOSTNAME.equals(requirement.getKey()) && "In".equals(requirement.getOperator())) {
                return OrEmpty.of(requirement.getValues());
            }
        }
        return null;
    }

    /**
     * The best that a node reaches.
     *
     * @param taken names of volumes that are not free any more
     * @return null if there is none
     */
    @Nullable
    PersistentVolume best(NodeState node, Set<String> taken) {
        String hostname = OrEmpty.of(node.labels().get(HOSTNAME));
        Ranked own = best(byHostname.getOrDefault(hostname, List.of()), node, taken);
        Ranked other = best(elsewhere, node, taken);
        if (own == null || other == null) {
            return own != null ? own.volume() : other == null ? null : other.volume();
        }
        return own.rank() < other.rank() ? own.volume() : other.volume();
    }

    private static @Nullable Ranked best(List<Ranked> volumes, NodeState node, Set<String> taken) {
        for (Ranked each : volumes) {
            if (!taken.contains(each.volume().getMetadata().getName())
                    && VolumeMatch.isReachable(each.volume(), node.name(), node.labels())) {
                return each;
            }
        }
        return null;
    }
}
