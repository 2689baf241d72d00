package io.keelson.controllers.cronjob;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/**
 * Whenever a clock on the wall shows one of certain minutes. Where clocks are put forward, what they skip does not
 * come to pass; where they are put back, what they show twice comes to pass twice.
 *
 * <p>Each field is a set of numbers, one bit each. If both days are restricted, one of them is enough, as Vixie cron
 * has it.
 *
 * @param minutes bits 0 to 59
 * @param hours bits 0 to 23
 * @param daysOfMonth bits 1 to 31
 * @param months bits 1 to 12
 * @param daysOfWeek bits 0, Sunday, to 6
 * @param anyDayOfMonth whether the day of the month was written as any
 * @param anyDayOfWeek whether the day of the week was written as any
 * @param zone where the clock hangs
 */
record CronFields(
        long minutes,
        long hours,
        long daysOfMonth,
        long months,
        long daysOfWeek,
        boolean anyDayOfMonth,
        boolean anyDayOfWeek,
        ZoneId zone)
        implements CronSchedule {
    /** What does not come within this never comes: the 31st of February. */
    private static final Duration NEVER = Duration.ofDays(5 * 366);

    @Override
    public @Nullable Instant next(Instant anchor, Instant after) {
        return next(anchor.isAfter(after) ? anchor : after);
    }

    /** Goes from one change of the clock to the next: between two, it runs evenly. */
    private @Nullable Instant next(Instant after) {
        ZoneRules rules = zone.getRules();
        Instant end = after.plus(NEVER);
        Instant from = after.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        while (from.isBefore(end)) {
            ZoneOffset offset = rules.getOffset(from);
            ZoneOffsetTransition change = rules.nextTransition(from);
            Instant until = change == null || change.getInstant().isAfter(end) ? end : change.getInstant();
            LocalDateTime shown = next(LocalDateTime.ofInstant(from, offset), LocalDateTime.ofInstant(until, offset));
            if (shown != null) {
                return shown.toInstant(offset);
            }
            from = until;
        }
        return null;
    }

    /** The first whole minute from one to before another, as a clock shows them, that is meant. */
    private @Nullable LocalDateTime next(LocalDateTime from, LocalDateTime until) {
        LocalDateTime start = from.truncatedTo(ChronoUnit.MINUTES);
        if (start.isBefore(from)) {
            start = start.plusMinutes(1);
        }
        LocalTime earliest = start.toLocalTime();
        for (LocalDate day = start.toLocalDate(); !day.isAfter(until.toLocalDate()); day = day.plusDays(1)) {
            if (isMeant(day)) {
                LocalTime time = next(earliest);
                if (time != null) {
                    LocalDateTime found = day.atTime(time);
                    return found.isBefore(until) ? found : null;
                }
            }
            earliest = LocalTime.MIDNIGHT;
        }
        return null;
    }

    private boolean isMeant(LocalDate day) {
        if (!has(months, day.getMonthValue())) {
            return false;
        }
        boolean byMonth = has(daysOfMonth, day.getDayOfMonth());
        boolean byWeek = has(daysOfWeek, day.getDayOfWeek().getValue() % 7);
        if (anyDayOfMonth || anyDayOfWeek) {
            return byMonth && byWeek;
        }
        return byMonth || byWeek;
    }

    private @Nullable LocalTime next(LocalTime earliest) {
        int minute = lowest(minutes, earliest.getMinute());
        if (has(hours, earliest.getHour()) && minute < 60) {
            return LocalTime.of(earliest.getHour(), minute);
        }
        int hour = lowest(hours, earliest.getHour() + 1);
        return hour < 24 ? LocalTime.of(hour, lowest(minutes, 0)) : null;
    }

    private static boolean has(long set, int number) {
        return (set & (1L << number)) != 0;
    }

    /** The lowest number of a set from one on; 64 if there is none. */
    private static int lowest(long set, int from) {
        return Long.numberOfTrailingZeros(set & (-1L << from));
    }

    @Override
    public @Nullable Instant latest(Instant anchor, Instant now) {
        Instant latest = next(anchor);
        if (latest == null || latest.isAfter(now)) {
            return null;
        }
        // None is between this and now.
        Instant none = now;
        while (latest.isBefore(none)) {
            Instant middle = latest.plusSeconds(Duration.between(latest, none).toSeconds() / 2);
            Instant later = next(middle);
            if (later != null && !later.isAfter(now)) {
                latest = later;
            } else {
                none = middle;
            }
        }
        return latest;
    }

    @Override
    public long runs(Instant anchor, Instant after, Instant until, long limit) {
        long runs = 0;
        Instant run = next(anchor, after);
        while (run != null && !run.isAfter(until) && runs < limit) {
            runs++;
            run = next(run);
        }
        return runs;
    }
}
