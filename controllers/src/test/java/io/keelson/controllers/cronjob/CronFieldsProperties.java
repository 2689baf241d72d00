package io.keelson.controllers.cronjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Schedules at random, against a look at each minute. */
class CronFieldsProperties {
    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "America/Sao_Paulo",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "Pacific/Apia");
    /** Days around which clocks somewhere are changed; Samoa left one out altogether. */
    private static final List<String> DAYS = List.of(
            "2024-03-31",
            "2024-10-27",
            "2024-03-10",
            "2024-11-03",
            "2024-04-07",
            "2024-10-06",
            "2018-11-04",
            "2018-02-18",
            "2011-12-30",
            "2024-02-29",
            "2023-12-31",
            "2024-04-14");

    private static final List<String> MONTHS =
            List.of("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> WEEK = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /** A field as it is written, and what it means. */
    private record Field(String text, Set<Integer> numbers, boolean any) {}

    private static Field field(Random random, int min, int max, List<String> names, int anyOf) {
        if (random.nextInt(anyOf) != 0) {
            Set<Integer> all = new TreeSet<>();
            for (int i = min; i <= max; i++) {
                all.add(i);
            }
            return new Field(random.nextBoolean() ? "*" : random.nextBoolean() ? "?" : "*/1", all, true);
        }
        List<String> parts = new ArrayList<>();
        Set<Integer> numbers = new TreeSet<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            int from = min + random.nextInt(max - min + 1);
            int to = from + random.nextInt(max - from + 1);
            int step = 1 + random.nextInt(max + 5);
            String first = write(random, from, names);
            int end = from;
            switch (random.nextInt(5)) {
                case 0 -> {
                    parts.add(first);
                    step = 1;
                }
                case 1 -> {
                    parts.add(first + '-' + write(random, to, names));
                    step = 1;
                    end = to;
                }
                case 2 -> {
                    parts.add(first + '-' + write(random, to, names) + '/' + step);
                    end = to;
                }
                case 3 -> {
                    parts.add(first + '/' + step);
                    end = max;
                }
                default -> {
                    step++;
                    from = min;
                    parts.add((random.nextBoolean() ? "*/" : "?/") + step);
                    end = max;
                }
            }
            for (int number = from; number <= end; number += step) {
                numbers.add(number);
            }
        }
        return new Field(String.join(",", parts), numbers, false);
    }

    private static String write(Random random, int number, List<String> names) {
        if (names.isEmpty() || random.nextBoolean()) {
            return (random.nextInt(4) == 0 && number < 10 ? "0" : "") + number;
        }
        String name = names.get(number);
        return random.nextBoolean() ? name : name.toUpperCase(Locale.ROOT);
    }

    /** All the minutes within some days at which a clock shows what is meant. */
    private static List<Instant> minutes(List<Field> fields, ZoneId zone, Instant from, Instant until) {
        List<Instant> minutes = new ArrayList<>();
        for (Instant at = from.plusSeconds(60); !at.isAfter(until); at = at.plusSeconds(60)) {
            ZonedDateTime shown = at.atZone(zone);
            boolean day = fields.get(2).numbers().contains(shown.getDayOfMonth());
            boolean weekday =
                    fields.get(4).numbers().contains(shown.getDayOfWeek().getValue() % 7);
            boolean either = !fields.get(2).any() && !fields.get(4).any();
            boolean meant = day && weekday;
            if (either) {
                meant = day || weekday;
            }
            if (fields.get(0).numbers().contains(shown.getMinute())
                    && fields.get(1).numbers().contains(shown.getHour())
                    && fields.get(3).numbers().contains(shown.getMonthValue())
                    && meant) {
                minutes.add(at);
            }
        }
        return minutes;
    }

    @Property(tries = 250, seed = "11")
    void aScheduleComesToPassAtTheMinutesThatItMeans(@ForAll long seed) {
        Random random = new Random(seed);
        List<Field> fields = List.of(
                field(random, 0, 59, List.of(), 2),
                field(random, 0, 23, List.of(), 2),
                field(random, 1, 31, List.of(), 3),
                field(random, 1, 12, MONTHS, 4),
                field(random, 0, 6, WEEK, 3));
        String text = String.join(" ", fields.stream().map(Field::text).toList());
        ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        Instant middle = Instant.parse(DAYS.get(random.nextInt(DAYS.size())) + "T00:00:00Z");
        Instant from = middle.minusSeconds(36 * 3600);
        Instant until = middle.plusSeconds(48 * 3600);
        List<Instant> expected = minutes(fields, zone, from, until);
        CronSchedule schedule = CronText.parse("TZ=" + zone + ' ' + text, ZoneId.of("UTC"));
        List<Instant> found = new ArrayList<>();
        @Nullable Instant next = schedule.next(from, from);
        while (next != null && !next.isAfter(until)) {
            found.add(next);
            next = schedule.next(from, next);
        }
        assertEquals(expected, found, () -> text + " in " + zone);
        assertEquals(Math.min(101, expected.size()), schedule.runs(from, from, until, 101));
        for (int i = 0; i < 5; i++) {
            Instant now = from.plusSeconds(random.nextInt(84 * 3600));
            Instant latest = expected.stream()
                    .filter(at -> !at.isAfter(now))
                    .reduce((ignored, at) -> at)
                    .orElse(null);
            assertEquals(latest, schedule.latest(from, now), () -> text + " in " + zone + " until " + now);
        }
    }

    @Property(tries = 200, seed = "12")
    void aFixedIntervalIsCountedFromItsAnchor(@ForAll long seed) {
        Random random = new Random(seed);
        long seconds = 1L + random.nextInt(5000);
        CronSchedule schedule = CronText.parse("@every " + seconds + "s", ZoneId.of("UTC"));
        Instant anchor = Instant.parse("2024-01-01T00:00:00Z");
        Instant now = anchor.plusMillis(random.nextInt(20_000_000));
        Instant latest = null;
        Instant next = anchor.plusSeconds(seconds);
        int runs = 0;
        while (!next.isAfter(now)) {
            latest = next;
            next = next.plusSeconds(seconds);
            runs++;
        }
        assertEquals(latest, schedule.latest(anchor, now));
        assertEquals(next, schedule.next(anchor, now));
        assertEquals(runs, schedule.runs(anchor, anchor, now, Integer.MAX_VALUE));
        assertNotNull(next);
    }
}
