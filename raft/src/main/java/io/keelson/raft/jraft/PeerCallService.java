package io.keelson.raft.jraft;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.raft.PeerCalls;
import io.keelson.raft.RaftException;
import io.keelson.raft.transport.PeerHandler;
import io.keelson.raft.transport.PeerIdentity;
import io.keelson.raft.transport.PeerReply;
import io.keelson.raft.transport.PeerRequest;
import io.keelson.raft.transport.PeerTransport;
import io.keelson.raft.transport.PeerTransport.Access;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Calls between members that have nothing to do with the log, under a prefix of their own. */
final class PeerCallService implements PeerCalls {
    private final PeerTransport transport;

    PeerCallService(PeerTransport transport) {
        this.transport = transport;
    }

    @Override
    public void serve(String method, Function<byte[], CompletableFuture<byte[]>> handler) {
        transport.serve(PeerTransport.CALL_PREFIX + method, Access.MEMBERS, elsewhere(handler));
    }

    @Override
    public void serveJoiners(String method, Function<byte[], CompletableFuture<byte[]>> handler) {
        transport.serve(PeerTransport.CALL_PREFIX + method, Access.ANYONE, elsewhere(handler));
    }

    /** What such a handler does is not known here, so it does not get the I/O thread. */
    private PeerHandler elsewhere(Function<byte[], CompletableFuture<byte[]>> handler) {
        return request -> transport.pool().execute(() -> answer(request, handler));
    }

    private static void answer(PeerRequest request, Function<byte[], CompletableFuture<byte[]>> handler) {
        CompletableFuture<byte[]> _ = handler.apply(request.payload().toByteArray())
                .whenComplete((value, error) -> {
                    if (error != null) {
                        request.refuse(error.getMessage() == null ? error.toString() : error.getMessage());
                    } else {
                        request.respond(UnsafeByteOperations.unsafeWrap(value));
                    }
                });
    }

    @Override
    public CompletableFuture<byte[]> call(long memberId, String method, byte[] request, int timeoutMs) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        transport.call(
                memberId,
                PeerTransport.CALL_PREFIX + method,
                UnsafeByteOperations.unsafeWrap(request),
                timeoutMs,
                new PeerReply() {
                    @Override
                    public void answered(ByteString payload) {
                        var _ = answer.completeAsync(payload::toByteArray, transport.pool());
                    }

                    @Override
                    public void failed(Failure failure, String message) {
                        String text = method + " at member " + PeerIdentity.text(memberId) + ": " + message;
                        RaftException why = failure == Failure.TIMED_OUT
                                ? new RaftException.Timeout(text)
                                : new RaftException.Unreachable(text);
                        transport.pool().execute(() -> answer.completeExceptionally(why));
                    }
                });
        return answer;
    }
}
