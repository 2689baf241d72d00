package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.List;

/** What paths to parts of a pod have in common. */
public final class PodParts {
    private static final String MIRROR = "kubernetes.io/config.mirror";

    private PodParts() {}

    /** Makes everything what it was, in metadata too, so that what may change can be put back. */
    public static void keep(ObjectNode pod, ObjectNode old) {
        Fill.copy(old, pod, "spec");
        Fill.copy(old, pod, "status");
        if (old.path("metadata") instanceof ObjectNode before) {
            ObjectNode metadata = Fill.object(pod, "metadata");
            for (String field : List.of("labels", "annotations", "finalizers", "ownerReferences")) {
                Fill.copy(before, metadata, field);
            }
        }
    }

    /** Whether a pod only shows what a node runs of its own accord. */
    public static boolean isStatic(JsonNode pod) {
        return pod.path("metadata").path("annotations").has(MIRROR);
    }
}
