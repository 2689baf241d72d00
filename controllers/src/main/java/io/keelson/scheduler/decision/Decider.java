package io.keelson.scheduler.decision;

import io.keelson.scheduler.decision.DecisionWatch.Outcome;
import io.keelson.scheduler.decision.DecisionWatch.Step;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a node for a pod: among the nodes that pass all filters, the one whose scores, each times its weight, add up
 * to most; of several, any.
 *
 * <p>In a large cluster not all nodes are looked at: it stops when enough can take the pod to choose from, and the next
 * decision begins where this one stopped, so that all nodes have their turn. Enough is, as with kube-scheduler, 50 %
 * less one per 125 nodes, but at least 5 % and at least 100; and one if nothing says which is better. Beyond twice the
 * clusters that Kubernetes is made for this goes another way: 500 nodes, as many as with 10,000, are enough to choose from,
 * unless a part is asked for.
 */
public final class Decider {
    private static final int ENOUGH_MIN = 100;

    private static final int LARGEST = 10_000;

    /** In clusters larger than that; 5 % of it. */
    private static final int ENOUGH_BEYOND = 500;

    private static final int PERCENT_MIN = 5;

    /** For so many nodes of a decision that is looked at closely it is measured what each plugin takes. */
    private static final int CLOSELY_MAX = 32;

    private final List<Filter> filters;
    private final List<WeightedScore> scores;
    private final int percentage;
    private final RandomGenerator random;
    private final DecisionWatch watch;
    private int start;
    /** Whether the decision that goes on is looked at closely. */
    private boolean closely;

    /** A score and how much it counts. */
    public record WeightedScore(Score score, int weight) {}

    /**
     * Chooses by rules.
     *
     * @param percentage how many of the nodes that can take a pod are enough, in percent; 0 for what suits the cluster's size
     */
    public Decider(List<Filter> filters, List<WeightedScore> scores, int percentage, RandomGenerator random) {
        this(filters, scores, percentage, random, DecisionWatch.NOBODY);
    }

    /** The same, watched. */
    public Decider(
            List<Filter> filters,
            List<WeightedScore> scores,
            int percentage,
            RandomGenerator random,
            DecisionWatch watch) {
        this.watch = watch;
        this.filters = List.copyOf(filters);
        this.scores = List.copyOf(scores);
        this.percentage = percentage;
        this.random = random;
    }

    /** What came of looking at nodes, before they are compared. */
    public sealed interface Look {
        /**
         * Nodes that can take the pod.
         *
         * @param tried how many were looked at
         * @param rejections why those cannot that were looked at before the first that can
         */
        record Able(List<NodeState> nodes, int tried, Map<NodeState, List<Rejection>> rejections) implements Look {}

        /** None can. */
        record None(Decision.Impossible why) implements Look {}
    }

    /** Chooses a node for a pod. */
    public Decision decide(PodInfo pod, ClusterState cluster) {
        return switch (look(pod, cluster)) {
            case Look.None none -> none.why();
            case Look.Able able -> choose(pod, cluster, able, Map.of());
        };
    }

    /**
     * Looks for nodes that can take a pod: at one before all others, and if that can it is the only one.
     *
     * @param first where room was made for the pod, which would be lost if the pod went elsewhere; null for nowhere
     */
    public Look look(PodInfo pod, ClusterState cluster, @Nullable String first) {
        NodeState nominated = first == null ? null : cluster.node(first);
        if (nominated != null) {
            List<NodeState> able = stillAble(pod, cluster, List.of(nominated));
            if (!able.isEmpty()) {
                return new Look.Able(able, 1, Map.of());
            }
        }
        return look(pod, cluster);
    }

    /** Looks for nodes that can take a pod: for so many as are enough to choose from. */
    public Look look(PodInfo pod, ClusterState cluster) {
        if (cluster.nodes().isEmpty()) {
            return new Look.None(new Decision.Impossible(Map.of()));
        }
        closely = watch.looksClosely();
        long begin = System.nanoTime();
        Map<String, Set<String>> onlyNodes = new TreeMap<>();
        for (Filter filter : filters) {
            long asked = begin();
            Rejection everywhere = filter.rejectEverywhere(pod, cluster);
            if (everywhere != null) {
                if (closely) {
                    told(Step.PRE_FILTER, filter.name(), outcome(everywhere), asked);
                }
                watch.asked(Step.PRE_FILTER, filter.name(), 1);
                watch.took(Step.PRE_FILTER, outcome(everywhere), System.nanoTime() - begin);
                return new Look.None(Decision.Impossible.everywhere(cluster.nodes(), everywhere));
            }
            Set<String> names = filter.onlyNodes(pod);
            if (names != null) {
                onlyNodes.put(filter.name(), names);
            }
        }
        return onlyNodes.isEmpty()
                ? look(pod, cluster, cluster.nodes(), begin)
                : lookAmongFew(pod, cluster, onlyNodes, begin);
    }

