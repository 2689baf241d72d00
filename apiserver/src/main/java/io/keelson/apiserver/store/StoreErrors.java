package io.keelson.apiserver.store;

import io.grpc.Status;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.kvstore.client.KvClient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the store's failures become for whoever asked the API. */
public final class StoreErrors {
    private static final String COMPACTED = "mvcc: required revision has been compacted";
    private static final String FUTURE = "mvcc: required revision is a future revision";
    private static final String LEASE_NOT_FOUND = "etcdserver: requested lease not found";
    private static final String TOO_LARGE = "etcdserver: request is too large";
    /** Of gRPC, on either side. */
    private static final String LARGER_THAN_MAX = "message larger than max";

    private static final String TOO_MANY_REQUESTS = "etcdserver: too many requests";

    private StoreErrors() {}

    /** A watch begins at a revision that is gone. */
    static ApiException watchExpired() {
        return ApiException.expired("The resourceVersion for the provided watch is too old.");
    }

    /** A list is asked for at a revision that is gone. */
    public static ApiException listExpired() {
        return ApiException.expired("The resourceVersion for the provided list is too old.");
    }

    /**
     * A further page of a list is asked for at a revision that is gone.
     *
     * @param token by which the client can have the rest as it is now
     */
    public static ApiException continueExpired(String token) {
        return ApiException.expired(
                        "The provided continue parameter is too old to display a consistent list result. You can"
                                + " start a new list without the continue parameter, or use the continue token in this response to"
                                + " retrieve the remainder of the results. Continuing with the provided token results in an"
                                + " inconsistent list - objects that were created, modified, or deleted between the time the"
                                + " first chunk was returned and now may show up in the list.")
                .continuing(token);
    }

    /** What was asked for lies in the future, as far as can be seen from here; clients try again. */
    public static ApiException tooLargeRevision(long wanted, long current) {
        StatusDetails details = StatusDetails.NONE
                .withCauses(List.of(new StatusCause("ResourceVersionTooLarge", "Too large resource version", "")))
                .withRetryAfterSeconds(1);
        return ApiException.of(
                Reason.TIMEOUT,
                "Timeout: Too large resource version: " + Long.toUnsignedString(wanted) + ", current: " + current,
                details);
    }

    /** It was not found out in time, or not at all, what became of a request. */
    static ApiException unknownOutcome(String why) {
        return ApiException.of(Reason.TIMEOUT, "Timeout: request did not complete within requested timeout - " + why);
    }

    /** The store cannot be reached; nothing was changed. */
    static ApiException unavailable(String why) {
        return ApiException.of(Reason.SERVICE_UNAVAILABLE, "the store is not available: " + why);
    }

    /** A value cannot be turned into what it was before it was stored. */
    static ApiException unreadable(String key, Throwable cause) {
        return ApiException.internal("unable to transform key \"" + key + "\": " + cause.getMessage(), cause);
    }

    static boolean isCompacted(Status status) {
        return says(status, COMPACTED);
    }

    static boolean isFuture(Status status) {
        return says(status, FUTURE);
    }

    static boolean isLeaseNotFound(Status status) {
        return says(status, LEASE_NOT_FOUND);
    }

    private static boolean says(Status status, String text) {
        String description = status.getDescription();
        return description != null && description.contains(text);
    }

    /** The failure of a read. */
    static ApiException ofRead(Status status) {
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return unknownOutcome("context deadline exceeded");
        }
        return KvClient.isLost(status) ? unavailable(text(status)) : answered(status);
    }

    /**
     * The failure of a write.
     *
     * @param sent whether it may have left this process
     */
    static ApiException ofWrite(Status status, boolean sent) {
        if (says(status, TOO_LARGE) || says(status, LARGER_THAN_MAX)) {
            return ApiException.of(Reason.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE);
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return sent ? unknownOutcome("context deadline exceeded") : unavailable("context deadline exceeded");
        }
        if (!sent) {
            return KvClient.isLost(status) ? unavailable(text(status)) : answered(status);
        }
        // The store's own "timed out" has the code UNAVAILABLE too, and leaves as open what happened.
        boolean open = switch (status.getCode()) {
            case UNAVAILABLE -> true;
            case INTERNAL, CANCELLED, UNKNOWN -> !KvClient.isAnswer(status);
            default -> false;
        };
        return open ? unknownOutcome(text(status)) : answered(status);
    }

    private static ApiException answered(Status status) {
        if (says(status, TOO_MANY_REQUESTS)) {
            return ApiException.tooManyRequests(TOO_MANY_REQUESTS, 1);
        }
        return ApiException.of(Reason.UNKNOWN, text(status));
    }

    static String text(Status status) {
        @Nullable String description = status.getDescription();
        @Nullable Throwable cause = status.getCause();
        String text = description == null ? status.getCode().toString() : description;
        return cause == null || cause.getMessage() == null ? text : text + ": " + cause.getMessage();
    }
}
