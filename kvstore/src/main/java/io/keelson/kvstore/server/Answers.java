package io.keelson.kvstore.server;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Answers unary calls with what a future brings. */
public final class Answers {
    private Answers() {}

    /** Sends the one answer, or what the failure of the work is told as, whether thrown at once or later. */
    public static <T> void send(StreamObserver<T> client, Supplier<CompletableFuture<T>> work) {
        CompletableFuture<T> answer;
        try {
            answer = work.get();
        } catch (RuntimeException e) {
            client.onError(Failures.status(e).asRuntimeException());
            return;
        }
        var _ = answer.whenComplete((value, failure) -> {
            if (failure != null) {
                client.onError(Failures.status(failure).asRuntimeException());
            } else {
                client.onNext(value);
                client.onCompleted();
            }
        });
    }
}
