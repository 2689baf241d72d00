package io.keelson.benchmarks.controllers;

import io.keelson.benchmarks.cluster.CaseFlags;
import io.keelson.benchmarks.cluster.Launcher;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private CaseFlags flags = new CaseFlags(3, 100);

    @Option(
            names = "--seconds-max",
            defaultValue = "600",
            description = "When a case is given up. Default: ${DEFAULT-VALUE}")
    private long secondsMax;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ControllersTable table = new ControllersTable();
        CaseFlags.Given given;
        try {
            given = flags.given();
            List<ControllerCase> chosen = chosen();
            Launcher launcher = Launcher.inTemporaryFolder(given.keelson());
            try (Playground playground = Playground.start(launcher, given.workers(), secondsMax)) {
                for (int i = 0; i < chosen.size(); i++) {
                    run(chosen.get(i), given, playground, "bench-" + i, table);
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
        return given.exitCode(table.failed(), table.missed());
    }

    private List<ControllerCase> chosen() {
        if (secondsMax < 1) {
            throw new IllegalArgumentException("--seconds-max is 1 or more");
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

    private void run(
            ControllerCase each, CaseFlags.Given given, Playground playground, String namespace, ControllersTable table)
            throws InterruptedException {
        PrintWriter progress = spec.commandLine().getErr();
        int size = (int) Math.max(1, Math.round(each.usualSize() * given.scale()));
        String title = each.title(size);
        try {
            for (int time = 1; given.warmUp() > 0 && time <= given.warmUpTimes(); time++) {
                progress.println("warming: " + title);
                progress.flush();
                int smaller = (int) Math.max(1, Math.round(size * given.warmUp()));
                var _ = Timed.run(each, playground, namespace + "-warm-" + time, smaller);
            }
            List<Timed> measured = new ArrayList<>();
            for (int round = 1; round <= given.rounds(); round++) {
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
