package io.keelson.agent.network;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** A network namespace in which something can be tried: nobody else is in it, and it is gone afterwards. Needs root. */
public final class EmptyNetwork {
    private EmptyNetwork() {}

    /**
     * Does something on a thread that is in a new one. It must not start threads or programs.
     *
     * @throws IOException if there can be none, or what is done fails
     */
    public static <T> T call(Callable<T> action) throws IOException {
        FutureTask<T> task = new FutureTask<>(() -> {
            Kernel.leaveNetwork();
            return action.call();
        });
        Thread.ofPlatform().daemon().name("empty-network").start(task);
        return NetworkNamespace.result(task);
    }
}
