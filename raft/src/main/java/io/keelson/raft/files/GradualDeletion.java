package io.keelson.raft.files;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes files and folders in the background, no faster than a disk takes it in passing. A file system that is mounted with
 * {@code discard} tells the disk of all blocks that have become free before it ends a step of its journal, and everybody's
 * fsync waits for that: some gigabytes of an old snapshot, removed at once, hold all writes up for seconds.
 *
 * <p>Only what becomes free counts: a name of a file that has others costs nothing. What is not removed when this is closed,
 * or cannot be removed, stays; whoever gives something here finds it at its next start and gives it again.
 */
public final class GradualDeletion implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GradualDeletion.class);
    private static final long BYTES_PER_SECOND = 256L << 20;
    private static final int WAITING_MAX = 1_024;
    private static final int IDLE_SECONDS = 10;
    private static final int CLOSE_SECONDS = 10;

    private final long bytesPerSecond;
    private final ThreadPoolExecutor thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param threadName of the thread that removes, which goes when there is nothing to remove */
    public GradualDeletion(String threadName) {
        this(threadName, BYTES_PER_SECOND);
    }

    GradualDeletion(String threadName, long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().daemon().name(threadName).factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * Removes a file, or a folder with all that is in it, some time later. Does not wait.
     *
     * @param tree nothing that anybody uses, or will use under this name before it is gone
     */
    public void delete(Path tree) {
        try {
            thread.execute(() -> remove(tree));
        } catch (RejectedExecutionException e) {
            log.debug("{} is left to the next start", tree);
        }
    }

    private void remove(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (closed.getCount() == 0) {
                        return FileVisitResult.TERMINATE;
                    }
                    long freedBytes = hasOtherNames(file) ? 0 : attributes.size();
                    Files.deleteIfExists(file);
                    pause(freedBytes);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            log.warn("{} cannot be removed yet; it is tried again at the next start", tree, e);
        }
    }

    private static boolean hasOtherNames(Path file) throws IOException {
        try {
            return Files.getAttribute(file, "unix:nlink") instanceof Integer names && names > 1;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            // A system that does not say it: then it counts as the last name.
            return false;
        }
    }

    private void pause(long freedBytes) {
        try {
            var _ = closed.await(TimeUnit.SECONDS.toNanos(1) * freedBytes / bytesPerSecond, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends with the file in hand, and leaves the rest. */
    @Override
    public void close() {
        closed.countDown();
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("a file is still being removed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
