package io.keelson.benchmarks.controllers;

import io.keelson.benchmarks.cluster.Launcher;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson bench controllers}: how long controllers take for what users wait for, and a table of it. */
@Command(
        name = "controllers",
        mixinStandardHelpOptions = true,
        description =
                "Lets a controller manager work on an API server, both started for it, and prints how long it takes"
                        + " and what the processes used.")
public final class ControllersBenchCommand implements Callable<Integer> {
    private static final List<ControllerCase> ALL = List.of(
            new NamespaceDeletion(),
            new DeploymentScaling(),
            new Rollouts(),
            new OwnerDeletion(),
            new ServiceEndpoints());

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--case",
            split = ",",
            paramLabel = "NAME",
            description = "namespace, deployment, rollouts, garbage, endpoints; all of them by default.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--scale",
            defaultValue = "1",
            paramLabel = "FACTOR",
            description = "All numbers of objects times this; then nothing is wanted. Default: ${DEFAULT-VALUE}")
    private double scale;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each is measured; medians are printed. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "0.2",
            paramLabel = "FACTOR",
            description = "Before, each is done once with all numbers times this; 0 for not. Default: ${DEFAULT-VALUE}")
    private double warmUp;

    @Option(
            names = "--workers",
            defaultValue = "32",
            description = "Requests under way at a time while objects are made. Default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(
            names = "--seconds-max",
            defaultValue = "600",
            description = "When a case is given up. Default: ${DEFAULT-VALUE}")
    private long secondsMax;

    @Option(
            names = "--keelson",
            paramLabel = "FILE",
            description = "The program that is measured. Default: the one that this is")
    private @Nullable Path keelson = Launcher.ownProgram();

    @Option(names = "--check", description = "Ends with 1 if something that is wanted is not reached, too.")
    private boolean check;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ControllersTable table = new ControllersTable();
        try {
            List<ControllerCase> chosen = chosen();
            Launcher launcher = Launcher.inTemporaryFolder(program());
            try (Playground playground = Playground.start(launcher, workers, secondsMax)) {
                for (int i = 0; i < chosen.size(); i++) {
                    run(chosen.get(i), playground, "bench-" + i, table);
                }
            }
            if (table.failed() > 0) {
                out.println("the logs are in " + launcher.folder());
            } else {
                launcher.deleteFolder();
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        table.print(out);
        out.flush();
        return table.failed() > 0 || (check && table.missed() > 0) ? 1 : 0;
    }

    private List<ControllerCase> chosen() {
        if (!(scale > 0 && scale <= 100) || !(warmUp >= 0 && warmUp <= 1)) {
            throw new IllegalArgumentException("--scale is more than 0 and at most 100, --warm-up from 0 to 1");
        }
        if (rounds < 1 || workers < 1 || secondsMax < 1) {
            throw new IllegalArgumentException("--rounds, --workers and --seconds-max are 1 or more");
        }
        Map<String, ControllerCase> known = new LinkedHashMap<>();
        ALL.forEach(each -> known.put(each.name(), each));
        if (names.isEmpty()) {
            return ALL;
        }
        List<ControllerCase> chosen = new ArrayList<>();
        for (String name : names) {
            ControllerCase each = known.get(name);
            if (each == null) {
                throw new IllegalArgumentException(
                        "no case '" + name + "'; there are " + String.join(", ", known.keySet()));
            }
            chosen.add(each);
        }
        return chosen;
    }

    private Path program() {
        if (keelson == null) {
            throw new IllegalArgumentException("--keelson has to say which program is measured");
        }
        return keelson.toAbsolutePath();
    }

    private void run(ControllerCase each, Playground playground, String namespace, ControllersTable table)
            throws InterruptedException {
        PrintWriter progress = spec.commandLine().getErr();
        int size = (int) Math.max(1, Math.round(each.usualSize() * scale));
        String title = each.title(size);
        try {
            if (warmUp > 0) {
                progress.println("warming: " + title);
                progress.flush();
                var _ = Timed.run(each, playground, namespace + "-warm", (int) Math.max(1, Math.round(size * warmUp)));
            }
            List<Timed> measured = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                progress.println("measuring: " + title + ", round " + round);
                progress.flush();
                measured.add(Timed.run(each, playground, namespace + "-" + round, size));
            }
            table.add(title, size, size == each.usualSize() ? each.wantedSeconds() : 0, Timed.median(measured));
        } catch (IOException | RuntimeException e) {
            table.addFailed(title, String.valueOf(e.getMessage()));
        }
    }
}
