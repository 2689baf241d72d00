package io.keelson.controllers.cronjob;

import com.cronutils.model.Cron;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.parser.CronParser;
import io.keelson.controllers.objects.GoDuration;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Reads schedules as Kubernetes takes them: five fields, or a word that begins with an at sign, perhaps with {@code
 * TZ=} and a time zone before it. What a field says is read by cron-utils; before that, what it would refuse and
 * Kubernetes does not is written in another way.
 */
final class CronText {
    private static final Map<String, String> WORDS = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");
    private static final String EVERY = "@every ";
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private static final List<CronFieldName> FIELDS = List.of(
            CronFieldName.MINUTE,
            CronFieldName.HOUR,
            CronFieldName.DAY_OF_MONTH,
            CronFieldName.MONTH,
            CronFieldName.DAY_OF_WEEK);
    private static final CronDefinition DEFINITION = CronDefinitionBuilder.defineCron()
            .withMinutes()
            .withValidRange(0, 59)
            .and()
            .withHours()
            .withValidRange(0, 23)
            .and()
            .withDayOfMonth()
            .withValidRange(1, 31)
            .and()
            .withMonth()
            .withValidRange(1, 12)
            .and()
            .withDayOfWeek()
            .withValidRange(0, 6)
            .withMondayDoWValue(1)
            .and()
            .instance();

    private CronText() {}

    /**
     * Reads a schedule.
     *
     * @param zone where it holds, if it does not say itself
     * @throws IllegalArgumentException if it is none; says why
     */
    static CronSchedule parse(String text, ZoneId zone) {
        String schedule = text.strip();
        ZoneId where = zone;
        if (schedule.startsWith("TZ=") || schedule.startsWith("CRON_TZ=")) {
            String[] parts = SPACES.split(schedule, 2);
            where = zone(parts[0].substring(parts[0].indexOf('=') + 1));
            schedule = parts.length < 2 ? "" : parts[1];
        }
        if (schedule.isEmpty()) {
            throw new IllegalArgumentException("empty spec string");
        }
        if (schedule.startsWith(EVERY)) {
            return new FixedInterval(interval(schedule.substring(EVERY.length())));
        }
        if (schedule.startsWith("@")) {
            String fields = WORDS.get(schedule);
            if (fields == null) {
                throw new IllegalArgumentException("unrecognized descriptor: " + schedule);
            }
            schedule = fields;
        }
        return fields(List.of(SPACES.split(schedule, -1)), where);
    }

    /**
     * A time zone by the name that the time zone database has for it; none is UTC.
     *
     * @throws IllegalArgumentException if there is no such zone
     */
    static ZoneId zone(String name) {
        if (name.isEmpty()) {
            return ZoneId.of("UTC");
        }
        if (name.equals("Local")) {
            return ZoneId.systemDefault();
        }
        if (!ZoneId.getAvailableZoneIds().contains(name)) {
            throw new IllegalArgumentException("unknown time zone " + name);
        }
        return ZoneId.of(name);
    }

    /** In whole seconds, and at least one, whatever is asked for. */
    private static Duration interval(String text) {
        try {
            return Duration.ofSeconds(Math.max(1, GoDuration.parse(text).toSeconds()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("failed to parse duration " + EVERY + text + ": " + e.getMessage(), e);
        }
    }

    private static CronFields fields(List<String> texts, ZoneId zone) {
        if (texts.size() != FIELDS.size()) {
            throw new IllegalArgumentException("expected exactly " + FIELDS.size() + " fields, found " + texts.size()
                    + ": [" + String.join(" ", texts) + ']');
        }
        List<String> written = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            written.add(CronField.of(FIELDS.get(i)).rewritten(texts.get(i)));
        }
        Cron cron;
        try {
            cron = new CronParser(DEFINITION).parse(String.join(" ", written));
        } catch (UnsupportedOperationException e) {
            throw new IllegalArgumentException("not a schedule: " + String.join(" ", texts), e);
        }
        long[] sets = new long[FIELDS.size()];
        for (int i = 0; i < sets.length; i++) {
            CronFieldName name = FIELDS.get(i);
            sets[i] = CronField.of(name)
                    .numbers(Objects.requireNonNull(cron.retrieveFieldsAsMap().get(name))
                            .getExpression());
        }
        return new CronFields(
                sets[0],
                sets[1],
                sets[2],
                sets[3],
                sets[4],
                CronField.isAny(written.get(2)),
                CronField.isAny(written.get(4)),
                zone);
    }
}
