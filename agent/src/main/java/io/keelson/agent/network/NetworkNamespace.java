package io.keelson.agent.network;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace: that of this process, or one that a file stands for. What is to be done in another one is done by a thread
 * that enters it and ends; no thread ever comes back from one, so none can be in a wrong one by mistake.
 *
 * @param file null for that of this process
 */
public record NetworkNamespace(@Nullable Path file) {
    /** The one of this process. */
    static final NetworkNamespace OWN = new NetworkNamespace(null);

    /**
     * Does something in it: opens sockets, which stay in it, or writes files below {@code /proc/sys/net}, which are those of
     * who opens them. It must not start threads or programs.
     *
     * @throws IOException if it cannot be entered, or what is done fails
     */
    public <T> T call(Callable<T> action) throws IOException {
        Path entered = file;
        FutureTask<T> task = new FutureTask<>(
                entered == null
                        ? action
                        : () -> {
                            enter(entered);
                            return action.call();
                        });
        if (entered == null) {
            task.run();
        } else {
            Thread.ofPlatform().daemon().name("netns").start(task);
        }
        return result(task);
    }

    /** Waits whatever happens, as it takes no time: a socket that nobody waits for would stay open. */
    static <T> T result(FutureTask<T> task) throws IOException {
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new IOException(cause.getMessage(), cause);
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void enter(Path file) throws IOException {
        int descriptor = Kernel.open(file);
        try {
            Kernel.enterNetwork(descriptor);
        } finally {
            Kernel.close(descriptor);
        }
    }

    /** What programs have to be started with to run in it. */
    List<String> prefix() {
        Path entered = file;
        return entered == null ? List.of() : List.of("nsenter", "--net=" + entered);
    }
}
