package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import java.util.List;

/**
 * How pods spread that do not say it themselves; {@code PodTopologySpreadArgs}. Which pods are counted is what selects the
 * pod: see {@link DefaultSelector}.
 *
 * @param constraints without selectors
 * @param isLenient whether nodes that lack some of the labels are compared by those that they have, as it is with the
 *     system's defaults; otherwise they are worth nothing
 */
public record DefaultSpread(List<TopologySpreadConstraint> constraints, boolean isLenient) {
    /** {@code defaultingType: System}: 3 pods apart at most between nodes, 5 between zones, if possible. */
    public static final DefaultSpread SYSTEM =
            new DefaultSpread(List.of(wish("kubernetes.io/hostname", 3), wish("topology.kubernetes.io/zone", 5)), true);

    /** {@code defaultingType: List} without constraints: pods that do not say how are not spread. */
    public static final DefaultSpread NONE = new DefaultSpread(List.of(), false);

    /** Copies the list. */
    public DefaultSpread {
        constraints = List.copyOf(constraints);
    }

    /** {@code defaultingType: List}. */
    public static DefaultSpread of(List<TopologySpreadConstraint> constraints) {
        return new DefaultSpread(constraints, false);
    }

    private static TopologySpreadConstraint wish(String topologyKey, int maxSkew) {
        return new TopologySpreadConstraintBuilder()
                .withTopologyKey(topologyKey)
                .withMaxSkew(maxSkew)
                .withWhenUnsatisfiable("ScheduleAnyway")
                .build();
    }
}
