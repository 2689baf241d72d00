package io.keelson.scheduler.plugins;

import static io.keelson.scheduler.plugins.PlainCluster.labels;
import static io.keelson.scheduler.plugins.PlainCluster.near;
import static io.keelson.scheduler.plugins.PlainCluster.or;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the documentation says a node is worth for a pod, from 0 to 100, looking at all nodes and pods each time. */
final class PlainScores {
    private final PlainCluster cluster;
    private final Pod pod;
    private final PlainFilters filters;

    private final @Nullable LabelSelector group;

    /** @param group which pods spread if a pod does not say so itself; null if they do not */
    PlainScores(PlainCluster cluster, Pod pod, @Nullable LabelSelector group) {
        this.cluster = cluster;
        this.pod = pod;
        this.group = group;
        this.filters = new PlainFilters(cluster, pod);
    }

    long[] of(String score, List<Node> candidates) {
        return switch (score) {
            case "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio" ->
                candidates.stream().mapToLong(node -> fit(score, node)).toArray();
            case "NodeResourcesBalancedAllocation" ->
                candidates.stream().mapToLong(this::balance).toArray();
            case "ImageLocality" -> candidates.stream().mapToLong(this::images).toArray();
            case "TaintToleration" ->
                proportional(candidates.stream().mapToLong(this::discouraging).toArray(), true);
            case "NodeAffinity" ->
                proportional(candidates.stream().mapToLong(this::preferred).toArray(), false);
            case "InterPodAffinity" ->
                stretched(candidates.stream().mapToLong(this::neighbours).toArray());
            case "PodTopologySpread" -> spread(candidates);
            default -> throw new IllegalArgumentException(score);
        };
    }

    private static long[] proportional(long[] worths, boolean turned) {
        long most = LongStream.of(worths).max().orElse(0);
        return LongStream.of(worths)
                .map(worth -> most == 0 ? 0 : 100 * worth / most)
                .map(worth -> turned ? 100 - worth : worth)
                .toArray();
    }

    private static long[] stretched(long[] worths) {
        long least = LongStream.of(worths).min().orElse(0);
        long range = LongStream.of(worths).max().orElse(0) - least;
        return LongStream.of(worths)
                .map(worth -> range == 0 ? 0 : (long) (100 * ((double) (worth - least) / range)))
                .toArray();
    }

    private long used(Node node, String resource, boolean usual) {
        long sum = PlainRequests.of(pod, resource, usual);
        for (Pod other : cluster.on(node)) {
            sum += PlainRequests.of(other, resource, usual);
        }
        return sum;
    }

    private static long capacity(Node node, String resource) {
        return PlainRequests.whole(resource, node.getStatus().getAllocatable().get(resource));
    }

    /** CPU counts once, memory twice, the extended resource three times, and only for pods that request it. */
    private long fit(String strategy, Node node) {
        long sum = 0;
        long weights = 0;
        Map<String, Integer> resources = Map.of("cpu", 1, "memory", 2, RandomObjects.GPU, 3, "ephemeral-storage", 1);
        for (Map.Entry<String, Integer> each : resources.entrySet()) {
            String resource = each.getKey();
            long capacity = capacity(node, resource);
            if (capacity == 0 || (resource.equals(RandomObjects.GPU) && PlainRequests.of(pod, resource, false) == 0)) {
                continue;
            }
            long used = used(node, resource, true);
            long worth = switch (strategy) {
                case "LeastAllocated" -> Math.max(0, capacity - used) * 100 / capacity;
                case "MostAllocated" -> Math.min(capacity, used) * 100 / capacity;
                default -> curve(used > capacity ? 100 : used * 100 / capacity);
            };
            if (strategy.equals("RequestedToCapacityRatio") && worth == 0) {
                continue;
            }
            sum += worth * each.getValue();
            weights += each.getValue();
        }
        if (weights == 0) {
            return 0;
        }
        return strategy.equals("RequestedToCapacityRatio") ? Math.round((double) sum / weights) : sum / weights;
    }

    /** Through (20, 0), (50, 7) and (90, 3). */
    private static long curve(long utilization) {
        if (utilization <= 20) {
            return 0;
        }
        if (utilization <= 50) {
            return 70 * (utilization - 20) / 30;
        }
        return utilization <= 90 ? 70 - 40 * (utilization - 50) / 40 : 30;
    }

    private long balance(Node node) {
        if (PlainRequests.of(pod, "cpu", false) == 0 && PlainRequests.of(pod, "memory", false) == 0) {
            return 0;
        }
        double cpu = Math.min(1, (double) used(node, "cpu", false) / capacity(node, "cpu"));
        double memory = Math.min(1, (double) used(node, "memory", false) / capacity(node, "memory"));
        return (long) ((1 - Math.abs(cpu - memory) / 2) * 100);
    }

