package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Key;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a hollow node has to know of a pod, small enough to hold many.
 *
 * @param rule the number of the rule that it falls under
 * @param address the address that it has; empty if it has none yet
 * @param stage how far it is
 * @param since when its containers ran, or exited; null before that
 * @param restarts how often they were started again
 * @param containersReady whether its status says that they are ready
 * @param ready whether its status says that the pod is
 * @param gatesOpen whether all its readiness gates are open
 * @param deletion when its grace period is over; null if nobody wants it deleted
 * @param isHeld whether it has finalizers: somebody looks at how it ended
 */
record PodView(
        Key key,
        String uid,
        String node,
        int rule,
        Shape shape,
        String address,
        Stage stage,
        @Nullable Instant since,
        int restarts,
        boolean containersReady,
        boolean ready,
        boolean gatesOpen,
        @Nullable Instant deletion,
        boolean isHeld) {
    private static final Shared<Shape> SHAPES = new Shared<>();

    /** How far a pod is. */
    enum Stage {
        /** Its containers were never started. */
        PENDING,
        /** Its containers run. */
        RUNNING,
        /** Its containers exited and wait to be started again. */
        WAITING,
        /** It has succeeded or failed. */
        ENDED
    }

    /** A container; an init container that is always restarted is a sidecar. */
    record Part(String name, String image, boolean isSidecar) {}

    /** What does not change of a pod, and what many have in common. */
    record Shape(String restartPolicy, boolean isOnHostNetwork, List<Part> initContainers, List<Part> containers) {
        static Shape of(PodSpec spec) {
            return SHAPES.of(new Shape(
                    spec.getRestartPolicy() == null ? "Always" : spec.getRestartPolicy(),
                    OrEmpty.of(spec.getHostNetwork()),
                    parts(spec.getInitContainers()),
                    parts(spec.getContainers())));
        }

        private static List<Part> parts(@Nullable List<Container> containers) {
            return OrEmpty.of(containers).stream()
                    .map(container -> new Part(
                            OrEmpty.of(container.getName()),
                            OrEmpty.of(container.getImage()),
                            "Always".equals(container.getRestartPolicy())))
                    .toList();
        }

        /** Whether containers that exited with a code are started again. */
        boolean restarts(int code) {
            return switch (restartPolicy) {
                case "Never" -> false;
                case "OnFailure" -> code != 0;
                default -> true;
            };
        }
    }

    /** What the API says of a pod that is on a node. */
    static PodView of(Pod pod, int rule) {
        Stage stage = Stage.PENDING;
        Instant since = null;
        int restarts = 0;
        if (Pods.isTerminal(pod)) {
            stage = Stage.ENDED;
        } else if (pod.getStatus() != null) {
            for (ContainerStatus container : OrEmpty.of(pod.getStatus().getContainerStatuses())) {
                ContainerState state = container.getState();
                ContainerState last = container.getLastState();
                restarts = Math.max(restarts, OrEmpty.of(container.getRestartCount()));
                if (state != null && state.getRunning() != null) {
                    stage = Stage.RUNNING;
                    since = Pods.time(state.getRunning().getStartedAt());
                } else if (state != null
                        && state.getWaiting() != null
                        && last != null
                        && last.getTerminated() != null) {
                    stage = Stage.WAITING;
                    since = Pods.time(last.getTerminated().getFinishedAt());
                }
            }
        }
        return new PodView(
                new Key(
                        pod.getMetadata().getNamespace().intern(),
                        pod.getMetadata().getName()),
                pod.getMetadata().getUid(),
                Pods.node(pod),
                rule,
                Shape.of(pod.getSpec()),
                pod.getStatus() == null ? "" : OrEmpty.of(pod.getStatus().getPodIP()),
                stage,
                since,
                restarts,
                isTrue(Pods.condition(pod, "ContainersReady")),
                Pods.isReady(pod),
                gatesOpen(pod),
                Pods.time(pod.getMetadata().getDeletionTimestamp()),
                !OrEmpty.of(pod.getMetadata().getFinalizers()).isEmpty());
    }

    /** The same with the node's name as the string that its other pods have. */
    PodView on(String nodeName) {
        return with(key, uid, nodeName, address);
    }

    /** The same with those strings of an earlier look at this pod that are equal, so that memory holds each once. */
    PodView sharing(PodView earlier) {
        return with(
                key.equals(earlier.key) ? earlier.key : key,
                uid.equals(earlier.uid) ? earlier.uid : uid,
                node.equals(earlier.node) ? earlier.node : node,
                address.equals(earlier.address) ? earlier.address : address);
    }

    private PodView with(Key sameKey, String sameUid, String sameNode, String sameAddress) {
        return new PodView(
                sameKey,
                sameUid,
                sameNode,
                rule,
                shape,
                sameAddress,
                stage,
                since,
                restarts,
                containersReady,
                ready,
                gatesOpen,
                deletion,
                isHeld);
    }

    private static boolean isTrue(@Nullable PodCondition condition) {
        return condition != null && "True".equals(condition.getStatus());
    }

    private static boolean gatesOpen(Pod pod) {
        for (PodReadinessGate gate : OrEmpty.of(pod.getSpec().getReadinessGates())) {
            if (!isTrue(Pods.condition(pod, OrEmpty.of(gate.getConditionType())))) {
                return false;
            }
        }
        return true;
    }
}
