package io.keelson.kvstore.server;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** Makes a unary call of which only success matters. */
final class OneCall {
    private OneCall() {}

    static <Q, R> CompletableFuture<Void> unary(Channel channel, MethodDescriptor<Q, R> method, Q request) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ClientCalls.asyncUnaryCall(channel.newCall(method, CallOptions.DEFAULT), request, new StreamObserver<R>() {
            @Override
            public void onNext(R answer) {
                // Only whether there is one matters.
            }

            @Override
            public void onError(Throwable failure) {
                done.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                done.complete(null);
            }
        });
        return done;
    }
}
