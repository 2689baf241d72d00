package io.keelson.agent.embedded;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** What callers of the runtime are told. */
final class RuntimeProblem {
    private RuntimeProblem() {}

    static StatusRuntimeException notFound(String what) {
        return Status.NOT_FOUND.withDescription(what + ": not found").asRuntimeException();
    }

    static StatusRuntimeException invalid(String why) {
        return Status.INVALID_ARGUMENT.withDescription(why).asRuntimeException();
    }

    static StatusRuntimeException refused(String why) {
        return Status.FAILED_PRECONDITION.withDescription(why).asRuntimeException();
    }

    static StatusRuntimeException failed(String why, Throwable cause) {
        return Status.UNKNOWN.withDescription(why).withCause(cause).asRuntimeException();
    }
}
