package io.keelson.agent.pods.launch;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeError;

/** What a runtime says when it refuses. */
public final class RuntimeErrors {
    private RuntimeErrors() {}

    /** What it says, without the code. */
    public static String message(StatusRuntimeException refusal) {
        String description = refusal.getStatus().getDescription();
        return description == null || description.isEmpty()
                ? refusal.getStatus().getCode().toString()
                : description;
    }

    /** What it says with the code, as Go shows it: {@code rpc error: code = Unknown desc = …}. */
    public static String text(StatusRuntimeException refusal) {
        return RuntimeError.text(refusal);
    }

    /** Whether the runtime says that it has no such thing. */
    public static boolean isNotFound(StatusRuntimeException refusal) {
        return refusal.getStatus().getCode() == Status.Code.NOT_FOUND;
    }

    /** Ends the call's thread as it was told to, if that is why the call failed. */
    public static void throwIfInterrupted(StatusRuntimeException refusal) throws InterruptedException {
        if (refusal.getStatus().getCode() == Status.Code.CANCELLED && Thread.interrupted()) {
            throw new InterruptedException("the call was given up");
        }
    }
}
