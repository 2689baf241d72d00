package io.keelson.dist.up;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson down}: ends a cluster that {@code keelson up} has started. */
@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description =
                "Ends the cluster, or the node of another one, that keelson up has started. Its data stays, unless"
                        + " --wipe is given.")
public final class DownCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Option(names = "--pods", description = "End the pods on this machine, too, which else go on running.")
    private boolean pods;

    @Option(names = "--wipe", description = "End the pods, and remove the folder with all data, too.")
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
            String kind = JoinFile.kind(folder);
            Optional<JoinFile> joined = JoinFile.read(folder);
            Optional<ProcessFile.Running> running = ProcessFile.read(folder);
            if (running.isPresent()) {
                if (!ClusterProcess.end(folder, running.get().handle())) {
                    out.println(
                            "It had not ended within " + ClusterProcess.END_MAX.toSeconds()
                                    + " s and was killed; its data is safe: the log of the store tells it what was acknowledged.");
                }
                out.println("The " + kind + " in " + folder + " has ended.");
            } else {
                out.println("No " + kind + " runs in " + folder + ".");
            }
            try (ClusterRemains remains = new ClusterRemains(folder)) {
                boolean isDone = clean(remains, folder);
                if (isDone && wipe) {
                    joined.ifPresent(file -> out.println(file.farewell()));
                }
                return isDone ? 0 : 1;
            }
        } catch (IOException e) {
            err.println("keelson down: " + Reason.of(e));
            return 1;
        }
    }

    private boolean clean(ClusterRemains remains, Path folder) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (!wipe && !pods) {
            int running = remains.pods().size();
            if (running > 0) {
                out.println(running + (running == 1 ? " pod goes" : " pods go")
                        + " on running until the next start. To end them, too: "
                        + Typed.forCluster("down", folder, "--pods"));
            }
            return true;
        }
        List<Remain> all = new ArrayList<>(wipe ? remains.all() : remains.pods());
        // Whoever never had a node here has nothing of it to give back.
        if (wipe
                && Files.exists(NodePlace.folder(folder))
                && OtherNodes.besides(folder).isEmpty()) {
            all.addAll(SharedRemains.network());
            all.addAll(SharedRemains.cgroups());
        }
        if (Remain.remove(all, out, err)) {
            return true;
        }
        err.println("keelson down: not all could be removed; to try it again: "
                + Typed.forCluster("down", folder, wipe ? "--wipe" : "--pods"));
        return false;
    }
}
