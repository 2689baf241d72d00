package io.keelson.agent.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** What a pod's shim is asked. */
final class ShimClient {
    private static final Duration QUICK = Duration.ofSeconds(10);
    /** Mounts of a slow network file system are among it. */
    private static final Duration START = Duration.ofMinutes(2);

    private final Path socket;

    ShimClient(Path socket) {
        this.socket = socket;
    }

    /** A container that the shim has. */
    record Known(String id, Run run) {}

    /** Starts a container. */
    Run start(ShimFields spec) throws IOException {
        try (ShimConnection connection = ShimConnection.open(socket)) {
            List<ShimFields.Field> answer = connection.request(ShimMessage.START, spec, START);
            return Run.started(ShimFields.number(answer, ShimTag.PID), ShimFields.number(answer, ShimTag.STARTED));
        }
    }

    /**
     * Sends a signal to a container's first process, or kills all of its processes; nothing happens if it has ended.
     */
    void signal(String container, int number, boolean all) throws IOException {
        once(
                ShimMessage.SIGNAL,
                new ShimFields()
                        .text(ShimTag.ID, container)
                        .number(ShimTag.SIGNAL, number)
                        .number(ShimTag.FLAGS, all ? ShimTag.ALL_PROCESSES : 0));
    }

    void reopenLog(String container) throws IOException {
        once(ShimMessage.REOPEN_LOG, new ShimFields().text(ShimTag.ID, container));
    }

    /** Drops what the shim knows of a container that has ended. */
    void forget(String container) throws IOException {
        once(ShimMessage.FORGET, new ShimFields().text(ShimTag.ID, container));
    }

    /** Kills all that runs; returns when the shim has ended. */
    void shutDown() throws IOException {
        try (ShimConnection connection = ShimConnection.open(socket)) {
            connection.request(ShimMessage.SHUTDOWN, new ShimFields(), QUICK);
            ScheduledFuture<?> deadline = connection.closeAfter(QUICK);
            try {
                ShimConnection.Frame more = connection.receive();
                while (more != null) {
                    more = connection.receive();
                }
            } finally {
                deadline.cancel(false);
            }
        }
    }

    private void once(int message, ShimFields request) throws IOException {
        try (ShimConnection connection = ShimConnection.open(socket)) {
            connection.request(message, request, QUICK);
        }
    }

    /** The containers that were started, and how far they are. */
    List<Known> status() throws IOException {
        List<Known> processes = new ArrayList<>();
        try (ShimConnection connection = ShimConnection.open(socket)) {
            for (ShimFields.Field field : connection.request(ShimMessage.STATUS, new ShimFields(), QUICK)) {
                if (field.tag() == ShimTag.CONTAINER) {
                    Known process = known(ShimFields.read(field.value()));
                    if (process != null) {
                        processes.add(process);
                    }
                }
            }
        }
        return processes;
    }

    private static @Nullable Known known(List<ShimFields.Field> fields) {
        String id = ShimFields.text(fields, ShimTag.ID);
        long state = ShimFields.number(fields, ShimTag.STATE);
        if (state == ShimTag.RUNNING) {
            return new Known(
                    id,
                    Run.started(ShimFields.number(fields, ShimTag.PID), ShimFields.number(fields, ShimTag.STARTED)));
        }
        return state == ShimTag.EXITED ? new Known(id, exit(fields)) : null;
    }

    /** How a process ended, by the fields that tell it. */
    static Run exit(List<ShimFields.Field> fields) {
        return Run.exited(
                ShimFields.number(fields, ShimTag.STARTED),
                ShimFields.number(fields, ShimTag.FINISHED),
                (int) ShimFields.number(fields, ShimTag.CODE),
                ShimFields.number(fields, ShimTag.OOM_KILLED) != 0);
    }

    /**
     * A connection that tells the end of each container, by frames {@link ShimMessage#EXITED}, and ends with the shim.
     */
    ShimConnection events() throws IOException {
        return stream(ShimMessage.EVENTS, new ShimFields());
    }

    /** A connection that has become a stream: of an exec, of who is attached, of a port. */
    ShimConnection stream(int message, ShimFields request) throws IOException {
        ShimConnection connection = ShimConnection.open(socket);
        try {
            connection.request(message, request, message == ShimMessage.EXEC ? START : QUICK);
            return connection;
        } catch (IOException | RuntimeException failure) {
            connection.close();
            throw failure;
        }
    }
}
