package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.Container;
import io.keelson.agent.wire.cri.ContainerFilter;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatusRequest;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.PodSandbox;
import io.keelson.agent.wire.cri.PodSandboxFilter;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.agent.wire.cri.PodSandboxStatusRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads from the runtime: roughly of all pods, or all about one. What has no pod's uid for a label is not ours and not read. */
final class RuntimeReader {
    private static final Comparator<PodSandboxStatus> SANDBOX_NEWEST_FIRST = Comparator.comparingLong(
                    PodSandboxStatus::getCreatedAt)
            .thenComparingInt(sandbox -> sandbox.getMetadata().getAttempt())
            .thenComparing(PodSandboxStatus::getId)
            .reversed();
    private static final Comparator<RuntimeContainer> NEWEST_FIRST = Comparator.<RuntimeContainer>comparingLong(
                    container -> container.status().getCreatedAt())
            .thenComparingInt(RuntimeContainer::attempt)
            .thenComparing(RuntimeContainer::id)
            .reversed();

    private final RuntimeConnection connection;
    private final Duration limit;

    /**
     * @param limit of each call
     */
    RuntimeReader(RuntimeConnection connection, Duration limit) {
        this.connection = connection;
        this.limit = limit;
    }

    /**
     * What there is of a pod, without how it came so.
     *
     * @param sandboxes whether each is ready, by id
     * @param containers what each does, by id
     */
    record Outline(Map<String, PodSandboxState> sandboxes, Map<String, ContainerState> containers) {
        /** The same of what was read in full. */
        static Outline of(RuntimePod pod) {
            Outline outline = new Outline(new HashMap<>(), new HashMap<>());
            pod.sandboxes().forEach(sandbox -> outline.sandboxes.put(sandbox.getId(), sandbox.getState()));
            pod.containers().forEach(container -> outline.containers.put(container.id(), container.state()));
            return outline;
        }
    }

    /** All pods by their uids. */
    Map<String, Outline> outlines() {
        Map<String, Outline> pods = new HashMap<>();
        for (PodSandbox sandbox : connection
                .runtime(limit)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()) {
            outline(pods, sandbox.getLabelsMap()).sandboxes().put(sandbox.getId(), sandbox.getState());
        }
        for (Container container : connection
                .runtime(limit)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()) {
            outline(pods, container.getLabelsMap()).containers().put(container.getId(), container.getState());
        }
        pods.remove("");
        return pods;
    }

    private static Outline outline(Map<String, Outline> pods, Map<String, String> labels) {
        return pods.computeIfAbsent(
                labels.getOrDefault(RuntimeLabels.POD_UID, ""), _ -> new Outline(new HashMap<>(), new HashMap<>()));
    }

    /** All about one pod. What vanishes while it is read is left out. */
    RuntimePod pod(String uid, Instant now) {
        List<PodSandbox> foundSandboxes = connection
                .runtime(limit)
                .listPodSandbox(ListPodSandboxRequest.newBuilder()
                        .setFilter(PodSandboxFilter.newBuilder().putLabelSelector(RuntimeLabels.POD_UID, uid))
                        .build())
                .getItemsList();
        List<Container> foundContainers = connection
                .runtime(limit)
                .listContainers(ListContainersRequest.newBuilder()
                        .setFilter(ContainerFilter.newBuilder().putLabelSelector(RuntimeLabels.POD_UID, uid))
                        .build())
                .getContainersList();
        List<PodSandboxStatus> sandboxes = new ArrayList<>();
        List<RuntimeContainer> containers = new ArrayList<>();
        Map<String, String> labels = Map.of();
        for (PodSandbox found : foundSandboxes) {
            try {
                sandboxes.add(connection
                        .runtime(limit)
                        .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                                .setPodSandboxId(found.getId())
                                .build())
                        .getStatus());
                labels = found.getLabelsMap();
            } catch (StatusRuntimeException e) {
                unlessGone(e);
            }
        }
        for (Container found : foundContainers) {
            try {
                containers.add(new RuntimeContainer(
                        found.getPodSandboxId(),
                        connection
                                .runtime(limit)
                                .containerStatus(ContainerStatusRequest.newBuilder()
                                        .setContainerId(found.getId())
                                        .build())
                                .getStatus()));
                labels = found.getLabelsMap();
            } catch (StatusRuntimeException e) {
                unlessGone(e);
            }
        }
        sandboxes.sort(SANDBOX_NEWEST_FIRST);
        containers.sort(NEWEST_FIRST);
        return new RuntimePod(
                uid,
                labels.getOrDefault(RuntimeLabels.POD_NAMESPACE, ""),
                labels.getOrDefault(RuntimeLabels.POD_NAME, ""),
                sandboxes,
                containers,
                now);
    }

    private static void unlessGone(StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
            throw e;
        }
    }
}
