package io.keelson.kvstore.server;

import io.grpc.Context;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** When a read may see the store so that it is linearizable, and where it runs. Any thread; never blocks. */
public interface ReadPoints {
    /**
     * Completes once this member's store holds everything that was acknowledged anywhere before the call. Completes on a
     * thread of {@link #readers()}, so a dependent stage may read the store, but should not read for long: other
     * readers of the same point follow on the same thread. Fails with an
     * {@link io.keelson.kvstore.errors.EtcdException}.
     */
    CompletableFuture<Void> linearizable();

    /** As {@link #linearizable()}, but completes on a thread of the caller's choice. */
    default CompletableFuture<Void> linearizable(Executor where) {
        return linearizable().thenRunAsync(() -> {}, where);
    }

    /** What is read at such a point, on its thread and in the {@link Context} of the caller. */
    default <T> CompletableFuture<T> read(Supplier<T> work) {
        Context caller = Context.current();
        return linearizable().thenApply(_ -> {
            Context previous = caller.attach();
            try {
                return work.get();
            } finally {
                caller.detach(previous);
            }
        });
    }

    /**
     * Threads that may block on the store's disk, for reads that need no read point. Bounded: a task beyond the bound is
     * rejected with {@link java.util.concurrent.RejectedExecutionException}, which is to be answered with {@code
     * TOO_MANY_REQUESTS}.
     */
    Executor readers();
}
