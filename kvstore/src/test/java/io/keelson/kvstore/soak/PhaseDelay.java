package io.keelson.kvstore.soak;

import java.util.List;

/**
 * How long requests waited in a phase of a run, beside what the disk itself did in it.
 *
 * <p>The rule: the slowest call of a phase may take {@value #BEYOND_DISK_MS_MAX} ms longer than the slowest single
 * operation of the {@link DiskProbe} in the same phase. The slowest and not a quantile, since no request may be delayed more;
 * a single operation of the disk, since a put waits for one sync of its own entry, and a get at most for one read that
 * matters. A call counts from when it was due, and some are two or three requests in a row, so the rule is a little
 * stricter than one on requests. What a machine does that is shared with others, a processor taken away above all, counts
 * against the members: it cannot be told from what they do.
 *
 * @param name of the phase
 * @param slowestCallMillis the slowest call
 * @param slowestDiskMillis the slowest sync or read of the probe
 */
record PhaseDelay(String name, double slowestCallMillis, double slowestDiskMillis) {
    static final int BEYOND_DISK_MS_MAX = 100;

    double beyondDiskMillis() {
        return slowestCallMillis - slowestDiskMillis;
    }

    boolean tooLong() {
        return beyondDiskMillis() > BEYOND_DISK_MS_MAX;
    }

    /** One line: what is compared, and what comes of it. */
    String line() {
        return String.format(
                "%s: slowest call %.1f ms, slowest sync or read of the disk %.1f ms: %s",
                name,
                slowestCallMillis,
                slowestDiskMillis,
                tooLong()
                        ? String.format(
                                "DELAYED by %.1f ms beyond the disk, at most %d allowed",
                                beyondDiskMillis(), BEYOND_DISK_MS_MAX)
                        : String.format(
                                "%.1f ms beyond the disk, within %d",
                                Math.max(0, beyondDiskMillis()), BEYOND_DISK_MS_MAX));
    }

    /** Those whose requests waited too long. */
    static List<PhaseDelay> tooLong(List<PhaseDelay> phases) {
        return phases.stream().filter(PhaseDelay::tooLong).toList();
    }
}
