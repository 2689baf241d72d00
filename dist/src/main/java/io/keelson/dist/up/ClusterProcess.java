package io.keelson.dist.up;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The end of a cluster's process. */
final class ClusterProcess {
    /** How long it may take to end by itself. */
    static final Duration END_MAX = Duration.ofSeconds(45);

    private static final Duration KILL_MAX = Duration.ofSeconds(10);
    private static final Duration GONE_MAX = Duration.ofSeconds(5);

    private ClusterProcess() {}

    /**
     * Ends the process that runs the cluster of a folder, and waits until it has let go of all.
     *
     * @return whether it ended by itself; if not in time, it was killed
     * @throws IOException if it cannot even be killed
     */
    static boolean end(Path folder, ProcessHandle process) throws IOException, InterruptedException {
        process.destroy();
        boolean isByItself = hasEnded(folder, process, END_MAX);
        if (!isByItself) {
            process.destroyForcibly();
            if (!hasEnded(folder, process, KILL_MAX)) {
                throw new IOException(
                        "process " + process.pid() + " cannot be ended, not even killed: something that it"
                                + " waits for, a disk for one, does not answer; dmesg may say what");
            }
        }
        try {
            // It has let go of the cluster; this lets go of its port, too.
            process.onExit().get(GONE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // It is dead, and only listed until its parent takes note.
            return isByItself;
        }
        return isByItself;
    }

    /** Asks the lock, too: a process that died is alive to others until its parent takes note. */
    private static boolean hasEnded(Path folder, ProcessHandle process, Duration limit)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (process.isAlive() && ProcessFile.isTaken(folder)) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }
}
