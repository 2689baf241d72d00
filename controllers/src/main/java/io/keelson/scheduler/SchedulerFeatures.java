package io.keelson.scheduler;

import io.keelson.controllers.manager.FeatureSwitches;
import io.keelson.scheduler.plugins.NodeDeclaredFeatures;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Features of kube-scheduler 1.36 that are on or off.
 *
 * @param genericWorkload whether pods of a group are decided on together
 * @param gangScheduling whether none of them is bound before enough of them have nodes
 * @param nodeDeclaredFeatures whether pods go only to nodes that declare the features which they use
 */
public record SchedulerFeatures(boolean genericWorkload, boolean gangScheduling, boolean nodeDeclaredFeatures) {
    /** As they are if nobody says anything. */
    public static final SchedulerFeatures USUAL = new SchedulerFeatures(false, false, true);

    private static final Logger LOG = LoggerFactory.getLogger(SchedulerFeatures.class);
    private static final String GROUPS = "GenericWorkload";
    private static final String GANGS = "GangScheduling";
    private static final Map<String, String> STAGES =
            Map.of(GROUPS, "ALPHA", GANGS, "ALPHA", NodeDeclaredFeatures.NAME, "BETA");
    private static final Map<String, Boolean> DEFAULTS = Map.of(
            GROUPS,
            USUAL.genericWorkload(),
            GANGS,
            USUAL.gangScheduling(),
            NodeDeclaredFeatures.NAME,
            USUAL.nodeDeclaredFeatures());

    public SchedulerFeatures {
        if (gangScheduling && !genericWorkload) {
            throw new IllegalArgumentException("--feature-gates: " + GANGS
                    + " is enabled, but depends on features that are disabled: [" + GROUPS + "]");
        }
    }

    /** Tells in a registry which of them are on. */
    void tell(PrometheusRegistry registry) {
        FeatureSwitches.tell(
                registry,
                Map.of(GROUPS, genericWorkload, GANGS, gangScheduling, NodeDeclaredFeatures.NAME, nodeDeclaredFeatures),
                STAGES);
    }

    /**
     * As a flag wants them.
     *
     * @param pairs {@code Name=true}
     * @throws IllegalArgumentException if these are none, or make no sense together
     */
    static SchedulerFeatures of(List<String> pairs) {
        Map<String, Boolean> all = FeatureSwitches.read(
                pairs, DEFAULTS, other -> LOG.warn("--feature-gates: nothing in this scheduler looks at {}", other));
        return new SchedulerFeatures(
                Boolean.TRUE.equals(all.get(GROUPS)),
                Boolean.TRUE.equals(all.get(GANGS)),
                Boolean.TRUE.equals(all.get(NodeDeclaredFeatures.NAME)));
    }
}
