package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** Runs sandboxes. */
public final class SandboxLaunch {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private final LaunchRooms rooms;

    /** With all that it needs. */
    public SandboxLaunch(LaunchRooms rooms) {
        this.rooms = rooms;
    }

    /** What the runtime is told of a sandbox; the same each time, for the same pod and attempt. */
    public PodSandboxConfig config(Pod pod, int attempt) throws PodProblem {
        List<IDMapping> users = rooms.users().of(pod);
        SandboxConfigs.Parts parts = new SandboxConfigs.Parts(
                rooms.names().hostname(pod),
                rooms.names().dns(pod),
                rooms.resources().cgroup(pod),
                rooms.resources().ofPod(pod),
                rooms.resources().overhead(pod),
                rooms.volumes().supplementalGroups(pod),
                users);
        return SandboxConfigs.of(pod, attempt, rooms.folders(), parts);
    }

    /**
     * Runs a sandbox and returns its id.
     *
     * @throws PodProblem {@code FailedCreatePodSandBox} if the runtime cannot, or what it needs is not there
     */
    public String run(Pod pod, int attempt) throws PodProblem, InterruptedException {
        String handler = rooms.handlers().of(pod);
        rooms.users().requireSupport(pod, handler);
        PodSandboxConfig config = config(pod, attempt);
        try {
            Files.createDirectories(rooms.folders().logs(pod));
            return rooms.runtime()
                    .runtime(LIMIT)
                    .runPodSandbox(RunPodSandboxRequest.newBuilder()
                            .setConfig(config)
                            .setRuntimeHandler(handler)
                            .build())
                    .getPodSandboxId();
        } catch (IOException e) {
            throw failed("the folder of its logs cannot be made: " + e, e);
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            throw failed(RuntimeErrors.text(e), e);
        }
    }

    private static PodProblem failed(String message, Exception cause) {
        return new PodProblem(
                "ContainerCreating", "FailedCreatePodSandBox", "Failed to create pod sandbox: " + message, cause);
    }
}
