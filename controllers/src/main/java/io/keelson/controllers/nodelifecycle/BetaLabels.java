package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Map;
import java.util.TreeMap;

/** Labels that were renamed: a node has the old ones as well, with the values of the new. */
final class BetaLabels {
    private static final Map<String, String> OLD_BY_NEW = Map.of(
            "kubernetes.io/os", "beta.kubernetes.io/os",
            "kubernetes.io/arch", "beta.kubernetes.io/arch");

    private BetaLabels() {}

    /** The old labels that a node is to get; none if all are right. */
    static Map<String, String> missing(Node node) {
        Map<String, String> labels = OrEmpty.of(node.getMetadata().getLabels());
        Map<String, String> missing = new TreeMap<>();
        OLD_BY_NEW.forEach((current, old) -> {
            String value = labels.get(current);
            if (value != null && !value.equals(labels.get(old))) {
                missing.put(old, value);
            }
        });
        return missing;
    }
}
