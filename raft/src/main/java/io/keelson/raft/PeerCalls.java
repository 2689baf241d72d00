package io.keelson.raft;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Requests from member to member that are not part of the log, over the members' own transport, with the same
 * certificates and the same check of the cluster id.
 */
public interface PeerCalls {
    /**
     * Serves a kind of request.
     *
     * @param method a name unique in the program
     * @param handler is called on a thread that must not be blocked; its future's value is the answer
     */
    void serve(String method, Function<byte[], CompletableFuture<byte[]>> handler);

    /** Asks a member of this cluster. Fails with {@link RaftException.Unreachable} or {@link RaftException.Timeout}. */
    CompletableFuture<byte[]> call(long memberId, String method, byte[] request, int timeoutMs);
}
