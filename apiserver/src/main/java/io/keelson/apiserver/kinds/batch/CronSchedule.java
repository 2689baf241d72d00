package io.keelson.apiserver.kinds.batch;

import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.schema.Durations;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Times as cron writes them: five fields, or a word that begins with an at sign. */
final class CronSchedule {
    private static final Pattern SPACES = Pattern.compile("[ \t]+");
    private static final Set<String> WORDS =
            Set.of("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly");

    private CronSchedule() {}

    /**
     * What may stand in a field.
     *
     * @param names of the numbers from {@code min} on, if there are any
     */
    private record Field(int min, int max, List<String> names) {}

    private static final List<Field> FIELDS = List.of(
            new Field(0, 59, List.of()),
            new Field(0, 23, List.of()),
            new Field(1, 31, List.of()),
            new Field(
                    1, 12, List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
            new Field(0, 6, List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat")));

    /** @throws MalformedException if it is no schedule; says why */
    static void check(String text) {
        String schedule = text;
        if (schedule.startsWith("TZ=") || schedule.startsWith("CRON_TZ=")) {
            int space = schedule.indexOf(' ');
            zone(schedule.substring(schedule.indexOf('=') + 1, space < 0 ? schedule.length() : space));
            schedule = space < 0 ? "" : schedule.substring(space).strip();
        }
        if (schedule.isEmpty()) {
            throw new MalformedException("empty spec string");
        }
        if (schedule.startsWith("@")) {
            word(schedule);
            return;
        }
        String[] fields = SPACES.split(schedule.strip());
        if (fields.length != FIELDS.size()) {
            throw new MalformedException(
                    "expected exactly 5 fields, found " + fields.length + ": [" + String.join(" ", fields) + "]");
        }
        for (int i = 0; i < fields.length; i++) {
            for (String range : fields[i].split(",", -1)) {
                if (!range.isEmpty()) {
                    range(range, FIELDS.get(i));
                }
            }
        }
    }

    private static void zone(String name) {
        if (!name.isEmpty() && !name.equals("Local") && !TimeZones.isKnown(name)) {
            throw new MalformedException("provided bad location " + name + ": unknown time zone " + name);
        }
    }

    private static void word(String schedule) {
        if (schedule.startsWith("@every ")) {
            String duration = schedule.substring("@every ".length());
            try {
                var _ = Durations.parse(duration);
            } catch (MalformedException e) {
                throw new MalformedException("failed to parse duration " + schedule + ": " + e.getMessage());
            }
        } else if (!WORDS.contains(schedule)) {
            throw new MalformedException("unrecognized descriptor: " + schedule);
        }
    }

    private static void range(String text, Field field) {
        String[] withStep = text.split("/", -1);
        String[] limits = withStep[0].split("-", -1);
        long start = field.min();
        long end = field.max();
        boolean any = limits[0].equals("*") || limits[0].equals("?");
        if (!any) {
            start = number(limits[0], field);
            end = switch (limits.length) {
                case 1 -> withStep.length > 1 ? field.max() : start;
                case 2 -> number(limits[1], field);
                default -> throw new MalformedException("too many hyphens: " + text);
            };
        }
        long step = 1;
        if (withStep.length == 2) {
            step = number(withStep[1], new Field(0, 0, List.of()));
        } else if (withStep.length > 2) {
            throw new MalformedException("too many slashes: " + text);
        }
        if (start < field.min()) {
            throw new MalformedException(
                    "beginning of range (" + start + ") below minimum (" + field.min() + "): " + text);
        }
        if (end > field.max()) {
            throw new MalformedException("end of range (" + end + ") above maximum (" + field.max() + "): " + text);
        }
        if (start > end) {
            throw new MalformedException(
                    "beginning of range (" + start + ") beyond end of range (" + end + "): " + text);
        }
        if (step == 0) {
            throw new MalformedException("step of range should be a positive number: " + text);
        }
    }

    private static long number(String text, Field field) {
        int named = field.names().indexOf(text.toLowerCase(Locale.ROOT));
        if (named >= 0) {
            return field.min() + (long) named;
        }
        try {
            int number = Integer.parseInt(text);
            if (number < 0) {
                throw new MalformedException("negative number (" + number + ") not allowed: " + text);
            }
            return number;
        } catch (NumberFormatException e) {
            throw new MalformedException(
                    "failed to parse int from " + text + ": strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
    }
}
