package io.keelson.benchmarks.scheduler;

import io.keelson.benchmarks.cluster.ApiObjects;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Deletes objects beside what else goes on, so many a second. */
final class Deletion {
    private final ApiObjects objects;
    private final List<String> paths;
    private final int perSecond;
    private final Thread thread;
    private volatile @Nullable String failure;

    private Deletion(ApiObjects objects, List<String> paths, int perSecond) {
        this.objects = objects;
        this.paths = List.copyOf(paths);
        this.perSecond = perSecond;
        this.thread = Thread.ofVirtual().name("deletion").unstarted(this::run);
    }

    /** @param perSecond 0 for as fast as it goes */
    static Deletion start(ApiObjects objects, List<String> paths, int perSecond) {
        Deletion deletion = new Deletion(objects, paths, perSecond);
        deletion.thread.start();
        return deletion;
    }

    private void run() {
        try {
            if (perSecond == 0) {
                objects.deleteAll(paths);
                return;
            }
            long next = System.nanoTime();
            for (String path : paths) {
                objects.delete(path);
                next += TimeUnit.SECONDS.toNanos(1) / perSecond;
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            }
        } catch (IOException | RuntimeException e) {
            failure = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            // It is stopped.
            Thread.currentThread().interrupt();
        }
    }

    void await() throws IOException, InterruptedException {
        thread.join();
        check();
    }

    /** @throws IOException if something could not be deleted */
    void check() throws IOException {
        String why = failure;
        if (why != null) {
            throw new IOException("deleting pods: " + why);
        }
    }

    /** Ends it, and waits until it has. */
    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
