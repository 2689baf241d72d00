package io.keelson.apiserver.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Which changes of a pod are looked at: its containers and their images, the only ones that could be against a standard. */
final class PodChanges {
    private static final String SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";

    private PodChanges() {}

    static boolean matter(JsonNode pod, JsonNode old) {
        if (annotationChanged(pod, old, SECCOMP_POD)) {
            return true;
        }
        for (String list : new String[] {"containers", "initContainers"}) {
            JsonNode now = pod.path("spec").path(list);
            JsonNode before = old.path("spec").path(list);
            if (now.size() != before.size()) {
                return true;
            }
            for (int i = 0; i < now.size(); i++) {
                if (containerChanged(pod, old, now.path(i), before.path(i))) {
                    return true;
                }
            }
        }
        return ephemeralContainerChanged(pod, old);
    }

    private static boolean ephemeralContainerChanged(JsonNode pod, JsonNode old) {
        Map<String, JsonNode> before = new HashMap<>();
        for (JsonNode container : old.path("spec").path("ephemeralContainers")) {
            before.putIfAbsent(PodView.name(container), container);
        }
        for (JsonNode container : pod.path("spec").path("ephemeralContainers")) {
            JsonNode same = before.get(PodView.name(container));
            if (same == null || containerChanged(pod, old, container, same)) {
                return true;
            }
        }
        return false;
    }

    private static boolean containerChanged(JsonNode pod, JsonNode old, JsonNode container, JsonNode before) {
        return !container.path("image").asText("").equals(before.path("image").asText(""))
                || annotationChanged(pod, old, SECCOMP_CONTAINER + PodView.name(container));
    }

    private static boolean annotationChanged(JsonNode pod, JsonNode old, String key) {
        return !Objects.equals(ObjectMeta.annotation(pod, key), ObjectMeta.annotation(old, key));
    }
}
