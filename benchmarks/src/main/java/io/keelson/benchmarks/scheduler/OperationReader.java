package io.keelson.benchmarks.scheduler;

import io.keelson.controllers.objects.GoDuration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads those operations whose fields need more than to be asked for. */
final class OperationReader {
    private static final int INTERVAL_MILLIS_MAX = 3_600_000;
    private static final int VOLUMES_MAX = 1_000_000;

    private OperationReader() {}

    static Operation createNodes(Mapping from, @Nullable Template node) {
        String labelKey = "";
        List<String> labelValues = List.of();
        Mapping labels = from.mapping("labelNodePrepareStrategy");
        if (labels != null) {
            labelKey = labels.text("labelKey");
            labelValues = labels.texts("labelValues");
            if (labelValues.isEmpty()) {
                throw labels.wrong("needs labelValues");
            }
            labels.end();
        }
        String uniqueLabelKey = "";
        Mapping unique = from.mapping("uniqueNodeLabelStrategy");
        if (unique != null) {
            uniqueLabelKey = unique.text("labelKey");
            unique.end();
        }
        Map<String, String> allocatable = Map.of();
        Map<String, Long> drivers = new TreeMap<>();
        List<String> migrated = List.of();
        Mapping volumes = from.mapping("nodeAllocatableStrategy");
        if (volumes != null) {
            allocatable = volumes.values("nodeAllocatable");
            volumes.named("csiNodeAllocatable").forEach((driver, mapping) -> {
                drivers.put(driver, mapping.number("count", 0, 0, VOLUMES_MAX));
                mapping.end();
            });
            migrated = volumes.texts("migratedPlugins");
            volumes.end();
        }
        return new Operation.CreateNodes(
                from.amount(), node, labelKey, labelValues, uniqueLabelKey, allocatable, Map.copyOf(drivers), migrated);
    }

    static Operation churn(Mapping from, List<Template> templates) {
        String mode = from.text("mode");
        if (!mode.equals("create") && !mode.equals("recreate")) {
            throw from.wrong("has mode: " + mode + "; there are create and recreate");
        }
        if (templates.isEmpty()) {
            throw from.wrong("needs templatePaths");
        }
        boolean recreates = mode.equals("recreate");
        int number = (int) from.number("number", 0, 0, INTERVAL_MILLIS_MAX);
        if (recreates && number == 0) {
            throw from.wrong("needs a number of objects that there are at a time");
        }
        return new Operation.Churn(
                recreates,
                number,
                templates,
                Duration.ofMillis(from.number("intervalMilliseconds", 500, 1, INTERVAL_MILLIS_MAX)));
    }

    static Operation barrier(Mapping from) {
        String stage = from.text("stageRequirement", "Scheduled");
        if (!stage.equals("Attempted") && !stage.equals("Scheduled")) {
            throw from.wrong("has stageRequirement: " + stage + "; there are Attempted and Scheduled");
        }
        return new Operation.Barrier(stage.equals("Attempted"));
    }

    /** A time as Go writes it, as {@code 10s} or {@code 1m30s}. */
    static Operation sleep(Mapping from) {
        String text = from.text("duration");
        Duration time;
        try {
            time = GoDuration.parse(text);
        } catch (IllegalArgumentException e) {
            throw from.wrong("has a duration that is none; it is to be like 500ms, 10s or 1m30s");
        }
        if (time.compareTo(Duration.ZERO) <= 0 || time.compareTo(Duration.ofHours(1)) > 0) {
            throw from.wrong("has duration: " + text + ", which is to be of 1ms to 1h");
        }
        return new Operation.Sleep(time);
    }

    static Operation deletePods(Mapping from) {
        return new Operation.DeletePods(
                required(from, "namespace"),
                from.text("labelSelector", ""),
                (int) from.number("deletePodsPerSecond", 0, 0, INTERVAL_MILLIS_MAX),
                !from.flag("skipWaitToCompletion"));
    }

    static String required(Mapping from, String key) {
        String name = from.name(key);
        if (name.isEmpty()) {
            throw from.wrong("needs " + key);
        }
        return name;
    }
}
