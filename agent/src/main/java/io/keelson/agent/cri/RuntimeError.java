package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** What runtimes say when they refuse a call, as users of the kubelet know it from events. */
public final class RuntimeError {
    private RuntimeError() {}

    /** As Go's client of gRPC shows it: {@code rpc error: code = NotFound desc = …}. */
    public static String text(StatusRuntimeException e) {
        return "rpc error: code = " + name(e.getStatus().getCode()) + " desc = " + description(e);
    }

    /** The same of anybody's answer. */
    public static String text(Status status) {
        String description = status.getDescription();
        return "rpc error: code = " + name(status.getCode()) + " desc = " + (description == null ? "" : description);
    }

    /** The runtime's words alone; the code's name if it has said nothing. */
    public static String description(StatusRuntimeException e) {
        String description = e.getStatus().getDescription();
        return description == null ? name(e.getStatus().getCode()) : description;
    }

    private static String name(Status.Code code) {
        return switch (code) {
            case OK -> "OK";
            // Of the two ways to write it, Go has the other one.
            case CANCELLED -> "Canceled";
            case UNKNOWN -> "Unknown";
            case INVALID_ARGUMENT -> "InvalidArgument";
            case DEADLINE_EXCEEDED -> "DeadlineExceeded";
            case NOT_FOUND -> "NotFound";
            case ALREADY_EXISTS -> "AlreadyExists";
            case PERMISSION_DENIED -> "PermissionDenied";
            case RESOURCE_EXHAUSTED -> "ResourceExhausted";
            case FAILED_PRECONDITION -> "FailedPrecondition";
            case ABORTED -> "Aborted";
            case OUT_OF_RANGE -> "OutOfRange";
            case UNIMPLEMENTED -> "Unimplemented";
            case INTERNAL -> "Internal";
            case UNAVAILABLE -> "Unavailable";
            case DATA_LOSS -> "DataLoss";
            case UNAUTHENTICATED -> "Unauthenticated";
        };
    }
}
