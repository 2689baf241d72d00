package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Taints;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodCounts;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.SpreadConstraint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pods that spread over domains, the nodes with equal values of a label. A required constraint rules out a node in whose
 * domain there would be more than {@code maxSkew} pods above the domain that has fewest; others make it worth less the more
 * there are. Domains are those of the nodes that the pod could be on as far as the constraint's policies say, and that have
 * the labels of all constraints, if the constraints are not the system's defaults.
 */
public final class PodTopologySpread implements Filter, Score {
    private static final String NAME = "PodTopologySpread";
    private static final String HOSTNAME = "kubernetes.io/hostname";
    private static final List<Rejection> SKEWED =
            List.of(new Rejection(NAME, "node(s) didn't match pod topology spread constraints", true));
    private static final List<Rejection> WITHOUT_LABEL = List.of(new Rejection(
            NAME, "node(s) didn't match pod topology spread constraints (missing required label)", false));

    @Override
    public String name() {
        return NAME;
    }

    /** A constraint and how the pods it counts are spread. */
    private record Spread(SpreadConstraint constraint, Domains domains, int fewest, int self) {
        List<Rejection> test(NodeState node) {
            String domain = node.labels().get(constraint.topologyKey());
            if (domain == null) {
                return WITHOUT_LABEL;
            }
            return domains.pods().getOrDefault(domain, 0) + self - fewest > constraint.maxSkew() ? SKEWED : List.of();
        }
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        List<SpreadConstraint> required =
                pod.spread().stream().filter(SpreadConstraint::required).toList();
        if (required.isEmpty()) {
            return null;
        }
        List<Spread> spreads = new ArrayList<>();
        for (SpreadConstraint constraint : required) {
            Domains domains = domains(constraint, required, pod, cluster);
            spreads.add(new Spread(
                    constraint, domains, domains.fewest(constraint.minDomains()), constraint.countsSelf() ? 1 : 0));
        }
        return node -> {
            for (Spread spread : spreads) {
                List<Rejection> why = spread.test(node);
                if (!why.isEmpty()) {
                    return why;
                }
            }
            return List.of();
        };
    }

    /**
     * The domains that there are for a pod.
     *
     * @param pods how many are in each; domains without any need not be there
     * @param size how many domains there are
     */
    private record Domains(Map<String, Integer> pods, int size) {
        /** How many pods are in the domain that has fewest; 0 if there are not as many domains as there should be. */
        int fewest(int minDomains) {
            return size < minDomains || pods.size() < size
                    ? 0
                    : pods.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        }
    }

    private static Domains domains(
            SpreadConstraint constraint, List<SpreadConstraint> all, PodInfo pod, ClusterState cluster) {
        PodCounts counts = cluster.counts(constraint.pods());
        String key = constraint.topologyKey();
        if (!asksForNodes(constraint, pod) && labelsDoNotMatter(all, cluster)) {
            return constraint.honorsTaints()
                    ? withoutTainted(key, counts, pod, cluster)
                    : new Domains(
                            counts.byDomain(key, cluster.nodes()),
                            cluster.domains(key).size());
        }
        Map<String, Integer> domains = new HashMap<>();
        for (NodeState node : cluster.nodes()) {
            String domain = node.labels().get(key);
            if (domain != null && hasAllLabels(node, all) && counts(node, constraint, pod)) {
                domains.merge(domain, counts.on(node), Integer::sum);
            }
        }
        return new Domains(domains, domains.size());
    }

    /** What is counted of all nodes, less what is on nodes with taints that the pod does not tolerate: mostly few. */
    private static Domains withoutTainted(String key, PodCounts counts, PodInfo pod, ClusterState cluster) {
        Map<String, Integer> all = counts.byDomain(key, cluster.nodes());
        List<Toleration> tolerations = OrEmpty.of(pod.pod().getSpec().getTolerations());
        Map<String, Integer> nodesOut = new HashMap<>();
        Map<String, Integer> podsOut = new HashMap<>();
        for (NodeState node : cluster.nodes()) {
            if (isTolerated(node, tolerations)) {
                continue;
            }
            String domain = node.labels().get(key);
            if (domain != null) {
                nodesOut.merge(domain, 1, Integer::sum);
                int there = counts.on(node);
                if (there > 0) {
                    podsOut.merge(domain, there, Integer::sum);
                }
            }
        }
        Map<String, Integer> nodes = cluster.domains(key);
        int size = nodes.size();
        for (Map.Entry<String, Integer> out : nodesOut.entrySet()) {
            size -= out.getValue().equals(nodes.get(out.getKey())) ? 1 : 0;
        }
        if (podsOut.isEmpty()) {
            return new Domains(all, size);
        }
        Map<String, Integer> rest = new HashMap<>(all);
        podsOut.forEach((domain, there) ->
                rest.computeIfPresent(domain, (ignored, pods) -> pods.equals(there) ? null : pods - there));
        return new Domains(rest, size);
    }

