package io.keelson.scheduler.preemption;

import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.Trial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Looks for a node on which a pod could run if less important ones were not there. On each node that it tries, all less
 * important pods are taken away; if the pod fits then, as many as possible are spared, those first whose disruption a budget
 * forbids, and of these and of the others the more important ones first. Who is left has to go.
 *
 * <p>In a large cluster it stops when it has found a tenth of the nodes, but at least 100, beginning anywhere.
 */
public final class DefaultPreemption {
    private static final String NAME = "DefaultPreemption";
    private static final int CANDIDATES_MIN = 100;
    private static final int PERCENT_MIN = 10;
    private static final List<Rejection> NOT_HELPFUL =
            List.of(new Rejection(NAME, "Preemption is not helpful for scheduling", false));
    private static final List<Rejection> NO_VICTIMS =
            List.of(new Rejection(NAME, "No preemption victims found for incoming pod", false));

    private static final Budgets NO_BUDGETS = new Budgets(List.of());

    private final List<Filter> filters;
    private final RandomGenerator random;
    private final int percentMin;
    private final int candidatesMin;

    /** What came of it. */
    public sealed interface Result {
        /**
         * Room can be made.
         *
         * @param candidates where, the smallest loss first; one at least
         */
        record Found(List<Candidate> candidates) implements Result {
            /** The smallest loss. */
            public Candidate candidate() {
                return candidates.getFirst();
            }
        }

        /** It would not help; the message is what users read after why the pod is not scheduled. */
        record Nothing(String message) implements Result {}
    }

    /** Makes room for what filters rejected. */
    public DefaultPreemption(List<Filter> filters, RandomGenerator random) {
        this(filters, random, PERCENT_MIN, CANDIDATES_MIN);
    }

    /**
     * The same.
     *
     * @param percentMin on how many of the nodes on which it could help it is tried, in percent
     * @param candidatesMin but on so many at least
     */
    public DefaultPreemption(List<Filter> filters, RandomGenerator random, int percentMin, int candidatesMin) {
        this.filters = List.copyOf(filters);
        this.random = random;
        this.percentMin = percentMin;
        this.candidatesMin = candidatesMin;
    }

    /**
     * Looks for room for a pod.
     *
     * @param why why no node can take it
     * @param lowestPriority the least that a pod on any node may have: whom nobody is less important than need not look
     * @param read reads the budgets, if they are asked for
     * @return on which node, or why on none
     */
    public Result find(
            PodInfo pod, Decision.Impossible why, ClusterState cluster, int lowestPriority, Supplier<Budgets> read) {
        if ("Never".equals(pod.pod().getSpec().getPreemptionPolicy())) {
            return new Result.Nothing("preemption: not eligible due to preemptionPolicy=Never.");
        }
        Map<NodeState, List<Rejection>> reasons = new LinkedHashMap<>();
        List<NodeState> potential = new ArrayList<>();
        why.rejections().forEach((node, rejections) -> {
            if (areResolvable(rejections)) {
                potential.add(node);
            } else {
                reasons.put(node, NOT_HELPFUL);
            }
        });
        if (pod.priority() <= lowestPriority) {
            potential.forEach(node -> reasons.put(node, NO_VICTIMS));
            potential.clear();
        }
        Budgets budgets = potential.isEmpty() ? NO_BUDGETS : read.get();
        int enough = Math.max(candidatesMin, (int) ((long) potential.size() * percentMin / 100));
        int first = potential.isEmpty() ? 0 : random.nextInt(potential.size());
        List<Candidate> candidates = new ArrayList<>();
        Rules rules = potential.isEmpty() ? new Rules(List.of(), List.of()) : rules(pod, cluster);
        for (int i = 0; i < potential.size() && candidates.size() < enough; i++) {
            NodeState node = potential.get((first + i) % potential.size());
            List<Rejection> still = tryOn(node, pod, cluster, budgets, rules, candidates);
            if (!still.isEmpty()) {
                reasons.put(node, still);
            }
        }
        // Of equals the first that was found comes first.
        candidates.sort(Candidate.BY_LOSS);
        return candidates.isEmpty()
                ? new Result.Nothing("preemption: " + new Decision.Impossible(reasons).message())
                : new Result.Found(candidates);
    }

    private static boolean areResolvable(List<Rejection> rejections) {
        for (Rejection each : rejections) {
            if (!each.resolvable()) {
                return false;
            }
        }
        return true;
    }

    /** Adds a candidate, or says why the node is none. */
    private List<Rejection> tryOn(
            NodeState node,
            PodInfo pod,
            ClusterState cluster,
            Budgets budgets,
            Rules rules,
            List<Candidate> candidates) {
        List<PodInfo> lesser = new ArrayList<>();
        for (PodInfo other : node.pods()) {
            if (other.priority() < pod.priority()) {
                lesser.add(other);
            }
        }
        if (lesser.isEmpty()) {
            return NO_VICTIMS;
        }
        boolean looksElsewhere = !rules.others().isEmpty();
        try (Trial trial = looksElsewhere ? Trial.inCluster(node, cluster) : Trial.onCopy(node)) {
            lesser.forEach(trial::leave);
            List<Rejection> still = reject(trial.node(), pod, cluster, rules);
            if (!still.isEmpty()) {
                return still;
            }
            List<PodInfo> ranked = Candidate.byImportance(lesser);
            Set<String> violating = budgets.violatedBy(ranked);
            List<PodInfo> victims = new ArrayList<>();
            int violations = 0;
            for (boolean isProtected : new boolean[] {true, false}) {
                for (PodInfo other : ranked) {
                    if (violating.contains(other.uid()) != isProtected) {
                        continue;
                    }
                    trial.comeBack(other);
                    if (!reject(trial.node(), pod, cluster, rules).isEmpty()) {
                        trial.leave(other);
                        victims.add(other);
                        violations += isProtected ? 1 : 0;
                    }
                }
            }
            if (victims.isEmpty()) {
                return NO_VICTIMS;
            }
            candidates.add(new Candidate(node, victims, violations));
            return List.of();
        }
    }

    /**
     * The filters that have something to say of a pod.
     *
     * @param ofNode the tests of those that look at no pods but the node's: they are good for the whole search
     * @param others those that look at pods elsewhere: they are asked anew when pods have come or gone
     */
    private record Rules(List<Filter.Test> ofNode, List<Filter> others) {}

    /** A filter that has nothing to say of a pod while all others are there has nothing to say when some are away, either. */
    private Rules rules(PodInfo pod, ClusterState cluster) {
        List<Filter.Test> ofNode = new ArrayList<>();
        List<Filter> others = new ArrayList<>();
        for (Filter filter : filters) {
            Filter.Test test = filter.prepare(pod, cluster);
            if (test != null && filter.looksOnlyAtNode()) {
                ofNode.add(test);
            } else if (test != null) {
                others.add(filter);
            }
        }
        return new Rules(ofNode, others);
    }

    private static List<Rejection> reject(NodeState now, PodInfo pod, ClusterState cluster, Rules rules) {
        for (Filter.Test test : rules.ofNode()) {
            List<Rejection> why = test.test(now);
            if (!why.isEmpty()) {
                return why;
            }
        }
        for (Filter filter : rules.others()) {
            Filter.Test test = filter.prepare(pod, cluster);
            List<Rejection> why = test == null ? List.of() : test.test(now);
            if (!why.isEmpty()) {
                return why;
            }
        }
        return List.of();
    }
}
