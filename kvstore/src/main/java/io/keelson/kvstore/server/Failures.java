package io.keelson.kvstore.server;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.storage.StorageException;
import io.keelson.raft.RaftException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client is told of a failure. */
public final class Failures {
    private static final Logger log = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** The answer to a failure of the log. */
    public static EtcdError ofRaft(RaftException failure) {
        return switch (failure) {
            case RaftException.Overloaded _ -> EtcdError.TOO_MANY_REQUESTS;
            case RaftException.OutcomeUnknown unknown ->
                unknown.leaderLost() ? EtcdError.TIMEOUT_LEADER_FAILURE : EtcdError.TIMEOUT;
            case RaftException.NoLeader _ -> EtcdError.NO_LEADER;
            case RaftException.NotLeader _ -> EtcdError.NOT_LEADER;
            case RaftException.TooLarge _ -> EtcdError.REQUEST_TOO_LARGE;
            case RaftException.Timeout _ -> EtcdError.TIMEOUT;
            case RaftException.Unreachable _ -> EtcdError.TIMEOUT_CONNECTION_LOST;
            case RaftException.BadConfiguration _ -> EtcdError.UNHEALTHY;
            case RaftException.Stopped _ -> EtcdError.STOPPED;
        };
    }

    /** The cause behind the wrappers that futures put around it. */
    public static Throwable cause(Throwable failure) {
        Throwable at = failure;
        while (at instanceof CompletionException || at instanceof ExecutionException) {
            Throwable inner = at.getCause();
            if (inner == null) {
                break;
            }
            at = inner;
        }
        return at;
    }

    /** As gRPC status. What nobody foresaw becomes UNKNOWN, and is logged with its trace. */
    public static Status status(Throwable failure) {
        Throwable cause = cause(failure);
        return switch (cause) {
            case EtcdException e -> e.error().status();
            case RaftException e -> ofRaft(e).status();
            case StatusRuntimeException e -> e.getStatus();
            case StatusException e -> e.getStatus();
            // What is wrong with the disk has been logged once, and concerns the operator.
            case StorageException _ -> EtcdError.STOPPED.status();
            case RejectedExecutionException _ -> EtcdError.TOO_MANY_REQUESTS.status();
            case CancellationException _ -> EtcdError.CANCELED.status();
            default -> {
                log.error("a request failed in an unforeseen way", cause);
                yield Status.UNKNOWN.withDescription("etcdserver: " + cause);
            }
        };
    }
}
