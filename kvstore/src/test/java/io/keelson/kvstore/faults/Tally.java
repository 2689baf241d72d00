package io.keelson.kvstore.faults;

import io.keelson.kvstore.linearizability.Operation;
import io.keelson.kvstore.linearizability.Operation.Outcome;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** How clients fared: what they got done, what they were refused and why, and how long nobody got anything done. */
final class Tally {
    private final Map<String, Long> unknown = new TreeMap<>();
    private final Map<String, Long> refused = new TreeMap<>();
    private long done;
    private long busyNanos;
    private long longestGapNanos;

    /** Adds the history of one round. */
    void add(List<Operation> history) {
        for (Operation operation : history) {
            switch (operation.outcome()) {
                case Outcome.Done _ -> done++;
                case Outcome.Refused(String why) -> refused.merge(shortened(why), 1L, Long::sum);
                case Outcome.Unknown(String why) -> unknown.merge(shortened(why), 1L, Long::sum);
            }
        }
        long[] successes = history.stream()
                .filter(operation -> operation.outcome() instanceof Outcome.Done)
                .mapToLong(Operation::returnedNanos)
                .sorted()
                .toArray();
        for (int i = 1; i < successes.length; i++) {
            longestGapNanos = Math.max(longestGapNanos, successes[i] - successes[i - 1]);
        }
        if (successes.length > 0) {
            busyNanos += successes[successes.length - 1] - successes[0];
        }
    }

    /** What follows the first line of a reason differs from call to call. */
    private static String shortened(String why) {
        String line = why.lines().findFirst().orElse("");
        return line.replaceAll("after [0-9.]+s.*", "").replaceAll("[0-9]{4,}", "N");
    }

    /** One line. */
    String line() {
        return String.format(
                "%,d done (%,d a second), %,d unknown, %,d refused, longest time without a success %,d ms",
                done,
                busyNanos == 0 ? 0 : done * TimeUnit.SECONDS.toNanos(1) / busyNanos,
                sum(unknown),
                sum(refused),
                TimeUnit.NANOSECONDS.toMillis(longestGapNanos));
    }

    /** The reasons, most frequent first, indented. */
    String reasons() {
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
