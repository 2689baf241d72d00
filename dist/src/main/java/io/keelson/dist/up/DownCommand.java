package io.keelson.dist.up;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson down}: ends a cluster that {@code keelson up} has started. */
@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description = "Ends the cluster that keelson up has started. Its data stays, unless --wipe is given.")
public final class DownCommand implements Callable<Integer> {
    private static final Duration END_MAX = Duration.ofSeconds(45);
    private static final Duration KILL_MAX = Duration.ofSeconds(10);
    private static final Duration GONE_MAX = Duration.ofSeconds(5);

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Option(names = "--wipe", description = "Remove the folder with all data, too.")
    private boolean wipe;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path folder = data.folder();
        try {
            if (!Files.exists(folder)) {
                out.println("There is no cluster in " + folder + ".");
                return 0;
            }
            if (!ClusterFolder.isCluster(folder)) {
                throw new IOException(
                        folder + " is no cluster's: name the folder that was given to keelson up with --data");
            }
            Optional<ProcessFile.Running> running = ProcessFile.read(folder);
            if (running.isPresent()) {
                end(folder, running.get().handle());
                out.println("The cluster in " + folder + " has ended.");
            } else {
                out.println("No cluster runs in " + folder + ".");
            }
            if (wipe) {
                ClusterFolder.wipe(folder);
                out.println("Its data is removed.");
            }
            return 0;
        } catch (IOException e) {
            err.println("keelson down: " + Reason.of(e));
            return 1;
        }
    }

    private void end(Path folder, ProcessHandle process) throws IOException, InterruptedException {
        process.destroy();
        if (!hasEnded(folder, process, END_MAX)) {
            process.destroyForcibly();
            if (!hasEnded(folder, process, KILL_MAX)) {
                throw new IOException(
                        "process " + process.pid() + " cannot be ended, not even killed: something that it"
                                + " waits for, a disk for one, does not answer; dmesg may say what");
            }
            spec.commandLine()
                    .getOut()
                    .println(
                            "It had not ended within " + END_MAX.toSeconds()
                                    + " s and was killed; its data is safe: the log of the store tells it what was acknowledged.");
        }
        try {
            // It has let go of the cluster; this lets go of its port, too.
            process.onExit().get(GONE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // It is dead, and only listed until its parent takes note.
            return;
        }
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