    private long images(Node node) {
        long mib = 1024 * 1024;
        long sum = 0;
        List<Container> containers = Stream.concat(
                        pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
                .toList();
        for (Container container : containers) {
            String name =
                    container.getImage().equals("img/b") || container.getImage().endsWith("/other")
                            ? container.getImage() + ":latest"
                            : container.getImage();
            long having = cluster.nodes.values().stream()
                    .filter(each -> each.getStatus().getImages().stream()
                            .anyMatch(i -> i.getNames().contains(name)))
                    .count();
            for (ContainerImage image : node.getStatus().getImages()) {
                if (image.getNames().contains(name)) {
                    sum += (long) (image.getSizeBytes() * ((double) having / cluster.nodes.size()));
                }
            }
        }
        long most = 1000 * mib * containers.size();
        return 100 * (Math.clamp(sum, 23 * mib, most) - 23 * mib) / (most - 23 * mib);
    }

    private long discouraging(Node node) {
        List<Toleration> relevant = or(pod.getSpec().getTolerations(), List.<Toleration>of());
        return or(node.getSpec().getTaints(), List.<Taint>of()).stream()
                .filter(taint -> taint.getEffect().equals("PreferNoSchedule"))
                .filter(taint -> relevant.isEmpty() || !filters.tolerates(taint))
                .count();
    }

    private long preferred(Node node) {
        Affinity affinity = pod.getSpec().getAffinity();
        if (affinity == null || affinity.getNodeAffinity() == null) {
            return 0;
        }
        long sum = 0;
        for (PreferredSchedulingTerm each :
                affinity.getNodeAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()) {
            sum += PlainFilters.means(each.getPreference(), node) ? each.getWeight() : 0;
        }
        return sum;
    }

    private static List<WeightedPodAffinityTerm> preferredNear(Pod pod) {
        Affinity affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAffinity() == null
                ? List.of()
                : affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution();
    }

    private static List<WeightedPodAffinityTerm> preferredApart(Pod pod) {
        Affinity affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAntiAffinity() == null
                ? List.of()
                : affinity.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution();
    }

    /** A pod that must be near the new one counts for 5. */
    private long neighbours(Node node) {
        long sum = 0;
        for (Node place : cluster.nodes.values()) {
            for (Pod other : cluster.on(place)) {
                sum += wishes(pod, other, node, place) + wishes(other, pod, node, place);
                for (PodAffinityTerm term : PlainFilters.nearTerms(other)) {
                    boolean counts = cluster.means(other, term, pod) && near(node, place, term.getTopologyKey());
                    sum += counts ? 5 : 0;
                }
            }
        }
        return sum;
    }

    private long wishes(Pod owner, Pod other, Node node, Node place) {
        long sum = 0;
        for (WeightedPodAffinityTerm each : preferredNear(owner)) {
            PodAffinityTerm term = each.getPodAffinityTerm();
            boolean counts = cluster.means(owner, term, other) && near(node, place, term.getTopologyKey());
            sum += counts ? each.getWeight() : 0;
        }
        for (WeightedPodAffinityTerm each : preferredApart(owner)) {
            PodAffinityTerm term = each.getPodAffinityTerm();
            boolean counts = cluster.means(owner, term, other) && near(node, place, term.getTopologyKey());
            sum -= counts ? each.getWeight() : 0;
        }
        return sum;
    }

    private long[] spread(List<Node> candidates) {
        boolean isDefault =
                group != null && pod.getSpec().getTopologySpreadConstraints().isEmpty();
        List<TopologySpreadConstraint> constraints = isDefault
                ? List.of(byDefault(RandomObjects.HOSTNAME, 3), byDefault(RandomObjects.ZONE, 5))
                : filters.constraints("ScheduleAnyway");
        List<TopologySpreadConstraint> needed = isDefault ? List.of() : constraints;
        long[] result = new long[candidates.size()];
        if (constraints.isEmpty()) {
            return result;
        }
        List<Node> compared = candidates.stream()
                .filter(node -> PlainFilters.hasAll(node, needed))
                .toList();
        List<Long> worths = new ArrayList<>();
        for (Node node : compared) {
            double sum = 0;
            for (TopologySpreadConstraint constraint : constraints) {
                if (labels(node).containsKey(constraint.getTopologyKey())) {
                    sum += crowd(constraint, needed, node, compared);
                }
            }
            worths.add(Math.round(sum));
        }
        long most = worths.stream().max(Long::compare).orElse(0L);
        long least = worths.stream().min(Long::compare).orElse(0L);
        Arrays.setAll(result, i -> {
            int place = compared.indexOf(candidates.get(i));
            if (place < 0) {
                return 0;
            }
            return most == 0 ? 100 : 100 * (most + least - worths.get(place)) / most;
        });
        return result;
    }

    private TopologySpreadConstraint byDefault(String key, int maxSkew) {
        TopologySpreadConstraint constraint = new TopologySpreadConstraint();
        constraint.setTopologyKey(key);
        constraint.setMaxSkew(maxSkew);
        constraint.setLabelSelector(group);
        return constraint;
    }

    private double crowd(
            TopologySpreadConstraint constraint, List<TopologySpreadConstraint> all, Node node, List<Node> compared) {
        String key = constraint.getTopologyKey();
        long pods = 0;
        long domains;
        if (key.equals(RandomObjects.HOSTNAME)) {
            pods = filters.counted(constraint, node);
            domains = compared.size();
        } else {
            for (Node other : cluster.nodes.values()) {
                if (PlainFilters.hasAll(other, all) && filters.included(constraint, other) && near(node, other, key)) {
                    pods += filters.counted(constraint, other);
                }
            }
            domains = compared.stream()
                    .map(each -> or(labels(each).get(key), ""))
                    .distinct()
                    .count();
        }
        return pods * Math.log(domains + 2.0) + (constraint.getMaxSkew() - 1);
    }
}