    private static boolean isTolerated(NodeState node, List<Toleration> tolerations) {
        for (Taint taint : node.taints()) {
            if (!Taints.PREFER_NO_SCHEDULE.equals(taint.getEffect()) && !Taints.isTolerated(taint, tolerations)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a node that has one of the labels has all of them. */
    private static boolean labelsDoNotMatter(List<SpreadConstraint> all, ClusterState cluster) {
        return all.size() <= 1 || all.stream().allMatch(each -> cluster.isOnAllNodes(each.topologyKey()));
    }

    private static boolean asksForNodes(SpreadConstraint constraint, PodInfo pod) {
        return constraint.honorsNodeAffinity()
                && NodeAffinity.asksForNodes(pod.pod().getSpec());
    }

    private static boolean hasAllLabels(NodeState node, List<SpreadConstraint> constraints) {
        for (SpreadConstraint constraint : constraints) {
            if (!node.labels().containsKey(constraint.topologyKey())) {
                return false;
            }
        }
        return true;
    }

    private static boolean counts(NodeState node, SpreadConstraint constraint, PodInfo pod) {
        if (constraint.honorsNodeAffinity() && !NodeChoice.matches(pod.pod().getSpec(), node.name(), node.labels())) {
            return false;
        }
        return !constraint.honorsTaints()
                || isTolerated(node, OrEmpty.of(pod.pod().getSpec().getTolerations()));
    }

    /** A constraint that is no must, what a pod weighs, and how many are in each domain, by hostname on each node. */
    private record Wish(SpreadConstraint constraint, double weight, Map<String, Integer> domains, PodCounts counts) {
        double worth(NodeState node) {
            String key = constraint.topologyKey();
            String domain = node.labels().get(key);
            if (domain == null) {
                return 0;
            }
            int pods = key.equals(HOSTNAME) ? counts.on(node) : domains.getOrDefault(domain, 0);
            return pods * weight + (constraint.maxSkew() - 1);
        }
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        List<SpreadConstraint> wanted =
                pod.spread().stream().filter(each -> !each.required()).toList();
        if (wanted.isEmpty()) {
            return null;
        }
        // What a node has to have to be compared, and for its pods to be counted.
        List<SpreadConstraint> needed = pod.spreadsLeniently() ? List.of() : wanted;
        List<NodeState> compared =
                candidates.stream().filter(node -> hasAllLabels(node, needed)).toList();
        List<Wish> wishes = new ArrayList<>();
        for (SpreadConstraint constraint : wanted) {
            Set<String> among = new HashSet<>();
            for (NodeState node : compared) {
                among.add(OrEmpty.of(node.labels().get(constraint.topologyKey())));
            }
            int size = constraint.topologyKey().equals(HOSTNAME) ? compared.size() : among.size();
            wishes.add(new Wish(
                    constraint,
                    Math.log(size + 2.0),
                    constraint.topologyKey().equals(HOSTNAME)
                            ? Map.of()
                            : domains(constraint, needed, pod, cluster).pods(),
                    cluster.counts(constraint.pods())));
        }
        return new Rating() {
            @Override
            public long rate(NodeState node) {
                if (!hasAllLabels(node, needed)) {
                    return IGNORED;
                }
                double sum = 0;
                for (Wish wish : wishes) {
                    sum += wish.worth(node);
                }
                return Math.round(sum);
            }

            @Override
            public void normalize(long[] worths) {
                fewestIsBest(worths);
            }
        };
    }

    /** What a node counts for that lacks a label: it is worth nothing, and the others are not compared with it. */
    private static final long IGNORED = -1;

    private static void fewestIsBest(long[] worths) {
        long least = Long.MAX_VALUE;
        long most = 0;
        for (long worth : worths) {
            if (worth != IGNORED) {
                least = Math.min(least, worth);
                most = Math.max(most, worth);
            }
        }
        for (int i = 0; i < worths.length; i++) {
            if (worths[i] == IGNORED) {
                worths[i] = 0;
            } else {
                worths[i] = most == 0 ? BEST : BEST * (most + least - worths[i]) / most;
            }
        }
    }
}
