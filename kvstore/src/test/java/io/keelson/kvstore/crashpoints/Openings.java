package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.crashpoints.ImageOpening.Answer;
import io.keelson.kvstore.crashpoints.ImageOpening.Question;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Some processes that open images side by side; whoever is idle takes the next one. */
final class Openings implements AutoCloseable {
    private final List<OpeningProcess> all = new ArrayList<>();
    private final BlockingQueue<OpeningProcess> idle;
    private final ExecutorService threads;

    /**
     * Starts them; needs root.
     *
     * @param log where what they print goes
     */
    Openings(int processes, Path log) throws IOException {
        idle = new ArrayBlockingQueue<>(processes);
        threads = Executors.newFixedThreadPool(
                processes, Thread.ofPlatform().name("opening-", 0).daemon().factory());
        try {
            for (int i = 0; i < processes; i++) {
                all.add(OpeningProcess.start(log));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        idle.addAll(all);
    }

    /** What an image holds, told when it is its turn and it was opened; an {@link IOException} within if it cannot be. */
    CompletableFuture<Answer> open(Question question) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        OpeningProcess mine = idle.take();
                        try {
                            return mine.open(question);
                        } finally {
                            idle.add(mine);
                        }
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new CompletionException(e);
                    }
                },
                threads);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        all.forEach(OpeningProcess::close);
    }
}
