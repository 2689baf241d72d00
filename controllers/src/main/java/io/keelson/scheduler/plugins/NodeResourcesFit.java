package io.keelson.scheduler.plugins;

import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.Amounts;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a pod requests has to be free on its node; and of what is free, more or less is better. */
public final class NodeResourcesFit implements Filter, Score {
    private static final String NAME = "NodeResourcesFit";

    private final Strategy strategy;
    private final Predicate<String> ignored;
    private final Predicate<String> backed;

    /**
     * Which nodes are better.
     *
     * @param resources which resources count, by name, and how much
     */
    public record Strategy(Kind kind, List<Weight> resources, List<Point> shape) {
        /** Those with most that is free; CPU and memory count the same. */
        public static final Strategy LEAST_ALLOCATED =
                new Strategy(Kind.LEAST_ALLOCATED, List.of(new Weight("cpu", 1), new Weight("memory", 1)), List.of());

        public Strategy {
            resources = List.copyOf(resources);
            shape = List.copyOf(shape);
            if (resources.isEmpty()) {
                throw new IllegalArgumentException("no resource counts");
            }
            if (kind == Kind.REQUESTED_TO_CAPACITY_RATIO && shape.isEmpty()) {
                throw new IllegalArgumentException("a shape without points says nothing");
            }
        }
    }

    /** A resource and how much it counts. */
    public record Weight(String resource, int weight) {}

    /**
     * What a node is worth at a utilization.
     *
     * @param utilization in percent
     * @param score from 0 to 10
     */
    public record Point(int utilization, int score) {}

    /** What makes a node better. */
    public enum Kind {
        /** That more is free. */
        LEAST_ALLOCATED,
        /** That less is free, so that other nodes stay empty. */
        MOST_ALLOCATED,
        /** What a curve over the utilization says. */
        REQUESTED_TO_CAPACITY_RATIO
    }

    /** Compares nodes by a strategy. */
    public NodeResourcesFit(Strategy strategy) {
        this(strategy, resource -> false, resource -> false);
    }

    /**
     * The same.
     *
     * @param ignored resources for which a node need not have room
     * @param backed resources that pods get as devices where a node has none at all, which is another plugin's to say
     */
    public NodeResourcesFit(Strategy strategy, Predicate<String> ignored, Predicate<String> backed) {
        this.strategy = strategy;
        this.ignored = ignored;
        this.backed = backed;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Test prepare(PodInfo pod, ClusterState cluster) {
        Amounts requests = pod.requests();
        ResourceTable table = cluster.table();
        int length = requests.length();
        // In a full cluster thousands of nodes say the same.
        List<List<Rejection>> said = new ArrayList<>(Collections.nCopies(2 * length, List.of()));
        return node -> {
            List<Rejection> why = List.of();
            for (int resource = 0; resource < length; resource++) {
                long wanted = requests.get(resource);
                if (wanted > 0
                        && wanted > node.allocatable(resource) - node.requested(resource)
                        && !(resource > ResourceTable.PODS
                                && isLeftOut(table.name(resource), node.allocatable(resource)))) {
                    // What is more than the whole node has is not there whoever goes.
                    boolean resolvable = wanted <= node.allocatable(resource);
                    int number = 2 * resource + (resolvable ? 1 : 0);
                    List<Rejection> one = said.get(number);
                    if (one.isEmpty()) {
                        one = List.of(insufficient(table, resource, resolvable));
                        said.set(number, one);
                    }
                    why = why.isEmpty() ? one : joined(why, one);
                }
            }
            return why;
        };
    }

    @Override
    public boolean looksOnlyAtNode() {
        return true;
    }

    private static List<Rejection> joined(List<Rejection> some, List<Rejection> others) {
        List<Rejection> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private boolean isLeftOut(String resource, long allocatable) {
        return ignored.test(resource) || (allocatable == 0 && backed.test(resource));
    }

    private static Rejection insufficient(ResourceTable table, int resource, boolean resolvable) {
        String reason = resource == ResourceTable.PODS ? "Too many pods" : "Insufficient " + table.name(resource);
        return new Rejection(NAME, reason, resolvable);
    }

    @Override
    public Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        int count = strategy.resources().size();
        int[] resources = new int[count];
        long[] weights = new long[count];
        for (int i = 0; i < count; i++) {
            resources[i] = cluster.table().number(strategy.resources().get(i).resource());
            weights[i] = strategy.resources().get(i).weight();
        }
        boolean isCurve = strategy.kind() == Kind.REQUESTED_TO_CAPACITY_RATIO;
        return node -> {
            long sum = 0;
            long weight = 0;
            for (int i = 0; i < count; i++) {
                long capacity = node.allocatable(resources[i]);
                if (capacity > 0 && Usage.counts(pod, resources[i])) {
                    long worth = worth(Usage.after(pod, node, resources[i]), capacity);
                    // A resource for which the curve gives nothing has no say, unlike with the other strategies.
                    if (worth > 0 || !isCurve) {
                        sum += weights[i] * worth;
                        weight += weights[i];
                    }
                }
            }
            if (weight == 0) {
                return 0;
            }
            return isCurve ? Math.round((double) sum / weight) : sum / weight;
        };
    }

    private long worth(long wanted, long capacity) {
        return switch (strategy.kind()) {
            case LEAST_ALLOCATED -> wanted > capacity ? 0 : percent(capacity - wanted, capacity);
            case MOST_ALLOCATED -> percent(Math.min(wanted, capacity), capacity);
            case REQUESTED_TO_CAPACITY_RATIO ->
                worthAt(strategy.shape(), wanted > capacity ? 100 : percent(wanted, capacity));
        };
    }

    private static long percent(long part, long whole) {
        return part > Long.MAX_VALUE / BEST ? (long) (BEST * (double) part / whole) : BEST * part / whole;
    }

    /**
     * What a curve says, from 0 to 100: in straight lines from point to point, level before the first and after the last.
     *
     * @param percent the utilization
     */
    public static long worthAt(List<Point> shape, long percent) {
        @Nullable Point before = null;
        for (Point point : shape) {
            if (percent <= point.utilization()) {
                if (before == null) {
                    return point.score() * BEST / 10;
                }
                long span = (long) point.utilization() - before.utilization();
                long rise = (point.score() - before.score()) * (percent - before.utilization()) * BEST / 10;
                return before.score() * BEST / 10 + (span == 0 ? 0 : rise / span);
            }
            before = point;
        }
        return before == null ? 0 : before.score() * BEST / 10;
    }
}
