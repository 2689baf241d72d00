package io.keelson.kvstore.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Whether a run under an even load stayed as it was.
 *
 * <p>The minutes in which the JVM compiles and caches fill are left out; the others are cut into thirds.
 *
 * <ul>
 *   <li>p99: a minute's figure is by how much its p99 of calls is above the disk's own p99 of a sync in that minute. The
 *       median minute of the last third may have {@value #P99_GROWTH_MAX} times that of the first third and {@value
 *       #P99_SLACK_MS} ms. A median, for on a machine that is shared some minutes are slow whatever the members do; one that
 *       half of all minutes pass is no such minute.
 *   <li>Memory: between collections it says how lazy the collector is, so each member is told to collect everything now and
 *       then, and looked at after that: at what its heap holds, and at what its process holds, heap and all else. The lowest
 *       of either in the last third may be {@value #MEMORY_GROWTH_MAX} times the lowest in the second third and {@value
 *       #MEMORY_SLACK_MIB} MiB, for each member by itself. The second and not the first, for the block cache fills with what
 *       is read, and that takes longer than a compiler needs.
 * </ul>
 */
final class SoakVerdict {
    static final int WARM_UP_MINUTES_MAX = 10;
    static final double P99_GROWTH_MAX = 1.5;
    static final double P99_SLACK_MS = 5;
    static final double MEMORY_GROWTH_MAX = 1.1;
    static final long MEMORY_SLACK_MIB = 16;

    /**
     * One minute.
     *
     * @param p99Millis of calls
     * @param diskP99Millis of a sync of the disk
     * @param collected of each member, after a collection of everything; empty if there was none in this minute
     */
    record Minute(double p99Millis, double diskP99Millis, List<MemberUsage> collected) {
        double beyondDiskMillis() {
            return Math.max(0, p99Millis - diskP99Millis);
        }
    }

    private final List<String> lines = new ArrayList<>();
    private final List<Minute> first;
    private final List<Minute> second;
    private final List<Minute> last;
    private boolean flat = true;

    private SoakVerdict(List<Minute> minutes) {
        int warmUp = warmUpMinutes(minutes.size());
        int third = (minutes.size() - warmUp) / 3;
        first = minutes.subList(warmUp, warmUp + third);
        second = minutes.subList(minutes.size() - 2 * third, minutes.size() - third);
        last = minutes.subList(minutes.size() - third, minutes.size());
        lines.add(String.format(
                "of %d minutes the first %d are left out, the others are three thirds of %d",
                minutes.size(), warmUp, third));
    }

    static int warmUpMinutes(int minutes) {
        return Math.min(WARM_UP_MINUTES_MAX, minutes / 4);
    }

    /** Judges the minutes of a run, in their order. */
    static SoakVerdict of(List<Minute> minutes) {
        SoakVerdict verdict = new SoakVerdict(minutes);
        if (verdict.last.isEmpty()) {
            verdict.lines.add("too short to say whether anything stays flat: at least 3 minutes are needed");
            return verdict;
        }
        verdict.judgeLatencies();
        int members = minutes.stream()
                .mapToInt(minute -> minute.collected().size())
                .max()
                .orElse(0);
        for (int member = 0; member < members; member++) {
            verdict.judgeMemory(member);
        }
        return verdict;
    }

    private void judgeLatencies() {
        double before = median(first);
        double after = median(last);
        double allowed = before * P99_GROWTH_MAX + P99_SLACK_MS;
        boolean held = after <= allowed;
        flat &= held;
        lines.add(String.format(
                "p99 beyond the disk's p99 of a sync, median of the minutes: first third %.1f ms, last third %.1f ms, allowed"
                        + " %.1f (%.1f times the first and %.0f ms): %s",
                before, after, allowed, P99_GROWTH_MAX, P99_SLACK_MS, held ? "flat" : "NOT FLAT"));
    }

    private void judgeMemory(int member) {
        if (collected(second, member).findAny().isEmpty()
                || collected(last, member).findAny().isEmpty()) {
            flat = false;
            lines.add("member " + member + " was not looked at after a collection in each third: NOT KNOWN");
            return;
        }
        judgeMemory(
                "heap of member " + member,
                lowest(collected(second, member).mapToLong(MemberUsage::heapMib)),
                lowest(collected(last, member).mapToLong(MemberUsage::heapMib)));
        judgeMemory(
                "resident memory of member " + member,
                lowest(collected(second, member).mapToLong(MemberUsage::residentMib)),
                lowest(collected(last, member).mapToLong(MemberUsage::residentMib)));
    }

    private void judgeMemory(String what, long beforeMib, long afterMib) {
        double allowedMib = beforeMib * MEMORY_GROWTH_MAX + MEMORY_SLACK_MIB;
        boolean held = afterMib <= allowedMib;
        flat &= held;
        lines.add(String.format(
                "%s, lowest after a full collection: second third %d MiB, last third %d MiB, allowed %.0f (%.1f times the"
                        + " second and %d MiB): %s",
                what,
                beforeMib,
                afterMib,
                allowedMib,
                MEMORY_GROWTH_MAX,
                MEMORY_SLACK_MIB,
                held ? "flat" : "NOT FLAT"));
    }

    private static Stream<MemberUsage> collected(List<Minute> minutes, int member) {
        return minutes.stream()
                .filter(minute -> minute.collected().size() > member)
                .map(minute -> minute.collected().get(member));
    }

    private static long lowest(LongStream values) {
        return values.min().orElseThrow();
    }

    private static double median(List<Minute> minutes) {
        double[] sorted =
                minutes.stream().mapToDouble(Minute::beyondDiskMillis).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    boolean flat() {
        return flat;
    }

    /** What was compared with what, and what came of it. */
    List<String> lines() {
        return List.copyOf(lines);
    }
}
