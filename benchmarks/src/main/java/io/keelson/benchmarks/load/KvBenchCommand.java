package io.keelson.benchmarks.load;

import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson bench kv}: load on one etcd v3 cluster, or on several in turn, and a table of what came of it. */
@Command(
        name = "kv",
        mixinStandardHelpOptions = true,
        description = "Drives etcd v3 endpoints and prints rates, latencies, and what the servers' processes used.")
public final class KvBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--target",
            required = true,
            paramLabel = "NAME=HOST:PORT,…[;pids=N,…]",
            description = "A cluster; given several times, they take turns and the last is compared with the first. "
                    + "With the process ids of its members, CPU and memory are accounted.")
    private List<String> targetTexts = new ArrayList<>();

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "NAME",
            description = "put, put-1, get, get-serializable, txn, range, watch-400, watch, watch-idle, lease, mixed; "
                    + "all of them by default.")
    private List<String> names = new ArrayList<>(KvWorkloads.all().keySet());

    @ArgGroup(exclusive = false, heading = "Clusters that are not open to everybody:%n")
    private ClusterAccess access = new ClusterAccess();

    @Option(names = "--clients", defaultValue = "100", description = "Concurrent clients. Default: ${DEFAULT-VALUE}")
    private int clients;

    @Option(
            names = "--connections",
            defaultValue = "12",
            description = "Connections that the clients share, spread over the endpoints. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(names = "--keys", defaultValue = "20000", description = "Keys to choose from. Default: ${DEFAULT-VALUE}")
    private int keys;

    @Option(names = "--value-size", defaultValue = "256", description = "Bytes of a value. Default: ${DEFAULT-VALUE}")
    private int valueBytes;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; medians are printed. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "10", description = "Length of a round. Default: ${DEFAULT-VALUE}")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "20000",
            description = "Requests before each workload that are not measured. Default: ${DEFAULT-VALUE}")
    private long warmUp;

    @Option(
            names = "--warm-up-first",
            defaultValue = "500000",
            description = "Puts and gets on each target before anything is measured. Default: ${DEFAULT-VALUE}")
    private long warmUpFirst;

    @Override
    public Integer call() throws InterruptedException {
        List<Target> targets;
        try {
            targets = targetTexts.stream().map(Target::parse).toList();
            access.check();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        atLeast(1, "--clients", clients);
        atLeast(1, "--connections", connections);
        atLeast(1, "--keys", keys);
        atLeast(0, "--value-size", valueBytes);
        atLeast(1, "--rounds", rounds);
        atLeast(1, "--seconds", seconds);
        atLeast(0, "--warm-up", warmUp);
        atLeast(0, "--warm-up-first", warmUpFirst);
        Map<String, KvWorkloads.Entry> known = KvWorkloads.all();
        List<KvWorkloads.Entry> chosen = new ArrayList<>();
        for (String name : names) {
            KvWorkloads.Entry entry = known.get(name);
            if (entry == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "no workload '" + name + "'; there are " + String.join(", ", known.keySet()));
            }
            chosen.add(entry);
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = spec.commandLine().getErr();
        KvWorkloads.Sizes sizes = new KvWorkloads.Sizes(clients, keys, valueBytes);
        KvComparison comparison =
                new KvComparison(targets, access, sizes, connections, rounds, seconds, warmUp, progress);
        ResultTable table = new ResultTable();
        try {
            warm(targets, sizes, progress);
            for (KvWorkloads.Entry entry : chosen) {
                table.add(entry.title(), entry.unit(), comparison.measure(entry));
            }
        } catch (StatusRuntimeException e) {
            spec.commandLine().getErr().println("keelson bench kv: " + e.getStatus());
            return 1;
        } catch (IllegalStateException e) {
            spec.commandLine().getErr().println("keelson bench kv: " + e.getMessage());
            return 1;
        }
        table.print(out);
        out.flush();
        return table.failures() == 0 ? 0 : 1;
    }

    private void atLeast(long least, String option, long given) {
        if (given < least) {
            throw new ParameterException(spec.commandLine(), option + " is at least " + least + ", not " + given);
        }
    }

    private void warm(List<Target> targets, KvWorkloads.Sizes sizes, PrintWriter progress) throws InterruptedException {
        if (warmUpFirst <= 0) {
            return;
        }
        for (Target target : targets) {
            progress.printf("warming %s with %,d requests%n", target.name(), warmUpFirst);
            progress.flush();
            try (EtcdConnections opened = new EtcdConnections(target, connections, access)) {
                for (KeyValueWorkload.Kind kind : List.of(KeyValueWorkload.Kind.PUT, KeyValueWorkload.Kind.GET)) {
                    new KeyValueWorkload(kind, opened, sizes.clients(), sizes.keys(), sizes.valueBytes())
                            .prepare(warmUpFirst / 2);
                }
            }
        }
    }
}
