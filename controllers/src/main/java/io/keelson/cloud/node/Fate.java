package io.keelson.cloud.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.cloud.Instances;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Taints;
import java.util.List;

/** What becomes of a Node. */
enum Fate {
    /** Its machine is gone, and so is it. */
    DELETED,
    /** Its machine is shut down, and pods are not put there. */
    TAINTED,
    /** It is back, and pods may be put there. */
    UNTAINTED,
    /** Nothing. */
    LEFT;

    /** The taint of a Node whose machine is shut down. */
    static final String SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown";

    /** Keeps a Node from all of this. */
    static final String EXCLUDED = "node.kubernetes.io/exclude-from-lifecycle-management";

    /**
     * What becomes of one. A Node that is ready has a machine, whatever the provider says: it is not asked.
     *
     * @throws io.keelson.cloud.CloudException if the provider cannot be asked
     */
    static Fate of(Node node, Instances instances) {
        if (OrEmpty.of(node.getMetadata().getLabels()).containsKey(EXCLUDED)
                || node.getMetadata().getDeletionTimestamp() != null) {
            return LEFT;
        }
        if (isReady(node)) {
            return isTainted(node) ? UNTAINTED : LEFT;
        }
        if (!instances.exists(node)) {
            return DELETED;
        }
        return !isTainted(node) && instances.isShutDown(node) ? TAINTED : LEFT;
    }

    private static boolean isReady(Node node) {
        return node.getStatus() != null
                && OrEmpty.of(node.getStatus().getConditions()).stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private static boolean isTainted(Node node) {
        return taints(node).stream().anyMatch(Fate::isShutdown);
    }

    private static boolean isShutdown(Taint taint) {
        return SHUTDOWN.equals(taint.getKey()) && Taints.NO_SCHEDULE.equals(taint.getEffect());
    }

    private static List<Taint> taints(Node node) {
        return node.getSpec() == null ? List.of() : OrEmpty.of(node.getSpec().getTaints());
    }

    /** The taints that a Node has besides this one. */
    static List<Taint> otherTaints(Node node) {
        return taints(node).stream().filter(taint -> !isShutdown(taint)).toList();
    }
}
