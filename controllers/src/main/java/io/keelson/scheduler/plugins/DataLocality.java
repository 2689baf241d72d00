package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes are better that have what a pod works with. Three kinds of data count, each by the part of it that a node has, times
 * the weight of the kind:
 *
 * <ul>
 *   <li>volumes that are bound: a node has one that lies on it or is attached to it, and half of one that can be attached to
 *       it but not to every node;
 *   <li>data sets: an annotation, {@code scheduling.keelson.io/data-sets} unless the arguments say otherwise, names on a pod
 *       the data sets that it works with and on a node those that it holds, separated by commas ({@code genomes,weather-2026});
 *   <li>images of the pod's containers.
 * </ul>
 *
 * What a pod has none of does not count for it. Off by default: a profile enables it under {@code plugins.multiPoint} or
 * {@code plugins.score}, with the weight that it is to have against the other rules.
 */
public final class DataLocality implements Score {
    private static final int DATA_SETS_MAX = 256;

    private final Weights weights;
    private final String annotation;
    private final DataPlaces places;

    /** How much each kind of data counts; none is negative. */
    public record Weights(int volumes, int dataSets, int images) {}

    /** A kind of data of a pod: how much it counts, and which part of it a node has, from 0 to 1. */
    private record Share(int weight, ToDoubleFunction<NodeState> part) {}

    /**
     * Compares nodes by the data that they have.
     *
     * @param annotation which annotation names data sets
     */
    public DataLocality(Weights weights, String annotation, DataPlaces places) {
        this.weights = weights;
        this.annotation = annotation;
        this.places = places;
    }

    @Override
    public String name() {
        return "DataLocality";
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        List<Share> shares = new ArrayList<>();
        List<ToDoubleFunction<NodeState>> volumes = weights.volumes() == 0 ? List.of() : places.nearness(pod.pod());
        if (!volumes.isEmpty()) {
            shares.add(new Share(
                    weights.volumes(),
                    node -> volumes.stream()
                                    .mapToDouble(each -> each.applyAsDouble(node))
                                    .sum()
                            / volumes.size()));
        }
        Set<String> wanted = weights.dataSets() == 0 ? Set.of() : dataSets(pod.pod());
        if (!wanted.isEmpty()) {
            shares.add(new Share(weights.dataSets(), node -> {
                Set<String> held = dataSets(node.node());
                return (double) wanted.stream().filter(held::contains).count() / wanted.size();
            }));
        }
        Set<String> images = weights.images() == 0 ? Set.of() : images(pod, cluster);
        if (!images.isEmpty()) {
            shares.add(new Share(
                    weights.images(),
                    node -> (double) images.stream()
                                    .filter(image -> node.imageSize(image) >= 0)
                                    .count()
                            / images.size()));
        }
        if (shares.isEmpty()) {
            return null;
        }
        double whole = shares.stream().mapToInt(Share::weight).sum();
        return node -> {
            double sum = 0;
            for (Share share : shares) {
                sum += share.weight() * share.part().applyAsDouble(node);
            }
            return Math.round(BEST * sum / whole);
        };
    }

    /** What an object's annotation names; no more than are worth to be looked at. */
    private Set<String> dataSets(HasMetadata object) {
        String named = OrEmpty.of(object.getMetadata().getAnnotations()).get(annotation);
        if (named == null || named.isBlank()) {
            return Set.of();
        }
        Set<String> names = new LinkedHashSet<>();
        for (int from = 0; from <= named.length() && names.size() < DATA_SETS_MAX; ) {
            int comma = named.indexOf(',', from);
            int to = comma < 0 ? named.length() : comma;
            String name = named.substring(from, to).strip();
            if (!name.isEmpty()) {
                names.add(name);
            }
            from = to + 1;
        }
        return names;
    }

    /** The images of a pod that some node has. */
    private static Set<String> images(PodInfo pod, ClusterState cluster) {
        Set<String> images = new LinkedHashSet<>();
        Stream.concat(
                        OrEmpty.of(pod.pod().getSpec().getInitContainers()).stream(),
                        OrEmpty.of(pod.pod().getSpec().getContainers()).stream())
                .map(Container::getImage)
                .map(ImageLocality::normalized)
                .forEach(images::add);
        return images.stream().anyMatch(image -> cluster.nodesWithImage(image) > 0) ? images : Set.of();
    }
}
