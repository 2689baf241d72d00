package io.keelson.benchmarks.api;

import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What kube-apiserver 1.36 with etcd 3.6 did, what is to be reached, and what a run has measured beside it.
 *
 * <p>The figures of kube-apiserver are not measured in the run: they come from a machine of the same kind (two processors, the
 * client on the same machine) and hold for one shape of a run only.
 */
final class Comparison {
    /** The pods, workers and watchers with which kube-apiserver was measured. */
    private static final int PODS = 5_000;

    private static final int WORKERS = 32;
    private static final int WATCHERS = 50;

    /** What is compared, in the order of the table. */
    enum Figure {
        CREATES("pod creates/s", 469, 3 * 469, true),
        CREATE_P99("99th percentile of creates, ms", 191, Double.NaN, false),
        GETS("gets/s", 1_302, 5 * 1_302, true),
        LIST_ALL("list of all pods, ms", 530, 530 / 5.0, false),
        LISTS_OF_A_PAGE("lists of 500/s", 40, 5 * 40, true),
        LISTS_BY_LABEL("lists by label/s", 57, 5 * 57, true),
        PATCHES("patches under watch/s", 261, 3 * 261, true),
        EVENTS("watch events delivered, %", 40, 100, true),
        DELETES("deletes/s", 337, 3 * 337, true),
        READY("ready, s after start", 3.4, 1.5, false),
        MEMORY("resident in the end, MB", 646, 450, false);

        private final String title;
        private final double original;
        private final double target;
        private final boolean moreIsBetter;

        Figure(String title, double original, double target, boolean moreIsBetter) {
            this.title = title;
            this.original = original;
            this.target = target;
            this.moreIsBetter = moreIsBetter;
        }

        private boolean hasTarget() {
            return !Double.isNaN(target);
        }

        private boolean reachedBy(double measured) {
            return moreIsBetter ? measured >= target : measured <= target;
        }
    }

    private final Map<Figure, Double> measured = new EnumMap<>(Figure.class);

    /** Whether a run of this shape can be compared at all. */
    static boolean fits(ApiLoad.Sizes sizes) {
        return sizes.pods() == PODS && sizes.workers() == WORKERS && sizes.watchers() == WATCHERS;
    }

    /**
     * @param outcome of a run whose shape {@link #fits}
     * @param readySeconds from the start of the process until it said that it was ready; NaN if not known
     * @param residentMegabytes in the end, of all its processes, in millions of bytes; NaN if not known
     */
    static Comparison of(ApiLoad.Outcome outcome, double readySeconds, double residentMegabytes) {
        Comparison comparison = new Comparison();
        comparison.rate(outcome, Figure.CREATES, ApiLoad.Kind.CREATE);
        comparison.put(Figure.CREATE_P99, outcome.result(ApiLoad.Kind.CREATE).p99Ms());
        comparison.rate(outcome, Figure.GETS, ApiLoad.Kind.GET);
        comparison.put(
                Figure.LIST_ALL, 1_000 / outcome.result(ApiLoad.Kind.LIST_ALL).perSecond());
        comparison.rate(outcome, Figure.LISTS_OF_A_PAGE, ApiLoad.Kind.LIST_PAGE);
        comparison.rate(outcome, Figure.LISTS_BY_LABEL, ApiLoad.Kind.LIST_LABEL);
        comparison.rate(outcome, Figure.PATCHES, ApiLoad.Kind.PATCH);
        comparison.put(Figure.EVENTS, 100.0 * outcome.eventsSeen() / outcome.eventsExpected());
        comparison.rate(outcome, Figure.DELETES, ApiLoad.Kind.DELETE);
        comparison.put(Figure.READY, readySeconds);
        comparison.put(Figure.MEMORY, residentMegabytes);
        return comparison;
    }

    private void rate(ApiLoad.Outcome outcome, Figure figure, ApiLoad.Kind kind) {
        put(figure, outcome.result(kind).perSecond());
    }

    private void put(Figure figure, double value) {
        if (!Double.isNaN(value)) {
            measured.put(figure, value);
        }
    }

    /** How many targets were measured and missed. */
    long missed() {
        return measured.entrySet().stream()
                .filter(entry -> entry.getKey().hasTarget() && !entry.getKey().reachedBy(entry.getValue()))
                .count();
    }

    /** Prints a Markdown table: a row per figure. */
    void print(PrintWriter out, String name) {
        out.println("| | " + name + " | of kube-apiserver (measured before, on such a machine)"
                + " | ratio | target | reached |");
        out.println("| --- | ---: | ---: | ---: | ---: | --- |");
        for (Figure figure : Figure.values()) {
            Double value = measured.get(figure);
            out.println("| " + figure.title + " | " + (value == null ? "–" : shown(value)) + " | "
                    + shown(figure.original) + " | "
                    + (value == null ? "–" : String.format(Locale.ROOT, "%.2f×", value / figure.original)) + " | "
                    + (figure.hasTarget() ? (figure.moreIsBetter ? "≥ " : "≤ ") + shown(figure.target) : "–") + " | "
                    + reached(figure, value) + " |");
        }
    }

    private static String reached(Figure figure, @Nullable Double value) {
        if (!figure.hasTarget()) {
            return "–";
        }
        if (value == null) {
            return "not measured";
        }
        return figure.reachedBy(value) ? "yes" : "no";
    }

    private static String shown(double value) {
        return String.format(Locale.ROOT, value >= 10 ? "%,.0f" : "%.2f", value);
    }
}