    /** As the pods of a DaemonSet ask for, each for one node. */
    private Look lookAmongFew(PodInfo pod, ClusterState cluster, Map<String, Set<String>> onlyNodes, long begin) {
        Set<String> names = new LinkedHashSet<>();
        onlyNodes.values().forEach(names::addAll);
        onlyNodes.values().forEach(names::retainAll);
        List<NodeState> nodes = new ArrayList<>();
        for (String name : names) {
            NodeState node = cluster.node(name);
            if (node != null) {
                nodes.add(node);
            }
        }
        Look look =
                nodes.isEmpty() ? new Look.None(new Decision.Impossible(Map.of())) : look(pod, cluster, nodes, begin);
        if (!(look instanceof Look.None none)) {
            return look;
        }
        Map<NodeState, List<Rejection>> rejections =
                new LinkedHashMap<>(none.why().rejections());
        String reason = "node(s) didn't satisfy plugin(s) [" + String.join(" ", onlyNodes.keySet()) + "]";
        List<Rejection> others = onlyNodes.keySet().stream()
                .limit(1)
                .map(filter -> new Rejection(filter, reason, false))
                .toList();
        cluster.nodes().forEach(node -> rejections.putIfAbsent(node, others));
        return new Look.None(new Decision.Impossible(rejections));
    }

    /** @param begin when the decision began, by the clock that knows no time of day */
    private Look look(PodInfo pod, ClusterState cluster, List<NodeState> nodes, long begin) {
        int count = nodes.size();
        Tests tests = tests(pod, cluster);
        long prepared = System.nanoTime();
        watch.took(Step.PRE_FILTER, Outcome.DONE, prepared - begin);
        int enough = enough(count);
        List<NodeState> able = new ArrayList<>(Math.min(enough, count));
        List<List<Rejection>> whys = new ArrayList<>();
        int first = start % count;
        int tried = 0;
        while (tried < count && able.size() < enough) {
            NodeState node = nodes.get((first + tried) % count);
            tried++;
            List<Rejection> why = closely && tried <= CLOSELY_MAX ? tests.reject(node, watch) : tests.reject(node);
            if (why.isEmpty()) {
                able.add(node);
            } else if (able.isEmpty()) {
                // Needed only if none can.
                whys.add(why);
            }
        }
        start = (first + tried) % count;
        tests.tell(watch);
        watch.took(Step.FILTER, Outcome.DONE, System.nanoTime() - prepared);
        Map<NodeState, List<Rejection>> rejections = new Rejections(nodes, first, whys);
        return able.isEmpty()
                ? new Look.None(new Decision.Impossible(rejections))
                : new Look.Able(able, tried, rejections);
    }

    /** Those of some nodes that can take a pod now. */
    public List<NodeState> stillAble(PodInfo pod, ClusterState cluster, List<NodeState> nodes) {
        Tests tests = tests(pod, cluster);
        List<NodeState> able =
                nodes.stream().filter(node -> tests.reject(node).isEmpty()).toList();
        tests.tell(watch);
        return able;
    }

    /**
     * Chooses the best of nodes that can take a pod.
     *
     * @param extra what nodes are worth besides, by name
     */
    public Decision.Chosen choose(PodInfo pod, ClusterState cluster, Look.Able able, Map<String, Long> extra) {
        return new Decision.Chosen(
                best(pod, cluster, able.nodes(), extra),
                able.tried(),
                able.nodes().size());
    }

    private Tests tests(PodInfo pod, ClusterState cluster) {
        Tests tests = new Tests(filters.size());
        for (Filter filter : filters) {
            long begin = begin();
            Filter.Test test = filter.prepare(pod, cluster);
            if (closely) {
                told(Step.PRE_FILTER, filter.name(), test == null ? Outcome.SKIPPED : Outcome.DONE, begin);
            }
            if (test != null) {
                tests.add(filter.name(), test);
            }
        }
        return tests;
    }

    private long begin() {
        return closely ? System.nanoTime() : 0;
    }

    private void told(Step step, String plugin, Outcome outcome, long begin) {
        watch.executed(step, plugin, outcome, System.nanoTime() - begin);
    }

