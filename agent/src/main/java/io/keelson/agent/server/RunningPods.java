package io.keelson.agent.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.wire.cri.Container;
import io.keelson.agent.wire.cri.ContainerFilter;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStateValue;
import io.keelson.agent.wire.cri.ListContainersRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** {@code /runningpods}: what the runtime runs now, whatever anybody wants. Any thread. */
final class RunningPods {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RuntimeConnection runtime;

    RunningPods(RuntimeConnection runtime) {
        this.runtime = runtime;
    }

    /** @throws IOException if the runtime does not answer */
    Answer answer() throws IOException {
        Map<String, ObjectNode> pods = new TreeMap<>();
        try {
            runtime.runtime(LIMIT)
                    .listContainers(ListContainersRequest.newBuilder()
                            .setFilter(ContainerFilter.newBuilder()
                                    .setState(ContainerStateValue.newBuilder()
                                            .setState(ContainerState.CONTAINER_RUNNING)))
                            .build())
                    .getContainersList()
                    .forEach(container -> add(pods, container));
        } catch (StatusRuntimeException e) {
            throw new IOException("the container runtime does not tell what runs: " + RuntimeError.text(e), e);
        }
        ObjectNode list =
                JsonNodeFactory.instance.objectNode().put("kind", "PodList").put("apiVersion", "v1");
        list.putObject("metadata");
        ArrayNode items = list.putArray("items");
        pods.values().forEach(items::add);
        return Answer.json(list.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void add(Map<String, ObjectNode> pods, Container container) {
        Map<String, String> labels = container.getLabelsMap();
        String uid = labels.get(RuntimeLabels.POD_UID);
        if (uid == null) {
            // Somebody else's.
            return;
        }
        ObjectNode pod = pods.computeIfAbsent(uid, _ -> {
            ObjectNode fresh = JsonNodeFactory.instance.objectNode();
            fresh.putObject("metadata")
                    .put("name", labels.getOrDefault(RuntimeLabels.POD_NAME, ""))
                    .put("namespace", labels.getOrDefault(RuntimeLabels.POD_NAMESPACE, ""))
                    .put("uid", uid);
            fresh.putObject("spec").putArray("containers");
            fresh.putObject("status");
            return fresh;
        });
        pod.withArray("/spec/containers")
                .addObject()
                .put("name", labels.getOrDefault(RuntimeLabels.CONTAINER_NAME, ""))
                .put("image", container.getImage().getImage())
                .putObject("resources");
    }
}
