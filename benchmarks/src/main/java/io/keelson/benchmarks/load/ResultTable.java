package io.keelson.benchmarks.load;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results as a Markdown table: a row per workload and target, and one with the ratio of the last target to the first. */
public final class ResultTable {
    private final List<String> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long failures;

    /**
     * @param title what was measured
     * @param unit what is counted
     * @param results by the targets' names, in their order
     */
    public void add(String title, String unit, Map<String, Result> results) {
        for (Map.Entry<String, Result> row : results.entrySet()) {
            Result r = row.getValue();
            rows.add(String.format(
                    Locale.ROOT,
                    "| %s | %s | %,.0f %s | %s | %s | %s | %s | %s | %s |",
                    title,
                    row.getKey(),
                    r.perSecond(),
                    unit,
                    figure(r.p50Ms()),
                    figure(r.p99Ms()),
                    figure(r.p999Ms()),
                    figure(r.serverCpuMicros()),
                    figure(r.clientCpuMicros()),
                    figure(r.peakMebibytes())));
            failures += r.failures();
            if (r.failures() > 0) {
                notes.add(String.format(
                        Locale.ROOT,
                        "%s on %s: %,d requests failed, the first with: %s",
                        title,
                        row.getKey(),
                        r.failures(),
                        r.firstFailure()));
            }
        }
        if (results.size() > 1) {
            List<Map.Entry<String, Result>> all = List.copyOf(results.entrySet());
            Map.Entry<String, Result> base = all.getFirst();
            Map.Entry<String, Result> last = all.getLast();
            Result a = last.getValue();
            Result b = base.getValue();
            rows.add(String.format(
                    Locale.ROOT,
                    "| | **%s / %s** | **%s×** | %s× | %s× | %s× | **%s×** | %s× | %s× |",
                    last.getKey(),
                    base.getKey(),
                    figure(a.perSecond() / b.perSecond()),
                    figure(a.p50Ms() / b.p50Ms()),
                    figure(a.p99Ms() / b.p99Ms()),
                    figure(a.p999Ms() / b.p999Ms()),
                    figure(a.serverCpuMicros() / b.serverCpuMicros()),
                    figure(a.clientCpuMicros() / b.clientCpuMicros()),
                    figure(a.peakMebibytes() / b.peakMebibytes())));
        }
    }

    /** Requests that failed, over all workloads. */
    public long failures() {
        return failures;
    }

    public void print(PrintWriter out) {
        out.println(
                "| workload | target | per second | p50 ms | p99 ms | p99.9 ms | server CPU µs/op | client CPU µs/op | peak MiB |");
        out.println("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        rows.forEach(out::println);
        notes.forEach(out::println);
    }

    private static String figure(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "–";
        }
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
