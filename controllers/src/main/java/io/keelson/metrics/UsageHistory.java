package io.keelson.metrics;

import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last two points of each node and container, and says what is used between them.
 *
 * <p>An example: a container starts at 10:00:00. At 10:00:12 it has used 3 s: as it started less than a round before,
 * what it used counts from its start, and it uses a quarter of a processor. At 10:00:27 it has used 4.5 s: a tenth. At
 * 10:00:42 its kubelet cannot be asked: nothing is told of it. At 10:00:57 it has used 9 s: 0.15, over the half minute.
 * If it had been started anew in between, its count would begin again, and nothing would be told of it for one round.
 *
 * <p>One thread stores, any reads.
 */
final class UsageHistory {
    /** What is used in less time says little. */
    private static final Duration FRESH_MIN = Duration.ofSeconds(10);

    /** After so many rounds without a word of it a node is forgotten. */
    private static final int ROUNDS_MAX = 10;

    private final Duration resolution;
    private final Map<String, Series> nodes = new HashMap<>();
    private long round;
    private volatile Measured measured = Measured.NOTHING;

    /** Two points of a thing; there is no earlier one at first. */
    private record Pair(@Nullable UsagePoint earlier, UsagePoint later) {
        Optional<Usage> usage() {
            return earlier == null ? Optional.empty() : Usage.between(earlier, later);
        }
    }

    private record Series(@Nullable Pair node, Map<Key, Map<String, Pair>> pods, long round) {
        static final Series NONE = new Series(null, Map.of(), 0);
    }

    /**
     * Knows nothing yet.
     *
     * @param resolution how often there are points
     */
    UsageHistory(Duration resolution) {
        this.resolution = resolution;
    }

    /** What is used as of the last round. */
    Measured measured() {
        return measured;
    }

    /** How many points of nodes and containers are kept. */
    int points() {
        Measured now = measured;
        return now.nodes().size()
                + now.pods().values().stream().mapToInt(Map::size).sum();
    }

    /** Takes what kubelets said in a round, by the names of their nodes. Of others nothing is told. */
    void store(Map<String, KubeletSample> samples) {
        round++;
        add(samples);
    }

    /** Whether there is one point of a node only, so that nothing can be told of it. */
    boolean isSingle(String name) {
        Series series = nodes.get(name);
        Pair node = series == null ? null : series.node();
        return node != null && node.earlier() == null;
    }

    /** Takes what some kubelets said between rounds; of others the same is told as before. */
    void add(Map<String, KubeletSample> samples) {
        samples.forEach((name, sample) ->
                nodes.compute(name, (_, before) -> joined(before == null ? Series.NONE : before, sample)));
        nodes.values().removeIf(series -> round - series.round() > ROUNDS_MAX);
        Map<String, Usage> used = new HashMap<>();
        Map<Key, SortedMap<String, Usage>> pods = new HashMap<>();
        nodes.forEach((name, series) -> {
            if (series.round() == round) {
                Pair node = series.node();
                if (node != null) {
                    node.usage().ifPresent(usage -> used.put(name, usage));
                }
                series.pods().forEach((pod, containers) -> add(pods, pod, containers));
            }
        });
        measured = new Measured(Map.copyOf(used), Map.copyOf(pods));
    }

    /** A pod of which not all is known would be taken to use less than it does. */
    private static void add(Map<Key, SortedMap<String, Usage>> pods, Key pod, Map<String, Pair> containers) {
        SortedMap<String, Usage> usages = new TreeMap<>();
        containers.forEach((name, pair) -> pair.usage().ifPresent(usage -> usages.put(name, usage)));
        if (usages.size() == containers.size()) {
            // Two nodes tell of one pod while one of them does not know yet that it is gone; the later point counts.
            pods.merge(pod, usages, (one, other) -> latest(one).isAfter(latest(other)) ? one : other);
        }
    }

    private static Instant latest(SortedMap<String, Usage> usages) {
        return usages.values().stream().map(Usage::time).max(Instant::compareTo).orElse(Instant.MIN);
    }

    private Series joined(Series before, KubeletSample sample) {
        Map<Key, Map<String, Pair>> pods = new HashMap<>();
        sample.pods().forEach((pod, points) -> {
            Map<String, Pair> known = before.pods().getOrDefault(pod, Map.of());
            Map<String, Pair> pairs = new HashMap<>();
            points.forEach((name, point) -> pairs.put(name, container(known.get(name), point)));
            pods.put(pod, pairs);
        });
        UsagePoint node = sample.node();
        return new Series(node == null ? null : joined(before.node(), node), pods, round);
    }

    private static Pair joined(@Nullable Pair before, UsagePoint point) {
        if (before == null) {
            return new Pair(null, point);
        }
        if (!point.time().isAfter(before.later().time())) {
            // The kubelet has not looked since, or its clock was set back; then its count goes on after that.
            return point.time().equals(before.later().time()) ? before : new Pair(null, point);
        }
        return new Pair(before.later(), point);
    }

    private Pair container(@Nullable Pair before, UsagePoint point) {
        Instant started = point.started();
        boolean isAnother = before == null
                || (started != null && started.isAfter(before.later().time()))
                || point.cpuNanos() < before.later().cpuNanos();
        if (!isAnother) {
            return joined(before, point);
        }
        if (started != null) {
            Duration age = Duration.between(started, point.time());
            if (age.compareTo(FRESH_MIN) >= 0 && age.compareTo(resolution) < 0) {
                return new Pair(new UsagePoint(started, started, 0, 0), point);
            }
        }
        return new Pair(null, point);
    }
}
