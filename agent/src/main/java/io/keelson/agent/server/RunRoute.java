package io.keelson.agent.server;

import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code /run/NAMESPACE/POD[/UID]/CONTAINER?cmd=…}: runs a command, and says what it said. Any thread. */
final class RunRoute {
    private static final Duration CALL_MAX = Duration.ofMinutes(2);

    private final AgentPods pods;
    private final RuntimeConnection runtime;

    RunRoute(AgentPods pods, RuntimeConnection runtime) {
        this.pods = pods;
        this.runtime = runtime;
    }

    Answer answer(NodeRequest request) {
        List<String> path = request.path();
        Optional<Pod> pod = pods.find(path.get(1), path.get(2), path.size() == 5 ? path.get(3) : "");
        if (pod.isEmpty()) {
            return Answer.text(404, "pod does not exist");
        }
        Optional<String> container = pods.runningContainer(pod.get(), path.getLast());
        if (container.isEmpty()) {
            return Answer.text(500, "container not found (\"" + path.getLast() + "\")");
        }
        String command = request.value("cmd");
        ExecSyncResponse said;
        try {
            said = runtime.runtime(CALL_MAX)
                    .execSync(ExecSyncRequest.newBuilder()
                            .setContainerId(container.get())
                            .addAllCmd(List.of(command.split(" ", -1)))
                            .build());
        } catch (StatusRuntimeException e) {
            return Answer.text(500, e.getMessage() == null ? "" : e.getMessage());
        }
        if (said.getExitCode() != 0) {
            return Answer.text(
                    500,
                    "command '" + command + "' exited with " + said.getExitCode() + ": "
                            + said.getStderr().toStringUtf8());
        }
        return Answer.json(said.getStdout().concat(said.getStderr()).toByteArray());
    }
}
