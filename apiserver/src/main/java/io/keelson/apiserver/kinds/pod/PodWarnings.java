package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is allowed in a pod and hardly meant: said to the client, and done all the same. */
public final class PodWarnings {
    private static final Map<String, String> OLD_NODE_LABELS = Map.of(
            "beta.kubernetes.io/arch", "kubernetes.io/arch",
            "beta.kubernetes.io/os", "kubernetes.io/os",
            "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
            "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");

    private PodWarnings() {}

    /** Of a pod. */
    public static void tell(JsonNode pod, List<String> warnings) {
        JsonNode spec = pod.path("spec");
        String name = pod.path("metadata").path("name").asText("");
        boolean named = !spec.path("hostname").asText("").isEmpty();
        if (!named && !name.isEmpty() && !Names.dnsLabel(name).isEmpty()) {
            warnings.add("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a"
                    + " DNS label is recommended: [" + String.join(" ", Names.dnsLabel(name)) + "]");
        }
        spec(spec, "spec", warnings);
    }

    /** Of a template. */
    public static void tellOfTemplate(JsonNode template, String path, List<String> warnings) {
        spec(template.path("spec"), path + ".spec", warnings);
    }

    private static void spec(JsonNode spec, String path, List<String> warnings) {
        spec.path("nodeSelector").fieldNames().forEachRemaining(label -> {
            String now = OLD_NODE_LABELS.get(label);
            if (now != null) {
                String since =
                        label.startsWith("failure-domain") || label.endsWith("instance-type") ? "v1.17" : "v1.14";
                warnings.add(path + ".nodeSelector[" + label + "]: deprecated since " + since + "; use \"" + now
                        + "\" instead");
            }
        });
        if (spec.path("terminationGracePeriodSeconds").asLong() < 0) {
            warnings.add(path + ".terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be"
                    + " treated as 1");
        }
        for (String kind : List.of("containers", "initContainers")) {
            int i = 0;
            for (JsonNode container : spec.path(kind)) {
                hiddenVariables(container.path("env"), path + "." + kind + "[" + i + "].env", warnings);
                i++;
            }
        }
    }

    private static void hiddenVariables(JsonNode variables, String path, List<String> warnings) {
        Map<String, JsonNode> known = new HashMap<>();
        for (int i = 0; i < variables.size(); i++) {
            JsonNode variable = variables.get(i);
            String name = variable.path("name").asText("");
            JsonNode before = known.put(name, variable);
            boolean refersToItself = variable.path("value").asText("").contains("$(" + name + ")");
            if (before != null && !refersToItself) {
                warnings.add(path + "[" + i + "]: hides previous definition of \"" + name
                        + "\", which may be dropped when using apply");
            }
        }
    }
}
