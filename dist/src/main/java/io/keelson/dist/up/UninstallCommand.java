package io.keelson.dist.up;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson uninstall}: leaves nothing on this machine but the program itself. */
@Command(
        name = "uninstall",
        mixinStandardHelpOptions = true,
        description = {
            "Ends the cluster, or the node of another one, and removes all that it has left on this machine: pods, mounts, cgroups, interfaces, rules,"
                    + " folders and all data.",
            "Shows what that is, and asks. Can be repeated until nothing is left."
        })
public final class UninstallCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path folder = data.folder();
        try {
            if (Files.exists(folder) && !ClusterFolder.isCluster(folder)) {
                throw new IOException(
                        folder + " is no cluster's: name the folder that was given to keelson up with --data");
            }
            List<String> others = OtherNodes.besides(folder);
            Optional<JoinFile> joined = JoinFile.read(folder);
            Optional<ProcessFile.Running> running = ProcessFile.read(folder);
            List<String> shown = new ArrayList<>();
            String process = "the " + JoinFile.kind(folder) + "'s process, ";
            running.ifPresent(each -> shown.add(process + each.handle().pid()));
            try (ClusterRemains cluster = new ClusterRemains(folder)) {
                all(cluster, folder, others).forEach(remain -> shown.add(remain.what()));
            }
            tellOthers(out, others);
            if (shown.isEmpty()) {
                out.println("Nothing is left to remove.");
                return 0;
            }
            out.println("This will be removed:");
            shown.forEach(what -> out.println("  " + what));
            out.flush();
            if (!yes && !isWanted(out)) {
                err.println("keelson uninstall: nothing is removed; with --yes it does not ask");
                return 1;
            }
            if (running.isPresent()) {
                boolean _ = ClusterProcess.end(folder, running.get().handle());
                out.println("Removed: " + process + running.get().handle().pid());
            }
            boolean isDone = remove(folder, others, out, err);
            joined.ifPresent(file -> out.println(file.farewell()));
            return isDone ? 0 : 1;
        } catch (IOException e) {
            err.println("keelson uninstall: " + Reason.of(e));
            return 1;
        }
    }

    private static List<Remain> all(ClusterRemains cluster, Path folder, List<String> others)
            throws IOException, InterruptedException {
        List<Remain> remains = new ArrayList<>();
        Set<Path> kubeconfigs = new LinkedHashSet<>(new OutsideFile(folder).kubeconfigs());
        kubeconfigs.add(HomeFolder.kubeconfig().toAbsolutePath().normalize());
        for (Path kubeconfig : kubeconfigs) {
            remains.addAll(KubeconfigRemains.find(folder, kubeconfig));
        }
        remains.addAll(cluster.all());
        if (others.isEmpty()) {
            remains.addAll(SharedRemains.network());
            remains.addAll(SharedRemains.cgroups());
            remains.addAll(SharedRemains.folders());
        }
        return remains;
    }

    private boolean remove(Path folder, List<String> others, PrintWriter out, PrintWriter err)
            throws IOException, InterruptedException {
        // Looked for again: what ran until now has gone on.
        boolean isDone;
        try (ClusterRemains cluster = new ClusterRemains(folder)) {
            isDone = Remain.remove(all(cluster, folder, others), out, err);
        }
        try (ClusterRemains cluster = new ClusterRemains(folder)) {
            List<Remain> left = all(cluster, folder, others);
            if (isDone && left.isEmpty()) {
                out.println("Nothing is left but the program itself.");
                return true;
            }
            left.forEach(remain -> err.println("Left: " + remain.what()));
            err.println("Not all could be removed: run it again"
                    + (Root.is() ? ", after a restart of the machine if that does not help" : " as root"));
            return false;
        }
    }

    private static void tellOthers(PrintWriter out, List<String> others) {
        if (!others.isEmpty()) {
            out.println("Also on this machine, so what nodes share, as the network of pods, stays: "
                    + String.join(", ", others) + ".");
        }
    }

    private static boolean isWanted(PrintWriter out) throws IOException {
        out.print("Remove all of it? [y/N] ");
        out.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        @Nullable String answer = in.readLine();
        out.println();
        return answer != null && List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
    }
}
