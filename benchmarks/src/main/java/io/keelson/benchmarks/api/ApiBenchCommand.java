package io.keelson.benchmarks.api;

import io.keelson.benchmarks.load.Result;
import io.keelson.benchmarks.load.ResultTable;
import io.keelson.benchmarks.load.Usage;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpClient;
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

/** {@code keelson bench api}: load on one Kubernetes API server, or on several in turn, and a table of what came of it. */
@Command(
        name = "api",
        mixinStandardHelpOptions = true,
        description = "Drives Kubernetes API servers and prints rates, latencies, and what their processes used.")
public final class ApiBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--target",
            required = true,
            paramLabel = "NAME=KUBECONFIG[;pids=N,…]",
            description = "A server; given several times, they take turns and the last is compared with the first. "
                    + "With the ids of its processes and its store's, CPU and memory are accounted.")
    private List<String> targetTexts = new ArrayList<>();

    @Option(names = "--pods", defaultValue = "5000", description = "Pods to create. Default: ${DEFAULT-VALUE}")
    private int pods;

    @Option(
            names = "--workers",
            defaultValue = "32",
            description = "Requests under way at a time. Default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(
            names = "--watchers",
            defaultValue = "50",
            description = "Watches while pods are patched. Default: ${DEFAULT-VALUE}")
    private int watchers;

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "Length of reads, lists and patches. Default: ${DEFAULT-VALUE}")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "2",
            description = "How often everything is done before it is measured. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(names = "--http", defaultValue = "1.1", description = "1.1 or 2. Default: ${DEFAULT-VALUE}")
    private String http = "1.1";

    @Option(
            names = "--ready-ms",
            paramLabel = "MS",
            description = "How long the last server took from its start until it was ready, for the table of targets.")
    private @Nullable Long readyMs;

    @Option(
            names = "--check",
            description = "Ends with 1 if the last server misses a target. Targets hold for 5,000 pods, 32 workers and "
                    + "50 watchers, on a machine as that on which kube-apiserver was measured.")
    private boolean check;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<ApiTarget> targets;
        try {
            targets = targetTexts.stream().map(ApiTarget::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        for (Map.Entry<String, Integer> number : Map.of(
                        "--pods", pods, "--workers", workers, "--watchers", watchers, "--seconds", seconds)
                .entrySet()) {
            if (number.getValue() < 1) {
                throw new ParameterException(spec.commandLine(), number.getKey() + " must be 1 or more");
            }
        }
        HttpClient.Version version = switch (http) {
            case "1.1" -> HttpClient.Version.HTTP_1_1;
            case "2" -> HttpClient.Version.HTTP_2;
            default -> throw new ParameterException(spec.commandLine(), "--http is 1.1 or 2, not " + http);
        };
        ApiLoad.Sizes sizes = new ApiLoad.Sizes(pods, workers, watchers, seconds);
        if (check && !Comparison.fits(sizes)) {
            throw new ParameterException(
                    spec.commandLine(), "--check needs --pods, --workers and --watchers as they are by default");
        }
        PrintWriter progress = spec.commandLine().getErr();
        Map<ApiLoad.Kind, Map<String, Result>> rows = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>();
        boolean allDelivered = true;
        double readySeconds = readyMs == null ? Double.NaN : readyMs / 1e3;
        Comparison comparison = null;
        for (ApiTarget target : targets) {
            try (ApiConnection api = ApiConnection.open(target.kubeconfig(), version)) {
                ApiLoad.Sizes warming =
                        new ApiLoad.Sizes(Math.min(pods, 2_000), workers, Math.min(watchers, 50), Math.min(seconds, 5));
                for (int round = 1; round <= warmUp; round++) {
                    say(progress, "warming " + target.name() + ", round " + round);
                    var _ = ApiLoad.run(target, api, warming, namespace());
                }
                say(progress, "measuring " + target.name());
                ApiLoad.Outcome outcome = ApiLoad.run(target, api, sizes, namespace());
                outcome.results()
                        .forEach((kind, result) -> rows.computeIfAbsent(kind, _ -> new LinkedHashMap<>())
                                .put(target.name(), result));
                if (Comparison.fits(sizes)) {
                    comparison = Comparison.of(
                            outcome,
                            target.equals(targets.getLast()) ? readySeconds : Double.NaN,
                            Usage.residentMegabytes(target.pids()));
                }
                boolean delivered = outcome.eventsSeen() == outcome.eventsExpected() && outcome.watchesEnded() == 0;
                allDelivered &= delivered;
                notes.add(String.format(
                        "%s: %,d of %,d watch events delivered to %d watches, %d of them ended by the server",
                        target.name(),
                        outcome.eventsSeen(),
                        outcome.eventsExpected(),
                        watchers,
                        outcome.watchesEnded()));
            }
        }
        ResultTable table = new ResultTable();
        rows.forEach((kind, results) -> table.add(kind.title(), kind.unit(), results));
        PrintWriter out = spec.commandLine().getOut();
        table.print(out);
        notes.forEach(out::println);
        if (comparison != null) {
            out.println();
            comparison.print(out, targets.getLast().name());
        }
        out.flush();
        boolean reached = !check || comparison == null || comparison.missed() == 0;
        return table.failures() == 0 && allDelivered && reached ? 0 : 1;
    }

    private static String namespace() {
        return "bench-" + Long.toString(System.nanoTime() & 0xffffffffL, 36);
    }

    private static void say(PrintWriter to, String text) {
        to.println(text);
        to.flush();
    }
}
