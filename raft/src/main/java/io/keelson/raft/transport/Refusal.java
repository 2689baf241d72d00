package io.keelson.raft.transport;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Why a stream is not accepted, or not kept any longer.
 *
 * @param text for people
 * @param removed whether it is because the caller was removed from the cluster, which the caller is to act upon
 */
record Refusal(String text, boolean removed) {
    /**
     * Says so to the caller, beside the status. The status alone would not do: what stands between members, such as a proxy
     * that forbids something, has the same codes.
     */
    private static final Metadata.Key<String> REASON =
            Metadata.Key.of("keelson-refusal", Metadata.ASCII_STRING_MARSHALLER);

    private static final String REMOVED = "removed";

    static Refusal because(String text) {
        return new Refusal(text, false);
    }

    /** The caller was a member once and never will be again. */
    static Refusal ofRemoved(long memberId) {
        return new Refusal(
                "member " + PeerIdentity.text(memberId) + " has been permanently removed from the cluster", true);
    }

    StatusRuntimeException toException() {
        Metadata trailers = new Metadata();
        if (removed) {
            trailers.put(REASON, REMOVED);
        }
        return Status.FAILED_PRECONDITION.withDescription(text).asRuntimeException(trailers);
    }

    /** Whether what a stream ended with says that this member was removed. */
    static boolean saysRemoved(Throwable end) {
        Metadata trailers = Status.trailersFromThrowable(end);
        return trailers != null && REMOVED.equals(trailers.get(REASON));
    }
}
