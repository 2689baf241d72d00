package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.List;

/** Which container of a pod is meant. */
final class PodContainer {
    private PodContainer() {}

    /**
     * The container to run something in.
     *
     * @param wanted empty if the client has not said
     * @throws ApiException BadRequest if there is no such container, or several and none was named
     */
    static String forStreams(JsonNode pod, String wanted) {
        return chosen(pod, wanted, () -> {
            List<String> all = new ArrayList<>(names(pod, "initContainers"));
            all.addAll(names(pod, "containers"));
            all.addAll(names(pod, "ephemeralContainers"));
            return "[" + String.join(" ", all) + "]";
        });
    }

    /** The container whose log is read; otherwise as {@link #forStreams}. */
    static String forLogs(JsonNode pod, String wanted) {
        return chosen(pod, wanted, () -> {
            String choice = "[" + String.join(" ", names(pod, "containers")) + "]";
            List<String> init = names(pod, "initContainers");
            return init.isEmpty()
                    ? choice
                    : choice + " or one of the init containers: [" + String.join(" ", init) + "]";
        });
    }

    private interface Choice {
        String text();
    }

    private static String chosen(JsonNode pod, String wanted, Choice choice) {
        String podName = ObjectMeta.name(pod);
        if (wanted.isEmpty()) {
            List<String> containers = names(pod, "containers");
            if (containers.size() == 1) {
                return containers.getFirst();
            }
            String text = "a container name must be specified for pod " + podName;
            throw ApiException.badRequest(containers.isEmpty() ? text : text + ", choose one of: " + choice.text());
        }
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            if (names(pod, list).contains(wanted)) {
                return wanted;
            }
        }
        throw ApiException.badRequest("container " + wanted + " is not valid for pod " + podName);
    }

    private static List<String> names(JsonNode pod, String list) {
        List<String> names = new ArrayList<>();
        pod.path("spec")
                .path(list)
                .forEach(container -> names.add(container.path("name").asText("")));
        return names;
    }
}
