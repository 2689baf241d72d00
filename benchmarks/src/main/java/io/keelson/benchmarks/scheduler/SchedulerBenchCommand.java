package io.keelson.benchmarks.scheduler;

import io.keelson.benchmarks.cluster.CaseFlags;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson bench scheduler}: the cases of scheduler_perf, and a table of what came of them. */
@Command(
        name = "scheduler",
        mixinStandardHelpOptions = true,
        description =
                "Runs the cases of scheduler_perf with an API server and a scheduler of their own, and prints how fast "
                        + "pods got nodes, how long decisions took, and what the processes used.")
public final class SchedulerBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--case",
            split = ",",
            paramLabel = "NAME",
            description = "Cases whose names have this in them. Default: all")
    private List<String> cases = new ArrayList<>();

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "NAME",
            description = "Sizes by name, as 500Nodes or 5000Nodes_10000Pods. Default: those labelled performance")
    private List<String> workloads = new ArrayList<>();

    @Option(names = "--list", description = "Lists all cases and sizes, and ends.")
    private boolean list;

    @Mixin
    private CaseFlags flags = new CaseFlags(1, 1_000);

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Decides in which order nodes are made. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--stall-seconds",
            defaultValue = "120",
            description = "A case is given up if no pod gets a node for so long. Default: ${DEFAULT-VALUE}")
    private long stallSeconds;

    @Option(
            names = "--scheduler",
            paramLabel = "COMMAND",
            description = "Another scheduler with the flags of kube-scheduler, its own flags after spaces.")
    private @Nullable String scheduler;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "An API server that runs already, with nothing in it, and with the admission plugins "
                    + "ServiceAccount, TaintNodesByCondition and Priority off.")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--pids",
            split = ",",
            paramLabel = "N",
            description = "The processes of that one and of its store, if they run on this machine.")
    private List<Long> pids = new ArrayList<>();

    @Option(
            names = "--config",
            paramLabel = "FOLDER",
            description = "Where performance-config.yaml files are, in it or in folders of it. Default: those built in")
    private @Nullable Path config;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = spec.commandLine().getErr();
        List<Selection.Chosen> chosen;
        CaseRunner runner;
        CaseFlags.Given given;
        try {
            if (stallSeconds < 1) {
                throw new IllegalArgumentException("--stall-seconds is 1 or more");
            }
            List<PerfCase> all = PerfConfig.all(config == null ? PerfFiles.builtIn() : PerfFiles.below(config));
            if (list) {
                print(all, out);
                return 0;
            }
            chosen = Selection.of(all, cases, workloads);
            given = flags.given();
            runner = runner(given, progress);
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        SchedulerTable table = new SchedulerTable();
        for (Selection.Chosen each : chosen) {
            table.add(each.name(), Wanted.of(each.perfCase(), each.workload(), given.scale() != 1), runner.run(each));
        }
        table.print(out);
        out.flush();
        return given.exitCode(table.failed(), table.missed());
    }

    private CaseRunner runner(CaseFlags.Given given, PrintWriter progress) throws IOException {
        List<String> command =
                scheduler == null ? null : List.of(scheduler.strip().split("\\s+", -1));
        PerfFiles builtIn = PerfFiles.builtIn();
        return new CaseRunner(
                given,
                new TestedCluster.Parts(command, kubeconfig, pids, given.workers()),
                new WorkloadRun.Usual(
                        Template.of("pod-default.yaml", builtIn.read("templates/pod-default.yaml")),
                        Template.of("node-default.yaml", builtIn.read("templates/node-default.yaml")),
                        seed,
                        stallSeconds),
                text -> {
                    progress.println(text);
                    progress.flush();
                });
    }

    private static void print(List<PerfCase> all, PrintWriter out) {
        for (PerfCase each : all) {
            for (PerfCase.Workload workload : each.workloads()) {
                out.println(each.name() + "/" + workload.name() + " " + workload.params() + " " + workload.labels());
            }
        }
        out.flush();
    }
}
