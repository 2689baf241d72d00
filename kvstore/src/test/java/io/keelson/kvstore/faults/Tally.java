package io.keelson.kvstore.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * How clients fared: what they got done, what they were refused and why, and how long nobody got anything done. One
 * thread.
 */
public final class Tally {
    private final Map<String, Long> unknown = new TreeMap<>();
    private final Map<String, Long> refused = new TreeMap<>();
    private final List<Long> successes = new ArrayList<>();
    private long done;
    private long busyNanos;
    private long longestGapNanos;

    /** Counts a call that succeeded at a time of {@link System#nanoTime}. */
    public void done(long returnedNanos) {
        done++;
        successes.add(returnedNanos);
    }

    /** Counts a call that certainly changed nothing. */
    public void refused(String why) {
        refused.merge(shortened(why), 1L, Long::sum);
    }

    /** Counts a call of which nobody knows what became of it. */
    public void unknown(String why) {
        unknown.merge(shortened(why), 1L, Long::sum);
    }

    /** Ends a round: the time between the rounds is nobody's. */
    public void endRound() {
        long[] times = successes.stream().mapToLong(Long::longValue).sorted().toArray();
        successes.clear();
        for (int i = 1; i < times.length; i++) {
            longestGapNanos = Math.max(longestGapNanos, times[i] - times[i - 1]);
        }
        if (times.length > 0) {
            busyNanos += times[times.length - 1] - times[0];
        }
    }

    /** What follows the first line of a reason differs from call to call. */
    private static String shortened(String why) {
        String line = why.lines().findFirst().orElse("");
        return line.replaceAll("after [0-9.]+s.*", "").replaceAll("[0-9]{4,}", "N");
    }

    /** One line. */
    public String line() {
        return String.format(
                "%,d done (%,d a second), %,d unknown, %,d refused, longest time without a success %,d ms",
                done,
                busyNanos == 0 ? 0 : done * TimeUnit.SECONDS.toNanos(1) / busyNanos,
                sum(unknown),
                sum(refused),
                TimeUnit.NANOSECONDS.toMillis(longestGapNanos));
    }

    /** The reasons, most frequent first, indented. */
    public String reasons() {
        return reasons("unknown", unknown) + reasons("refused", refused);
    }

    private static String reasons(String what, Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(entry -> String.format("  %s %,d: %s%n", what, entry.getValue(), entry.getKey()))
                .collect(Collectors.joining());
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
