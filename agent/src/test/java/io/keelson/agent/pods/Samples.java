package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.plan.ContainerHash;
import io.keelson.agent.wire.cri.ContainerMetadata;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.PodSandboxMetadata;
import io.keelson.agent.wire.cri.PodSandboxNetworkStatus;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Pods, and what a runtime has of them. */
public final class Samples {
    /** When everything happens. */
    public static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    /** The uid of all of them. */
    public static final String UID = "uid-1";

    private Samples() {}

    /** A pod of a specification in YAML. */
    public static Pod pod(String spec) {
        String indented = spec.strip().indent(2);
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: default, uid: %s, generation: 1}
                spec:
                %s
                """.formatted(UID, indented), Pod.class);
    }

    /** What a runtime has, the newest first when it is built. */
    public static final class Runs {
        private final List<PodSandboxStatus> sandboxes = new ArrayList<>();
        private final List<RuntimeContainer> containers = new ArrayList<>();
        private final Pod pod;

        /** Nothing yet. */
        public Runs(Pod pod) {
            this.pod = pod;
        }

        /** A sandbox after those before. */
        public Runs sandbox(boolean isReady) {
            sandboxes.addFirst(PodSandboxStatus.newBuilder()
                    .setId("s" + sandboxes.size())
                    .setMetadata(PodSandboxMetadata.newBuilder()
                            .setUid(UID)
                            .setName("web")
                            .setNamespace("default")
                            .setAttempt(sandboxes.size()))
                    .setState(isReady ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY)
                    .setNetwork(PodSandboxNetworkStatus.newBuilder().setIp("10.0.0.1"))
                    .build());
            return this;
        }

        /** A container that runs in the newest sandbox. */
        public Runs running(String name) {
            return add(name, ContainerState.CONTAINER_RUNNING, 0, "");
        }

        /** One that was made and not started. */
        public Runs created(String name) {
            return add(name, ContainerState.CONTAINER_CREATED, 0, "");
        }

        /** One of which the runtime does not know what it does. */
        public Runs unknown(String name) {
            return add(name, ContainerState.CONTAINER_UNKNOWN, 0, "");
        }

        /** One that has ended. */
        public Runs exited(String name, int code) {
            return exited(name, code, "");
        }

        /** One that has ended for a reason. */
        public Runs exited(String name, int code, String reason) {
            return add(name, ContainerState.CONTAINER_EXITED, code, reason);
        }

        private Runs add(String name, ContainerState state, int code, String reason) {
            int attempt = (int)
                    containers.stream().filter(run -> run.name().equals(name)).count();
            String hash = PodContainers.find(pod, name)
                    .map(container -> ContainerHash.of(container.container()))
                    .orElse("");
            long now = TimeUnit.SECONDS.toNanos(NOW.getEpochSecond());
            ContainerStatus status = ContainerStatus.newBuilder()
                    .setId(name + '-' + attempt)
                    .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt))
                    .putLabels(RuntimeLabels.CONTAINER_NAME, name)
                    .putAnnotations(ContainerHash.ANNOTATION, hash)
                    .setState(state)
                    .setExitCode(code)
                    .setReason(reason)
                    .setCreatedAt(now)
                    .setStartedAt(state == ContainerState.CONTAINER_CREATED ? 0 : now)
                    .setFinishedAt(state == ContainerState.CONTAINER_EXITED ? now : 0)
                    .setImageRef("image@sha256:1")
                    .build();
            containers.addFirst(new RuntimeContainer(sandboxes.getFirst().getId(), status));
            return this;
        }

        /** The picture. */
        public RuntimePod build() {
            return new RuntimePod(UID, "default", "web", sandboxes, containers, NOW);
        }
    }
}
