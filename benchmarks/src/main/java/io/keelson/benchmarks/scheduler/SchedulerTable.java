package io.keelson.benchmarks.scheduler;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All sizes of all cases as a Markdown table, a row for each, and what was not run and why. */
final class SchedulerTable {
    private final List<String> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private int missed;
    private int failed;

    void add(String name, Wanted wanted, Outcome outcome) {
        switch (outcome) {
            case Outcome.Done done -> addMeasured(name, wanted, done.measured());
            case Outcome.NotRun notRun -> addEmpty(name, "not run", notRun.why());
            case Outcome.Failed failure -> {
                failed++;
                addEmpty(name, "failed", failure.why());
            }
        }
    }

    private void addEmpty(String name, String what, String why) {
        rows.add("| " + name + " | " + what + " |" + " – |".repeat(14));
        notes.add(name + ": " + what + ": " + why);
    }

    private void addMeasured(String name, Wanted wanted, Measured m) {
        boolean reached = wanted.reachedBy(m);
        if (wanted.asks() && !reached) {
            missed++;
        }
        rows.add("| "
                + String.join(
                        " | ",
                        name,
                        String.format(Locale.ROOT, "%,d", m.pods()),
                        figure(m.perSecond()),
                        figure(m.p50PerSecond()),
                        figure(m.p95PerSecond()),
                        decision(m.decisionP50Ms(), m.decisionFinestMs()),
                        decision(m.decisionP99Ms(), m.decisionFinestMs()),
                        figure(m.attemptP50Ms()),
                        figure(m.attemptP99Ms()),
                        figure(m.apiMicros()),
                        figure(m.schedulerMicros()),
                        figure(m.clientMicros()),
                        figure(m.apiPeakMebibytes()),
                        figure(m.schedulerPeakMebibytes()),
                        wanted(wanted) + (wanted.original() > 0 ? " (" + figure(wanted.original()) + ")" : ""),
                        wanted.asks() ? (reached ? "yes" : "no") : "–")
                + " |");
    }

    private static String wanted(Wanted wanted) {
        List<String> parts = new ArrayList<>();
        if (wanted.perSecond() > 0) {
            parts.add("≥ " + figure(wanted.perSecond()));
        }
        if (wanted.decisionP99Ms() > 0) {
            parts.add("p99 ≤ " + figure(wanted.decisionP99Ms()) + " ms");
        }
        return parts.isEmpty() ? "–" : String.join(", ", parts);
    }

    /** Within the finest bucket nothing is known but that it is in there. */
    private static String decision(double ms, double finest) {
        return ms <= finest && finest > 0 ? "< " + figure(finest) : figure(ms);
    }

    private static String figure(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "–";
        }
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    /** How many sizes were measured and did not reach what is wanted. */
    int missed() {
        return missed;
    }

    /** How many did not come to their end. */
    int failed() {
        return failed;
    }

    void print(PrintWriter out) {
        out.println("| case | pods | pods/s | p50/s | p95/s | decision p50 ms | p99 ms | attempt p50 ms | p99 ms"
                + " | API CPU µs/pod | scheduler CPU µs/pod | client CPU µs/pod | API peak MiB | scheduler peak MiB"
                + " | wanted (kube-scheduler, measured before) | reached |");
        out.println("| --- |" + " ---: |".repeat(14) + " --- |");
        rows.forEach(out::println);
        notes.forEach(out::println);
    }
}
