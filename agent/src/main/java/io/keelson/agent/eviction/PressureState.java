package io.keelson.agent.eviction;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has become of the thresholds so far. All times are of a clock that does not jump.
 *
 * @param firstMet since when each threshold is met that is; one that was met for its time counts as met until as much
 *     more is there as is to be reclaimed
 * @param due those that are met for as long as they may be
 * @param lastUnder when the node was seen under each pressure last
 * @param pressures what the node is under: what it was seen under not long ago
 * @param observed what was seen
 */
record PressureState(
        Map<Threshold, Instant> firstMet,
        List<Threshold> due,
        Map<Pressure, Instant> lastUnder,
        Set<Pressure> pressures,
        Map<Signal, Observation> observed) {
    /** Before anything was seen. */
    static final PressureState NONE = new PressureState(Map.of(), List.of(), Map.of(), Set.of(), Map.of());

    /** Memory before all else, since the kernel does not wait; then what cannot wait before what can. */
    private static final Comparator<Threshold> URGENCY = Comparator.<Threshold>comparingInt(
                    threshold -> threshold.signal().scarce() == Scarce.MEMORY ? 0 : 1)
            .thenComparingInt(threshold -> threshold.isHard() ? 0 : 1);

    /**
     * What it is after another look.
     *
     * @param pressureFor for how long a pressure lasts after it was seen
     */
    PressureState next(List<Threshold> thresholds, Map<Signal, Observation> seen, Duration pressureFor, Instant now) {
        Set<Threshold> met = new LinkedHashSet<>(met(thresholds, seen, false));
        met.addAll(met(due, seen, true));
        Map<Threshold, Instant> first = new LinkedHashMap<>();
        met.forEach(threshold -> first.put(threshold, firstMet.getOrDefault(threshold, now)));
        List<Threshold> nowDue = new ArrayList<>();
        Map<Pressure, Instant> last = new EnumMap<>(Pressure.class);
        last.putAll(lastUnder);
        first.forEach((threshold, since) -> {
            last.put(threshold.signal().pressure(), now);
            if (Duration.between(since, now).compareTo(threshold.grace()) >= 0) {
                nowDue.add(threshold);
            }
        });
        Set<Pressure> under = EnumSet.noneOf(Pressure.class);
        last.forEach((pressure, at) -> {
            if (at.equals(now) || Duration.between(at, now).compareTo(pressureFor) < 0) {
                under.add(pressure);
            }
        });
        return new PressureState(first, nowDue, last, under, seen);
    }

    /** Those of which there is less than there may be; of those that nothing is known of, none. */
    static List<Threshold> met(List<Threshold> thresholds, Map<Signal, Observation> seen, boolean withReclaim) {
        return thresholds.stream()
                .filter(threshold -> {
                    Observation observed = seen.get(threshold.signal());
                    return observed != null && threshold.isMet(observed, withReclaim);
                })
                .toList();
    }

    /**
     * Those for which something is to be done, the most urgent one first: due ones of which something new is known since
     * {@code before}. What was done before does not show in what was seen before.
     */
    List<Threshold> urgent(PressureState before) {
        return due.stream()
                .filter(threshold -> {
                    Observation now = observed.get(threshold.signal());
                    Observation then = before.observed.get(threshold.signal());
                    return now != null
                            && (then == null
                                    || now.time().equals(Instant.EPOCH)
                                    || !now.time().equals(then.time()));
                })
                .sorted(URGENCY)
                .toList();
    }
}
