package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.ContainerState;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a container has come. Times are nanoseconds since 1970, 0 where there is none yet.
 *
 * @param pid of its first process; 0 when it does not run
 * @param reason {@code Completed}, {@code Error}, {@code OOMKilled}, {@code StartError}; empty while it has not ended
 */
record Run(
        ContainerState state, long pid, long startedAt, long finishedAt, int exitCode, String reason, String message) {
    static final Run CREATED = new Run(ContainerState.CONTAINER_CREATED, 0, 0, 0, 0, "", "");

    private static final int KILLED = 137;

    static Run started(long pid, long startedAt) {
        return new Run(ContainerState.CONTAINER_RUNNING, pid, startedAt, 0, 0, "", "");
    }

    static Run exited(long startedAt, long finishedAt, int exitCode, boolean oomKilled) {
        String reason = oomKilled ? "OOMKilled" : exitCode == 0 ? "Completed" : "Error";
        return new Run(ContainerState.CONTAINER_EXITED, 0, startedAt, finishedAt, exitCode, reason, "");
    }

    /** It could not be started, which ends it. */
    static Run notStarted(long now, String why) {
        return new Run(ContainerState.CONTAINER_EXITED, 0, now, now, 128, "StartError", why);
    }

    /** Its shim is gone, and so is it; nobody saw when. */
    Run lost(long now) {
        return new Run(
                ContainerState.CONTAINER_EXITED,
                0,
                startedAt,
                now,
                KILLED,
                "Error",
                "the pod's shim ended, and with it the container: it was killed, or the machine was restarted");
    }

    boolean isRunning() {
        return state == ContainerState.CONTAINER_RUNNING;
    }

    boolean isExited() {
        return state == ContainerState.CONTAINER_EXITED;
    }

    Map<String, String> toRecord() {
        Map<String, String> record = new HashMap<>();
        record.put("state", state.name());
        record.put("pid", Long.toString(pid));
        record.put("startedAt", Long.toString(startedAt));
        record.put("finishedAt", Long.toString(finishedAt));
        record.put("exitCode", Integer.toString(exitCode));
        record.put("reason", reason);
        record.put("message", message);
        return record;
    }

    static Run ofRecord(Map<String, String> record) {
        ContainerState state;
        try {
            state = ContainerState.valueOf(record.getOrDefault("state", ContainerState.CONTAINER_CREATED.name()));
        } catch (IllegalArgumentException damaged) {
            state = ContainerState.CONTAINER_UNKNOWN;
        }
        return new Run(
                state,
                Records.number(record, "pid"),
                Records.number(record, "startedAt"),
                Records.number(record, "finishedAt"),
                (int) Records.number(record, "exitCode"),
                record.getOrDefault("reason", ""),
                record.getOrDefault("message", ""));
    }
}
