package io.keelson.agent.embedded;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Runs a command in a container, and gives back what it wrote. */
final class SyncExec {
    private static final int OUTPUT_MAX = 16 << 20;

    private final Containers containers;

    SyncExec(Containers containers) {
        this.containers = containers;
    }

    /** @throws io.grpc.StatusRuntimeException {@code DEADLINE_EXCEEDED}: it took too long, and was killed */
    ExecSyncResponse run(Container container, ExecSyncRequest request) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream error = new ByteArrayOutputStream();
        long seconds = Math.clamp(request.getTimeout(), 0, TimeUnit.DAYS.toSeconds(365));
        try (ShimConnection connection = containers.exec(container, request.getCmdList(), ShimTag.DIES_WITH_PEER)) {
            ScheduledFuture<?> deadline = seconds == 0 ? null : connection.closeAfter(Duration.ofSeconds(seconds));
            try {
                while (true) {
                    ShimConnection.Frame frame = connection.receive();
                    if (frame == null) {
                        throw new IOException("the pod's shim ended");
                    }
                    switch (frame.message()) {
                        case ShimMessage.OUTPUT -> add(out, frame.payload());
                        case ShimMessage.ERROR_OUTPUT -> add(error, frame.payload());
                        case ShimMessage.EXITED -> {
                            return ExecSyncResponse.newBuilder()
                                    .setStdout(ByteString.copyFrom(out.toByteArray()))
                                    .setStderr(ByteString.copyFrom(error.toByteArray()))
                                    .setExitCode(
                                            (int) ShimFields.number(ShimFields.read(frame.payload()), ShimTag.CODE))
                                    .build();
                        }
                        default -> throw new IOException("the shim sent frame " + frame.message());
                    }
                }
            } catch (IOException failure) {
                // Who reads hears of it before it counts as done.
                if (deadline != null && deadline.getDelay(TimeUnit.NANOSECONDS) <= 0) {
                    throw Status.DEADLINE_EXCEEDED
                            .withDescription("failed to exec in container: timeout " + seconds + "s exceeded: context"
                                    + " deadline exceeded")
                            .withCause(failure)
                            .asRuntimeException();
                }
                throw failure;
            } finally {
                if (deadline != null) {
                    deadline.cancel(false);
                }
            }
        }
    }

    private static void add(ByteArrayOutputStream output, byte[] piece) {
        output.write(piece, 0, Math.min(piece.length, OUTPUT_MAX - output.size()));
    }
}