    private static Outcome outcome(Rejection rejection) {
        return rejection.resolvable() ? Outcome.REJECTED : Outcome.REJECTED_FOR_GOOD;
    }

    /** What filters ask of each node for a pod, in their order. */
    private static final class Tests {
        private final Filter.Test[] tests;
        private final String[] names;
        private final int[] asked;
        private int count;

        private Tests(int max) {
            tests = new Filter.Test[max];
            names = new String[max];
            asked = new int[max];
        }

        private void add(String name, Filter.Test test) {
            tests[count] = test;
            names[count++] = name;
        }

        /** Why a node cannot take the pod, by the first filter that says so; empty if it can. */
        private List<Rejection> reject(NodeState node) {
            for (int i = 0; i < count; i++) {
                asked[i]++;
                List<Rejection> why = tests[i].test(node);
                if (!why.isEmpty()) {
                    return why;
                }
            }
            return List.of();
        }

        /** The same, telling how long each takes. */
        private List<Rejection> reject(NodeState node, DecisionWatch watch) {
            for (int i = 0; i < count; i++) {
                asked[i]++;
                long begin = System.nanoTime();
                List<Rejection> why = tests[i].test(node);
                Outcome outcome = why.isEmpty() ? Outcome.DONE : outcome(why.getFirst());
                watch.executed(Step.FILTER, names[i], outcome, System.nanoTime() - begin);
                if (!why.isEmpty()) {
                    return why;
                }
            }
            return List.of();
        }

        private void tell(DecisionWatch watch) {
            for (int i = 0; i < count; i++) {
                watch.asked(Step.PRE_FILTER, names[i], 1);
                watch.asked(Step.FILTER, names[i], asked[i]);
            }
        }
    }

    private int enough(int count) {
        if (scores.isEmpty()) {
            return 1;
        }
        if (count < ENOUGH_MIN || percentage >= 100) {
            return count;
        }
        int percent = percentage > 0 ? percentage : Math.max(PERCENT_MIN, 50 - count / 125);
        int enough = Math.max(ENOUGH_MIN, (int) ((long) count * percent / 100));
        return percentage > 0 || count <= LARGEST ? enough : ENOUGH_BEYOND;
    }

    private long[] rates(Score.Rating own, String plugin, List<NodeState> able) {
        long[] worths = new long[able.size()];
        int place = 0;
        for (; closely && place < Math.min(worths.length, CLOSELY_MAX); place++) {
            long begin = System.nanoTime();
            worths[place] = own.rate(able.get(place));
            told(Step.SCORE, plugin, Outcome.DONE, begin);
        }
        for (; place < worths.length; place++) {
            worths[place] = own.rate(able.get(place));
        }
        return worths;
    }

    private NodeState best(PodInfo pod, ClusterState cluster, List<NodeState> able, Map<String, Long> extra) {
        if (able.size() == 1) {
            return able.getFirst();
        }
        long[] totals = new long[able.size()];
        long preparing = 0;
        long rating = 0;
        for (WeightedScore weighted : scores) {
            long begin = System.nanoTime();
            Score.Rating own = weighted.score().prepare(pod, cluster, able);
            long prepared = System.nanoTime();
            preparing += prepared - begin;
            String plugin = weighted.score().name();
            if (closely) {
                Outcome outcome = own == null ? Outcome.SKIPPED : Outcome.DONE;
                watch.executed(Step.PRE_SCORE, plugin, outcome, prepared - begin);
            }
            if (own == null) {
                continue;
            }
            watch.asked(Step.PRE_SCORE, plugin, 1);
            watch.asked(Step.SCORE, plugin, totals.length);
            long[] worths = rates(own, plugin, able);
            long rated = begin();
            own.normalize(worths);
            if (closely) {
                told(Step.NORMALIZE, plugin, Outcome.DONE, rated);
            }
            for (int i = 0; i < worths.length; i++) {
                totals[i] += worths[i] * weighted.weight();
            }
            rating += System.nanoTime() - prepared;
        }
        watch.took(Step.PRE_SCORE, Outcome.DONE, preparing);
        watch.took(Step.SCORE, Outcome.DONE, rating);
        if (!extra.isEmpty()) {
            for (int i = 0; i < totals.length; i++) {
                totals[i] += extra.getOrDefault(able.get(i).name(), 0L);
            }
        }
        int best = 0;
        int equals = 1;
        for (int i = 1; i < totals.length; i++) {
            if (totals[i] > totals[best]) {
                best = i;
                equals = 1;
            } else if (totals[i] == totals[best] && random.nextInt(++equals) == 0) {
                best = i;
            }
        }
        return able.get(best);
    }
}
