package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Labels of nodes that have other names today. */
public final class OldNodeLabels {
    private static final Map<String, String> ADVICE = Map.of(
            "beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
            "beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead",
            "failure-domain.beta.kubernetes.io/region",
                    "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
            "failure-domain.beta.kubernetes.io/zone",
                    "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
            "beta.kubernetes.io/instance-type",
                    "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
            "app.kubernetes.io/created-by", "deprecated since v1.9",
            "scheduler.alpha.kubernetes.io/preferAvoidPods",
                    "deprecated since v1.22; use Taints and Tolerations instead",
            "node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead");

    private OldNodeLabels() {}

    /** What is said of a label; null if it is none of these. */
    public static @Nullable String advice(String label) {
        return ADVICE.get(label);
    }

    /** Warns of those in a term that selects nodes, or of a topology. */
    public static void tellOfExpressions(JsonNode expressions, String path, List<String> warnings) {
        for (int i = 0; i < expressions.size(); i++) {
            tellOfKey(expressions.path(i).path("key").asText(""), path + "[" + i + "].key", warnings);
        }
    }

    static void tellOfKey(String key, String path, List<String> warnings) {
        String advice = advice(key);
        if (advice != null) {
            warnings.add(path + ": " + key + " is " + advice);
        }
    }
}
