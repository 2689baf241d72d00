package io.keelson.scheduler.decision;

import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.Arrays;
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

    private final List<Filter> filters;
    private final List<WeightedScore> scores;
    private final int percentage;
    private final RandomGenerator random;
    private int start;

    /** A score and how much it counts. */
    public record WeightedScore(Score score, int weight) {}

    /**
     * Chooses by rules.
     *
     * @param percentage how many of the nodes that can take a pod are enough, in percent; 0 for what suits the cluster's size
     */
    public Decider(List<Filter> filters, List<WeightedScore> scores, int percentage, RandomGenerator random) {
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
        Map<String, Set<String>> onlyNodes = new TreeMap<>();
        for (Filter filter : filters) {
            Rejection everywhere = filter.rejectEverywhere(pod, cluster);
            if (everywhere != null) {
                return new Look.None(Decision.Impossible.everywhere(cluster.nodes(), everywhere));
            }
            Set<String> names = filter.onlyNodes(pod);
            if (names != null) {
                onlyNodes.put(filter.name(), names);
            }
        }
        return onlyNodes.isEmpty() ? look(pod, cluster, cluster.nodes()) : lookAmongFew(pod, cluster, onlyNodes);
    }

    /** As the pods of a DaemonSet ask for, each for one node. */
    private Look lookAmongFew(PodInfo pod, ClusterState cluster, Map<String, Set<String>> onlyNodes) {
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
        Look look = nodes.isEmpty() ? new Look.None(new Decision.Impossible(Map.of())) : look(pod, cluster, nodes);
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

    private Look look(PodInfo pod, ClusterState cluster, List<NodeState> nodes) {
        int count = nodes.size();
        Filter.Test[] tests = tests(pod, cluster);
        int enough = enough(count);
        List<NodeState> able = new ArrayList<>(Math.min(enough, count));
        List<List<Rejection>> whys = new ArrayList<>();
        int first = start % count;
        int tried = 0;
        while (tried < count && able.size() < enough) {
            NodeState node = nodes.get((first + tried) % count);
            tried++;
            List<Rejection> why = reject(tests, node);
            if (why.isEmpty()) {
                able.add(node);
            } else if (able.isEmpty()) {
                // Needed only if none can.
                whys.add(why);
            }
        }
        start = (first + tried) % count;
        Map<NodeState, List<Rejection>> rejections = new Rejections(nodes, first, whys);
        return able.isEmpty()
                ? new Look.None(new Decision.Impossible(rejections))
                : new Look.Able(able, tried, rejections);
    }

    /** Those of some nodes that can take a pod now. */
    public List<NodeState> stillAble(PodInfo pod, ClusterState cluster, List<NodeState> nodes) {
        Filter.Test[] tests = tests(pod, cluster);
        return nodes.stream().filter(node -> reject(tests, node).isEmpty()).toList();
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

    private Filter.Test[] tests(PodInfo pod, ClusterState cluster) {
        Filter.Test[] tests = new Filter.Test[filters.size()];
        int used = 0;
        for (Filter filter : filters) {
            Filter.Test test = filter.prepare(pod, cluster);
            if (test != null) {
                tests[used++] = test;
            }
        }
        return Arrays.copyOf(tests, used);
    }

    private static List<Rejection> reject(Filter.Test[] tests, NodeState node) {
        for (Filter.Test test : tests) {
            List<Rejection> why = test.test(node);
            if (!why.isEmpty()) {
                return why;
            }
        }
        return List.of();
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

    private NodeState best(PodInfo pod, ClusterState cluster, List<NodeState> able, Map<String, Long> extra) {
        if (able.size() == 1) {
            return able.getFirst();
        }
        long[] totals = new long[able.size()];
        for (WeightedScore weighted : scores) {
            Score.Rating rating = weighted.score().prepare(pod, cluster, able);
            if (rating == null) {
                continue;
            }
            long[] worths = new long[able.size()];
            for (int i = 0; i < worths.length; i++) {
                worths[i] = rating.rate(able.get(i));
            }
            rating.normalize(worths);
            for (int i = 0; i < worths.length; i++) {
                totals[i] += worths[i] * weighted.weight();
            }
        }
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
