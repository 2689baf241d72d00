package io.keelson.raft;

import io.keelson.raft.transport.JoinerCall;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests from member to member that are not part of the log, over the members' own transport, with the same
 * certificates and the same check of the cluster id.
 */
public interface PeerCalls {
    /**
     * Serves a kind of request of members.
     *
     * @param method a name unique in the program
     * @param handler is called on a thread that must not be blocked; its future's value is the answer
     */
    void serve(String method, Function<byte[], CompletableFuture<byte[]>> handler);

    /** Asks a member of this cluster. Fails with {@link RaftException.Unreachable} or {@link RaftException.Timeout}. */
    CompletableFuture<byte[]> call(long memberId, String method, byte[] request, int timeoutMs);

    /**
     * Serves a kind of request of anyone who may connect at all, member or not: for those who join. Such a request is
     * made with {@link #ask}.
     *
     * @param method a name unique in the program
     * @param handler is called on a thread that must not be blocked; its future's value is the answer
     */
    void serveJoiners(String method, Function<byte[], CompletableFuture<byte[]>> handler);

    /**
     * Asks a member of which only a URL is known, without being a member oneself. Only what is served with {@link
     * #serveJoiners} is answered.
     *
     * @param peerUrl {@code http://host:port} or {@code https://host:port}
     * @param tls own certificates, null for plaintext
     * @param clusterId the cluster that the other must be a member of, 0 if it is not known yet
     * @return fails with {@link RaftException.Unreachable} or {@link RaftException.Timeout}
     */
    static CompletableFuture<byte[]> ask(
            String peerUrl, @Nullable PeerTls tls, long clusterId, String method, byte[] request, int timeoutMs) {
        return JoinerCall.ask(peerUrl, tls, clusterId, method, request, timeoutMs);
    }
}
