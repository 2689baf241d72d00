package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Map;

/** Which nodes are likely to be lost together. */
final class Zones {
    private static final String EXCLUDED = "node.kubernetes.io/exclude-disruption";

    private Zones() {}

    /** The zone of a node, of its region; empty if it has neither. */
    static String of(Node node) {
        Map<String, String> labels = OrEmpty.of(node.getMetadata().getLabels());
        String zone = label(labels, "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");
        String region = label(labels, "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region");
        // No label has such a character.
        return zone.isEmpty() && region.isEmpty() ? "" : region + ":\0:" + zone;
    }

    private static String label(Map<String, String> labels, String old, String current) {
        String value = labels.get(old);
        return OrEmpty.of(value != null ? value : labels.get(current));
    }

    /** Whether a node counts when it is asked how a zone is. */
    static boolean counts(Node node) {
        return !OrEmpty.of(node.getMetadata().getLabels()).containsKey(EXCLUDED);
    }
}
