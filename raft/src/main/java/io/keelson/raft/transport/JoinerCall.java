package io.keelson.raft.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftException;
import io.keelson.raft.transport.proto.Frame;
import io.keelson.raft.transport.proto.Hello;
import io.keelson.raft.transport.proto.PeerGrpc;
import io.keelson.raft.transport.proto.Request;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One question to a member of which only a URL is known, asked by someone who is not a member. */
public final class JoinerCall implements StreamObserver<Frame> {
    private final CompletableFuture<byte[]> answer = new CompletableFuture<>();
    private final String url;

    private JoinerCall(String url) {
        this.url = url;
    }

    /**
     * Asks; the connection is made for this question and closed after it.
     *
     * @param clusterId the cluster the member must be of, 0 for any
     * @return fails with {@link RaftException.Unreachable} or {@link RaftException.Timeout}
     */
    public static CompletableFuture<byte[]> ask(
            String url, @Nullable PeerTls tls, long clusterId, String method, byte[] request, int timeoutMs) {
        JoinerCall call = new JoinerCall(url);
        IoThreads io = new IoThreads("joiner-io", 1);
        ExecutorService callbacks = PeerTransport.newPool("joiner");
        ManagedChannel channel;
        try {
            PeerTlsContexts contexts = tls == null ? null : PeerTlsContexts.of(tls);
            channel = new PeerChannels(io, callbacks, contexts).open(PeerAddress.parse(url));
        } catch (IOException | IllegalArgumentException e) {
            io.close();
            callbacks.shutdown();
            return CompletableFuture.failedFuture(new RaftException.Unreachable(url + ": " + e.getMessage()));
        }
        StreamObserver<Frame> out = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(
                        PeerGrpc.getConnectMethod(),
                        CallOptions.DEFAULT.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)),
                call);
        out.onNext(Frame.newBuilder()
                .setHello(
                        Hello.newBuilder().setClusterId(clusterId).setProtocolVersion(TransportLimits.PROTOCOL_VERSION))
                .build());
        out.onNext(Frame.newBuilder()
                .setRequest(Request.newBuilder()
                        .setId(1)
                        .setMethod(PeerTransport.CALL_PREFIX + method)
                        .setPayload(UnsafeByteOperations.unsafeWrap(request)))
                .build());
        return call.answer.whenComplete((value, error) -> {
            // gRPC is still busy with the answer on this thread; its I/O thread may go only when it has done.
            Thread.ofVirtual().name("joiner-close").start(() -> close(channel, callbacks, io));
        });
    }

    private static void close(ManagedChannel channel, ExecutorService callbacks, IoThreads io) {
        channel.shutdownNow();
        try {
            channel.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        callbacks.shutdown();
        io.close();
    }

    @Override
    public void onNext(Frame frame) {
        if (frame.hasResponse()) {
            ByteString payload = frame.getResponse().getPayload();
            String error = frame.getResponse().getError();
            if (error.isEmpty()) {
                answer.complete(payload.toByteArray());
            } else {
                answer.completeExceptionally(new RaftException.Unreachable(url + ": " + error));
            }
        }
    }

    @Override
    public void onError(Throwable error) {
        Status status = Status.fromThrowable(error);
        String text = url + ": " + PeerLink.describe(status);
        answer.completeExceptionally(
                status.getCode() == Status.Code.DEADLINE_EXCEEDED
                        ? new RaftException.Timeout(text)
                        : new RaftException.Unreachable(text));
    }

    @Override
    public void onCompleted() {
        answer.completeExceptionally(new RaftException.Unreachable(url + ": ended the stream without an answer"));
    }
}
