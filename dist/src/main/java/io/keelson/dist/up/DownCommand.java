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
                throw new IOException(folder + " is no cluster's");
            }
            Optional<ProcessFile.Running> running = ProcessFile.read(folder);
            if (running.isPresent()) {
                end(running.get().handle());
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
            err.println("keelson down: " + e.getMessage());
            return 1;
        }
    }

    private static void end(ProcessHandle process) throws IOException, InterruptedException {
        process.destroy();
        try {
            process.onExit().get(END_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new IOException(
                    "process " + process.pid() + " had not ended within " + END_MAX.toSeconds()
                            + " s and was killed; its data is safe: the log of the store tells it what was acknowledged",
                    e);
        } catch (ExecutionException e) {
            throw new IOException("process " + process.pid() + " cannot be waited for: " + e.getMessage(), e);
        }
    }
}
