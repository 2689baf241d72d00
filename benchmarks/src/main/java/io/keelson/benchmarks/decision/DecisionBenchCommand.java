package io.keelson.benchmarks.decision;

import io.keelson.benchmarks.load.ProcessUsage;
import io.keelson.scheduler.state.ClusterState;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson bench decisions}: decisions of the scheduler in this process, without an API. */
@Command(
        name = "decisions",
        mixinStandardHelpOptions = true,
        description =
                "Lets the scheduler decide in this process, without an API, and prints how fast, and what nodes take "
                        + "of the heap.")
public final class DecisionBenchCommand implements Callable<Integer> {
    private static final int MILLION = 1_000_000;
    private static final int NODES_MAX = 10_000_000;
    private static final double MILLION_PER_SECOND = 10_000;
    private static final double MILLION_BYTES = 2e9;
    private static final double P99_MS = 2;
    private static final int P99_NODES = 5_000;
    private static final double MEBIBYTE = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--nodes", defaultValue = "5000", description = "How many there are. Default: ${DEFAULT-VALUE}")
    private int nodes;

    @Option(
            names = "--pods",
            defaultValue = "10000",
            description = "How many are decided on in a round. Default: ${DEFAULT-VALUE}")
    private int pods;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; medians are printed. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "2",
            description = "Rounds before that are not measured. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(
            names = "--load",
            split = ",",
            paramLabel = "NAME",
            description = "${COMPLETION-CANDIDATES}; all of them by default, of a million nodes only the first.")
    private List<Asking> loads = new ArrayList<>();

    @Option(names = "--seed", defaultValue = "1", description = "Decides among equal nodes. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--check", description = "Ends with 1 if something that is wanted is not reached, too.")
    private boolean check;

    @Override
    public Integer call() {
        if (nodes < 1 || nodes > NODES_MAX || pods < 1 || pods > MILLION || rounds < 1 || warmUp < 0) {
            throw new ParameterException(
                    spec.commandLine(),
                    "error: --nodes is from 1 to " + NODES_MAX + ", --pods from 1 to " + MILLION
                            + ", --rounds 1 or more, --warm-up 0 or more");
        }
        if (loads.isEmpty()) {
            loads = nodes >= MILLION ? List.of(Asking.BASIC) : Arrays.asList(Asking.values());
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = spec.commandLine().getErr();
        long before = heapBytes();
        ClusterState cluster = new ClusterState();
        MachinePark.fill(cluster, nodes);
        var _ = cluster.nodes();
        long held = heapBytes() - before;
        out.println("| load | decisions/s | p50 ms | p99 ms | without a node | wanted | reached |");
        out.println("| --- | ---: | ---: | ---: | ---: | --- | --- |");
        boolean allReached = true;
        for (Asking asking : loads) {
            List<DecisionRound> measured = new ArrayList<>();
            for (int round = 1; round <= warmUp + rounds; round++) {
                progress.printf("%s, %s %d%n", asking, round <= warmUp ? "warming" : "round", round);
                progress.flush();
                DecisionRound done = DecisionRound.run(asking, cluster, pods, seed + round);
                if (round > warmUp) {
                    measured.add(done);
                }
            }
            allReached &= print(out, asking, DecisionRound.median(measured), held);
        }
        out.printf(
                Locale.ROOT,
                "%,d nodes are held in %,.0f MiB of the heap, %,.0f bytes each; the heap may be %,.0f MiB; the process"
                        + " was %,.0f MiB at most%n",
                nodes,
                held / MEBIBYTE,
                (double) held / nodes,
                Runtime.getRuntime().maxMemory() / MEBIBYTE,
                ProcessUsage.peakResidentBytes(List.of(ProcessHandle.current().pid())) / MEBIBYTE);
        out.flush();
        return check && !allReached ? 1 : 0;
    }

    private boolean print(PrintWriter out, Asking asking, DecisionRound round, long held) {
        boolean million = nodes >= MILLION && asking == Asking.BASIC;
        boolean usual = nodes == P99_NODES;
        boolean reached = million
                ? round.perSecond() >= MILLION_PER_SECOND && held <= MILLION_BYTES
                : !usual || round.p99Ms() <= P99_MS;
        out.printf(
                Locale.ROOT,
                "| %s | %,.0f | %.3f | %.3f | %,d | %s | %s |%n",
                asking.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                round.perSecond(),
                round.p50Ms(),
                round.p99Ms(),
                round.impossible(),
                million ? "≥ 10,000/s, nodes in ≤ 2 GB" : usual ? "p99 ≤ 2 ms" : "–",
                million || usual ? (reached ? "yes" : "no") : "–");
        return reached;
    }

    /** What is in use after everything was collected that nobody holds. */
    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
