package io.keelson.metrics;

import io.keelson.controllers.runtime.Key;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a kubelet says at {@code /metrics/resource}.
 *
 * @param node what the node had used; null if it does not say
 * @param pods what the containers of pods had used, by their names; pods with a container of which not all is told are left
 *     out, since the sum would be wrong
 */
record KubeletSample(@Nullable UsagePoint node, Map<Key, Map<String, UsagePoint>> pods) {
    private static final String NODE_CPU = "node_cpu_usage_seconds_total";
    private static final String NODE_MEMORY = "node_memory_working_set_bytes";
    private static final String CONTAINER_CPU = "container_cpu_usage_seconds_total";
    private static final String CONTAINER_MEMORY = "container_memory_working_set_bytes";
    private static final String CONTAINER_START = "container_start_time_seconds";
    private static final Set<String> NAMES =
            Set.of(NODE_CPU, NODE_MEMORY, CONTAINER_CPU, CONTAINER_MEMORY, CONTAINER_START);

    /** Seconds since 1970 that a calendar has. */
    private static final double SECONDS_MAX = 1e11;

    /** What is told of one thing, line by line. */
    private static final class Draft {
        private @Nullable Instant time;
        private @Nullable Instant started;
        private double cpuSeconds;
        private double memoryBytes;

        void cpu(MetricsText.Sample sample, Instant now) {
            cpuSeconds = sample.value();
            time = timeOf(sample, now);
        }

        void memory(MetricsText.Sample sample, Instant now) {
            memoryBytes = sample.value();
            if (time == null) {
                time = timeOf(sample, now);
            }
        }

        void start(MetricsText.Sample sample) {
            if (sample.value() > 0 && sample.value() < SECONDS_MAX) {
                started = Instant.ofEpochMilli((long) (sample.value() * 1000));
            }
        }

        /** What is running has used something of both. */
        @Nullable
        UsagePoint point() {
            boolean isWhole = cpuSeconds > 0 && cpuSeconds < SECONDS_MAX && memoryBytes >= 1 && memoryBytes < 1e18;
            return isWhole
                    ? new UsagePoint(
                            Objects.requireNonNull(time), started, (long) (cpuSeconds * 1e9), (long) memoryBytes)
                    : null;
        }

        private static Instant timeOf(MetricsText.Sample sample, Instant now) {
            Long millis = sample.millis();
            return millis == null ? now : Instant.ofEpochMilli(millis);
        }
    }

    /**
     * Reads what it says.
     *
     * @param now the time of what has none
     * @throws IllegalArgumentException if it is malformed
     */
    static KubeletSample parse(byte[] text, Instant now) {
        Draft node = new Draft();
        Map<Key, Map<String, Draft>> drafts = new HashMap<>();
        MetricsText.read(text, NAMES, sample -> {
            switch (sample.name()) {
                case NODE_CPU -> node.cpu(sample, now);
                case NODE_MEMORY -> node.memory(sample, now);
                default -> {
                    Draft draft = container(drafts, sample.labels());
                    switch (sample.name()) {
                        case CONTAINER_CPU -> draft.cpu(sample, now);
                        case CONTAINER_MEMORY -> draft.memory(sample, now);
                        default -> draft.start(sample);
                    }
                }
            }
        });
        Map<Key, Map<String, UsagePoint>> pods = new HashMap<>();
        drafts.forEach((pod, containers) -> {
            Map<String, UsagePoint> points = new HashMap<>();
            containers.forEach((name, draft) -> {
                UsagePoint point = draft.point();
                if (point != null) {
                    points.put(name, point);
                }
            });
            if (points.size() == containers.size()) {
                pods.put(pod, points);
            }
        });
        return new KubeletSample(node.point(), pods);
    }

    private static Draft container(Map<Key, Map<String, Draft>> drafts, Map<String, String> labels) {
        String namespace = labels.getOrDefault("namespace", "");
        String pod = labels.getOrDefault("pod", "");
        String container = labels.getOrDefault("container", "");
        if (namespace.isEmpty() || pod.isEmpty() || container.isEmpty()) {
            throw new IllegalArgumentException("a container without its name, its pod or its namespace");
        }
        return drafts.computeIfAbsent(new Key(namespace, pod), _ -> new HashMap<>())
                .computeIfAbsent(container, _ -> new Draft());
    }
}
