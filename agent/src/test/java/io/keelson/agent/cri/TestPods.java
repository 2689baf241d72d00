package io.keelson.agent.cri;

import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerMetadata;
import io.keelson.agent.wire.cri.CreateContainerRequest;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PodSandboxMetadata;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.agent.wire.cri.StartContainerRequest;
import java.time.Duration;
import java.util.Map;

/** Runs pods by plain calls, as an agent of before the test would have. */
public final class TestPods {
    /** The image that containers have which are run here. */
    public static final String IMAGE = "docker.io/library/busybox:1";

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private TestPods() {}

    /** How a sandbox of a pod is asked for, whose name is its uid. */
    public static PodSandboxConfig sandbox(String uid, int attempt) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(uid)
                        .setNamespace("default")
                        .setUid(uid)
                        .setAttempt(attempt))
                .setLogDirectory("/var/log/pods/default_" + uid + "_" + uid)
                .putLabels(RuntimeLabels.POD_NAME, uid)
                .putLabels(RuntimeLabels.POD_NAMESPACE, "default")
                .putLabels(RuntimeLabels.POD_UID, uid)
                .build();
    }

    /** How a container of a pod is asked for. */
    public static ContainerConfig container(String uid, String name, int attempt) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt))
                .setImage(ImageSpec.newBuilder().setImage(IMAGE))
                .setLogPath(name + "/" + attempt + ".log")
                .putAllLabels(Map.of(
                        RuntimeLabels.POD_NAME, uid,
                        RuntimeLabels.POD_NAMESPACE, "default",
                        RuntimeLabels.POD_UID, uid,
                        RuntimeLabels.CONTAINER_NAME, name))
                .build();
    }

    /** Runs a pod of one sandbox with containers that run; returns the sandbox's id. */
    public static String run(FakeRuntime runtime, String uid, String... containers) {
        String sandbox = runtime.connection()
                .runtime(LIMIT)
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(sandbox(uid, 0))
                        .build())
                .getPodSandboxId();
        for (String container : containers) {
            String _ = start(runtime, uid, sandbox, container, 0);
        }
        return sandbox;
    }

    /** Starts a container in a sandbox; returns its id. */
    public static String start(FakeRuntime runtime, String uid, String sandbox, String container, int attempt) {
        if (!runtime.images().has(IMAGE)) {
            String _ = runtime.images().have(IMAGE, 4_000_000);
        }
        String id = runtime.connection()
                .runtime(LIMIT)
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(container(uid, container, attempt))
                        .setSandboxConfig(sandbox(uid, 0))
                        .build())
                .getContainerId();
        var _ = runtime.connection()
                .runtime(LIMIT)
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
        return id;
    }
}
