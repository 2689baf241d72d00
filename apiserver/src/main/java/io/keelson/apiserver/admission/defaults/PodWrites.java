package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What plugins for pods look at. */
final class PodWrites {
    private PodWrites() {}

    /** The pod that is created; null if the write is something else. */
    static @Nullable ObjectNode created(AdmissionRequest request) {
        return request.operation() == Operation.CREATE ? written(request) : null;
    }

    /** The pod that is created or changed; null if the write is something else, or only to a part of a pod. */
    static @Nullable ObjectNode written(AdmissionRequest request) {
        return request.concerns("", "pods") ? request.object() : null;
    }

    static ObjectNode spec(ObjectNode pod) {
        return Fill.object(pod, "spec");
    }

    /** Its containers, those that initialize first. */
    static List<ObjectNode> containers(ObjectNode pod) {
        List<ObjectNode> all = new ArrayList<>(Fill.objects(pod.path("spec").path("initContainers")));
        all.addAll(Fill.objects(pod.path("spec").path("containers")));
        return all;
    }
}
