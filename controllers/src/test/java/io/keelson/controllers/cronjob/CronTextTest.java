package io.keelson.controllers.cronjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CronTextTest {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final Instant NEW_YEAR = Instant.parse("2024-01-01T00:00:00Z");

    private static CronSchedule parse(String text) {
        return CronText.parse(text, UTC);
    }

    private static String next(String text) {
        return String.valueOf(parse(text).next(NEW_YEAR, NEW_YEAR));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "* * * * *",
                "  0   12 * * 1-5 ",
                "*/15 0-6/2,20 1,15 jan-mar,DEC mon",
                "? ? ? ? ?",
                "5, * * * *",
                "*/100 * * * *",
                "*-5 * * * *",
                "0 0 31 2 *",
                "5/10 * * * *",
                "@yearly",
                "@annually",
                "@monthly",
                "@weekly",
                "@daily",
                "@midnight",
                "@hourly",
                "@every 1h30m",
                "@every 1.5h",
                "@every 100ms",
                "@every -5s",
                "TZ=Europe/Berlin 0 8 * * *",
                "CRON_TZ=America/New_York @daily"
            })
    void whatKubernetesTakesIsTaken(String text) {
        parse(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * 32 * *",
                "* * * 13 *",
                "* * * * 7",
                "22-2 * * * *",
                "* * * * fri-sun",
                "*/0 * * * *",
                "1-2-3 * * * *",
                "1/2/3 * * * *",
                "mon * * * *",
                "* * L * *",
                "* * 1W * *",
                "* * * * 1#2",
                "* * * * 5L",
                "-1 * * * *",
                ", * * * *",
                "1|2 * * * *",
                "a * * * *",
                "99999999999999999999 * * * *",
                "*/99999999999999999999x * * * *",
                "@fortnightly",
                "@every",
                "@every 1x",
                "@every 999999999999h",
                "TZ=Europe/Atlantis 0 8 * * *",
                "TZ=UTC",
                "CRON_TZ=GMT+25 * * * * *"
            })
    void whatKubernetesRefusesIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> parse(text));
    }

    @Test
    void wordsAreShortForFields() {
        assertEquals("2025-01-01T00:00:00Z", next("@yearly"));
        assertEquals("2024-02-01T00:00:00Z", next("@monthly"));
        assertEquals("2024-01-07T00:00:00Z", next("@weekly"));
        assertEquals("2024-01-02T00:00:00Z", next("@daily"));
        assertEquals("2024-01-01T01:00:00Z", next("@hourly"));
        assertEquals("2024-01-01T01:30:00Z", next("@every 1h30m"));
    }

    @Test
    void intervalsAreWholeSecondsAndAtLeastOne() {
        assertEquals(new FixedInterval(Duration.ofMinutes(90)), parse("@every 1.5h"));
        assertEquals(new FixedInterval(Duration.ofSeconds(1)), parse("@every 10ms"));
        assertEquals(new FixedInterval(Duration.ofSeconds(2)), parse("@every 2.9s"));
        assertEquals(new FixedInterval(Duration.ofSeconds(3)), parse("@every 3000000µs"));
    }

    @Test
    void theZoneOfTheTextGoesBeforeTheOther() {
        assertEquals("2024-01-01T07:00:00Z", next("TZ=Europe/Berlin 0 8 * * *"));
        assertEquals(
                "2024-01-01T13:00:00Z",
                String.valueOf(CronText.parse("0 8 * * *", ZoneId.of("America/New_York"))
                        .next(NEW_YEAR, NEW_YEAR)));
    }

    @Test
    void whatNeverComesHasNoNext() {
        assertNull(parse("0 0 31 2 *").next(NEW_YEAR, NEW_YEAR));
        assertEquals("2024-02-29T00:00:00Z", next("0 0 29 2 *"));
    }

    @Test
    void whereTheClockSkipsAnHourNothingRunsAndWhereItRepeatsOneItRunsTwice() {
        CronSchedule spring = parse("TZ=Europe/Berlin 30 2 * * *");
        Instant before = Instant.parse("2024-03-31T00:00:00Z");
        assertEquals("2024-04-01T00:30:00Z", String.valueOf(spring.next(before, before)));
        Instant autumn = Instant.parse("2024-10-26T22:00:00Z");
        Instant first = spring.next(autumn, autumn);
        assertEquals("2024-10-27T00:30:00Z", String.valueOf(first));
        assertEquals("2024-10-27T01:30:00Z", String.valueOf(spring.next(autumn, first == null ? autumn : first)));
    }

    @Test
    void theLatestRunThatIsNotTooLateIsDue() {
        CronSchedule hourly = parse("@hourly");
        Instant now = NEW_YEAR.plus(Duration.ofMinutes(330));
        assertEquals(new DueRun(NEW_YEAR.plus(Duration.ofHours(5)), false), DueRun.of(hourly, NEW_YEAR, null, now));
        assertNull(DueRun.of(hourly, NEW_YEAR, 60L, now));
        assertEquals(new DueRun(NEW_YEAR.plus(Duration.ofHours(5)), false), DueRun.of(hourly, NEW_YEAR, 1801L, now));
        assertNull(DueRun.of(hourly, NEW_YEAR, null, NEW_YEAR.plusSeconds(3599)));
        assertEquals(
                new DueRun(NEW_YEAR.plus(Duration.ofHours(5)), false),
                DueRun.of(hourly, NEW_YEAR, Long.MAX_VALUE, now));
    }

    @Test
    void moreThanAHundredMissedAreTooMany() {
        CronSchedule hourly = parse("@hourly");
        for (CronSchedule schedule : List.of(hourly, parse("@every 1h"))) {
            DueRun hundred = DueRun.of(schedule, NEW_YEAR, null, NEW_YEAR.plus(Duration.ofHours(100)));
            assertEquals(new DueRun(NEW_YEAR.plus(Duration.ofHours(100)), false), hundred);
            DueRun more = DueRun.of(schedule, NEW_YEAR, null, NEW_YEAR.plus(Duration.ofHours(101)));
            assertEquals(new DueRun(NEW_YEAR.plus(Duration.ofHours(101)), true), more);
            DueRun recent = DueRun.of(schedule, NEW_YEAR, 7200L, NEW_YEAR.plus(Duration.ofHours(2000)));
            assertEquals(new DueRun(NEW_YEAR.plus(Duration.ofHours(2000)), false), recent);
        }
    }
}
