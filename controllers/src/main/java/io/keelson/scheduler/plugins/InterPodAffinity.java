package io.keelson.scheduler.plugins;

import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.AffinityTerm;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.ClusterState.TermKind;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.PodMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pods that must or would be near others, or apart from them; near is the same value of a label of nodes. What pods on nodes
 * ask for counts for the new one as well: none of them may come to be near a pod that it must be apart from.
 */
public final class InterPodAffinity implements Filter, Score {
    private static final String NAME = "InterPodAffinity";
    private static final List<Rejection> NOT_NEAR =
            List.of(new Rejection(NAME, "node(s) didn't match pod affinity rules", false));
    private static final List<Rejection> NOT_APART =
            List.of(new Rejection(NAME, "node(s) didn't match pod anti-affinity rules", true));
    private static final List<Rejection> OTHERS_NOT_APART =
            List.of(new Rejection(NAME, "node(s) didn't satisfy existing pods anti-affinity rules", true));

    private final int hardAffinityWeight;
    private final boolean onlyOwnWishes;

    /** @param hardAffinityWeight what a pod that must be near the new one counts for, from 0 to 100; 1 by default */
    public InterPodAffinity(int hardAffinityWeight) {
        this(hardAffinityWeight, false);
    }

    /** The same; with {@code onlyOwnWishes} nodes are compared only for pods that prefer some themselves. */
    public InterPodAffinity(int hardAffinityWeight, boolean onlyOwnWishes) {
        this.hardAffinityWeight = hardAffinityWeight;
        this.onlyOwnWishes = onlyOwnWishes;
    }

    /** How many pods are in each domain of a label, and what each counts for. */
    private record Domains(String topologyKey, Map<String, Integer> pods, long weight) {
        int near(NodeState node) {
            String domain = node.labels().get(topologyKey);
            return domain == null ? 0 : pods.getOrDefault(domain, 0);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        List<Domains> near = near(pod, cluster);
        List<Domains> apart = new ArrayList<>();
        for (AffinityTerm term : pod.antiAffinity()) {
            apart.add(domains(term, term.pods(), cluster));
        }
        List<Domains> othersApart = new ArrayList<>();
        cluster.forEachHolder(
                TermKind.ANTI_AFFINITY,
                pod,
                (term, holders) -> othersApart.add(
                        new Domains(term.topologyKey(), holders.byDomain(term.topologyKey(), cluster.nodes()), 1)));
        if (near.isEmpty() && apart.isEmpty() && othersApart.isEmpty()) {
            return null;
        }
        boolean isFirst = isFirstOfItsKind(pod, near, cluster);
        return node -> {
            for (Domains each : near) {
                String domain = node.labels().get(each.topologyKey());
                if (domain == null || (!isFirst && !each.pods().containsKey(domain))) {
                    return NOT_NEAR;
                }
            }
            for (Domains each : apart) {
                if (each.near(node) > 0) {
                    return NOT_APART;
                }
            }
            for (Domains each : othersApart) {
                if (each.near(node) > 0) {
                    return OTHERS_NOT_APART;
                }
            }
            return List.of();
        };
    }

    private static Domains domains(AffinityTerm term, PodMatcher pods, ClusterState cluster) {
        return new Domains(
                term.topologyKey(), cluster.counts(pods).byDomain(term.topologyKey(), cluster.nodes()), term.weight());
    }

    /** A pod counts as near only if it is what all terms mean. */
    private static List<Domains> near(PodInfo pod, ClusterState cluster) {
        PodMatcher all = all(pod);
        List<Domains> near = new ArrayList<>();
        if (all != null) {
            for (AffinityTerm term : pod.affinity()) {
                near.add(domains(term, all, cluster));
            }
        }
        return near;
    }

    private static @Nullable PodMatcher all(PodInfo pod) {
        PodMatcher all = null;
        for (AffinityTerm term : pod.affinity()) {
            all = all == null ? term.pods() : all.and(term.pods());
        }
        return all;
    }

    /** The first of pods that must be near each other could never be put anywhere if it had to be near another one. */
    private static boolean isFirstOfItsKind(PodInfo pod, List<Domains> near, ClusterState cluster) {
        PodMatcher all = all(pod);
        return all != null && near.stream().allMatch(each -> each.pods().isEmpty()) && cluster.matches(all, pod);
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        if (onlyOwnWishes
                && pod.preferredAffinity().isEmpty()
                && pod.preferredAntiAffinity().isEmpty()) {
            return null;
        }
        List<Domains> wishes = new ArrayList<>();
        for (AffinityTerm term : pod.preferredAffinity()) {
            wishes.add(domains(term, term.pods(), cluster));
        }
        for (AffinityTerm term : pod.preferredAntiAffinity()) {
            Domains unwanted = domains(term, term.pods(), cluster);
            wishes.add(new Domains(unwanted.topologyKey(), unwanted.pods(), -unwanted.weight()));
        }
        others(pod, cluster, TermKind.AFFINITY, wishes);
        others(pod, cluster, TermKind.PREFERRED_AFFINITY, wishes);
        others(pod, cluster, TermKind.PREFERRED_ANTI_AFFINITY, wishes);
        if (wishes.isEmpty()) {
            return null;
        }
        return new Rating() {
            @Override
            public long rate(NodeState node) {
                long sum = 0;
                for (Domains each : wishes) {
                    sum += each.weight() * each.near(node);
                }
                return sum;
            }

            @Override
            public void normalize(long[] worths) {
                spread(worths);
            }
        };
    }

    /** What pods that are on nodes would have of the new one. */
    private void others(PodInfo pod, ClusterState cluster, TermKind kind, List<Domains> wishes) {
        cluster.forEachHolder(kind, pod, (term, holders) -> {
            long weight = switch (kind) {
                case AFFINITY -> hardAffinityWeight;
                case PREFERRED_AFFINITY -> term.weight();
                case PREFERRED_ANTI_AFFINITY -> -term.weight();
                case ANTI_AFFINITY -> 0;
            };
            if (weight != 0) {
                wishes.add(
                        new Domains(term.topologyKey(), holders.byDomain(term.topologyKey(), cluster.nodes()), weight));
            }
        });
    }

    /** The least becomes 0, the most {@link #BEST}; all 0 if they are equal. */
    private static void spread(long[] worths) {
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (long worth : worths) {
            least = Math.min(least, worth);
            most = Math.max(most, worth);
        }
        for (int i = 0; i < worths.length; i++) {
            worths[i] = most == least ? 0 : (long) (BEST * ((double) (worths[i] - least) / (most - least)));
        }
    }
}
