package io.keelson.scheduler.config;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code NodeResourcesFitArgs}.
 *
 * @param ignoredResources extended resources for which a node need not have room
 * @param ignoredResourceGroups the same of all whose name has this before its slash
 */
public record FitArguments(List<String> ignoredResources, List<String> ignoredResourceGroups, Strategy scoringStrategy)
        implements PluginArguments.Form {
    private static final Set<String> TYPES = Set.of("LeastAllocated", "MostAllocated", "RequestedToCapacityRatio");
    private static final int WEIGHT_MAX = 100;

    /** What counts if nothing is said. */
    public static final FitArguments DEFAULT =
            new FitArguments(List.of(), List.of(), new Strategy("LeastAllocated", List.of(), null));

    /** Which node is better. */
    public record Strategy(
            String type, List<Resource> resources, @Nullable Ratio requestedToCapacityRatio) {
        private static final List<Resource> USUAL = List.of(new Resource("cpu", 1), new Resource("memory", 1));

        public Strategy {
            type = SchedulerConfiguration.or(type, "LeastAllocated");
            resources = resources == null || resources.isEmpty() ? USUAL : List.copyOf(resources);
        }
    }

    /** A resource and how much it counts; 1 if it does not say. */
    public record Resource(String name, Integer weight) {
        public Resource {
            weight = weight == null || weight == 0 ? 1 : weight;
        }
    }

    /** A curve over the utilization. */
    public record Ratio(List<Point> shape) {
        public Ratio {
            shape = SchedulerConfiguration.copy(shape);
        }
    }

    /** A point of a curve: utilization in percent, score from 0 to 10. */
    public record Point(Integer utilization, Integer score) {
        private static final int UTILIZATION_MAX = 100;
        private static final int SCORE_MAX = 10;

        public Point {
            utilization = SchedulerConfiguration.or(utilization, 0);
            score = SchedulerConfiguration.or(score, 0);
        }

        static void check(String path, List<Point> shape) {
            if (shape.isEmpty()) {
                throw Refused.required(path, "at least one point must be specified");
            }
            for (int i = 0; i < shape.size(); i++) {
                Point point = shape.get(i);
                if (i > 0 && shape.get(i - 1).utilization() >= point.utilization()) {
                    throw Refused.invalid(
                            path + '[' + i + "].utilization",
                            point.utilization(),
                            "values must be sorted in increasing order");
                }
                Refused.requireRange(path + '[' + i + "].utilization", point.utilization(), 0, UTILIZATION_MAX);
                Refused.requireRange(path + '[' + i + "].score", point.score(), 0, SCORE_MAX);
            }
        }
    }

    public FitArguments {
        ignoredResources = SchedulerConfiguration.copy(ignoredResources);
        ignoredResourceGroups = SchedulerConfiguration.copy(ignoredResourceGroups);
        scoringStrategy = scoringStrategy == null ? new Strategy("LeastAllocated", List.of(), null) : scoringStrategy;
    }

    /** Whether nodes need not have room for a resource. */
    public boolean ignores(String resource) {
        return Names.isExtendedResource(resource)
                && (ignoredResources.contains(resource)
                        || ignoredResourceGroups.contains(resource.substring(0, resource.indexOf('/'))));
    }

    @Override
    public void check(String path) {
        names(path + ".ignoredResources", ignoredResources);
        for (int i = 0; i < ignoredResourceGroups.size(); i++) {
            if (ignoredResourceGroups.get(i).contains("/")) {
                throw Refused.invalid(
                        path + ".ignoredResourceGroups[" + i + ']',
                        ignoredResourceGroups.get(i),
                        "resource group name can't contain '/'");
            }
        }
        names(path + ".ignoredResourceGroups", ignoredResourceGroups);
        String at = path + ".scoringStrategy";
        if (!TYPES.contains(scoringStrategy.type())) {
            throw Refused.unsupported(at + ".type", scoringStrategy.type(), TYPES);
        }
        for (int i = 0; i < scoringStrategy.resources().size(); i++) {
            Resource resource = scoringStrategy.resources().get(i);
            if (resource.name() == null || resource.name().isEmpty()) {
                throw Refused.required(at + ".resources[" + i + "].name", "");
            }
            if (resource.weight() <= 0 || resource.weight() > WEIGHT_MAX) {
                throw Refused.invalid(
                        at + ".resources[" + i + "].weight",
                        resource.weight(),
                        "resource weight of " + resource.name() + " not in valid range (0, 100]");
            }
        }
        Ratio ratio = scoringStrategy.requestedToCapacityRatio();
        boolean isRatio = scoringStrategy.type().equals("RequestedToCapacityRatio");
        if (isRatio && ratio == null) {
            throw Refused.required(
                    at + ".requestedToCapacityRatio", "must be specified when type is RequestedToCapacityRatio");
        }
        if (!isRatio && ratio != null) {
            throw Refused.forbidden(
                    at + ".requestedToCapacityRatio", "must be nil when type is not RequestedToCapacityRatio");
        }
        if (ratio != null) {
            Point.check(at + ".requestedToCapacityRatio.shape", ratio.shape());
        }
    }

    private static void names(String path, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            if (!Names.isQualified(names.get(i))) {
                throw Refused.invalid(path + '[' + i + ']', names.get(i), "is no qualified name");
            }
        }
    }
}
