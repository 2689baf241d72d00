package io.keelson.controllers.attachdetach;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Objects;

/** What a pod is told whose volume another node has. */
final class MultiAttach {
    private MultiAttach() {}

    /**
     * The message for a pod. It names pods of the pod's own namespace only: of others a user may not know.
     *
     * @param users the pods of other nodes that want the volume
     */
    static String message(String volume, Pod pod, List<Pod> users) {
        return "Multi-Attach error for volume \"" + volume + "\" " + reason(pod, users);
    }

    private static String reason(Pod pod, List<Pod> users) {
        if (users.isEmpty()) {
            return "Volume is already exclusively attached to one node and can't be attached to another";
        }
        List<String> near = users.stream()
                .filter(user -> Objects.equals(
                        user.getMetadata().getNamespace(), pod.getMetadata().getNamespace()))
                .map(user -> user.getMetadata().getName())
                .sorted()
                .toList();
        int far = users.size() - near.size();
        if (near.isEmpty()) {
            return "Volume is already used by " + far + " pod(s) in different namespaces";
        }
        String names = "Volume is already used by pod(s) " + String.join(", ", near);
        return far == 0 ? names : names + " and " + far + " pod(s) in different namespaces";
    }
}
