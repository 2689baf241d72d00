package io.keelson.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/** What {@link MetricsAnswers} tells of. Any thread. */
public interface Metrics {
    /**
     * What a node uses.
     *
     * @param usage by the names of resources
     */
    record OfNode(
            String name, Map<String, String> labels, Instant time, Duration window, SortedMap<String, Amount> usage) {}

    /**
     * What a pod uses.
     *
     * @param containers what each uses, by the names of resources
     */
    record OfPod(
            String namespace,
            String name,
            Map<String, String> labels,
            Instant time,
            Duration window,
            SortedMap<String, SortedMap<String, Amount>> containers) {}

    /** All nodes that were measured, in whatever order. */
    Stream<OfNode> nodes();

    /** One; empty if there is none of that name, or it was not measured. */
    Optional<OfNode> node(String name);

    /** The pods of a namespace that were measured, in whatever order; with an empty one, those of all. */
    Stream<OfPod> pods(String namespace);

    /** One; empty if there is none of that name, or it was not measured. */
    Optional<OfPod> pod(String namespace, String name);
}
