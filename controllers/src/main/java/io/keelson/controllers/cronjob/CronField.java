package io.keelson.controllers.cronjob;

import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.field.expression.And;
import com.cronutils.model.field.expression.Between;
import com.cronutils.model.field.expression.Every;
import com.cronutils.model.field.expression.FieldExpression;
import com.cronutils.model.field.expression.On;
import com.cronutils.model.field.value.FieldValue;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One field of a schedule: how it is written for cron-utils, and which numbers it means.
 *
 * @param min the lowest number
 * @param max the highest number
 */
record CronField(int min, int max) {
    private static final Pattern STEP = Pattern.compile("([^/]*)/(\\d+)");

    static CronField of(CronFieldName name) {
        return switch (name) {
            case MINUTE -> new CronField(0, 59);
            case HOUR -> new CronField(0, 23);
            case DAY_OF_MONTH -> new CronField(1, 31);
            case MONTH -> new CronField(1, 12);
            case DAY_OF_WEEK -> new CronField(0, 6);
            case SECOND, YEAR, DAY_OF_YEAR -> throw new IllegalArgumentException("no field of ours: " + name);
        };
    }

    /**
     * The same field in words that cron-utils takes.
     *
     * @throws IllegalArgumentException if there is nothing in it
     */
    String rewritten(String text) {
        if (text.indexOf('|') >= 0) {
            throw new IllegalArgumentException("failed to parse int from " + text);
        }
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isEmpty()) {
                parts.add(part(part));
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("nothing in the field: " + text);
        }
        return String.join(",", parts);
    }

    private String part(String text) {
        // A question mark is an asterisk, and what is behind the hyphen of one means nothing.
        String part = text.replaceFirst("^[*?](-[^/]*)?(?=/|$)", "*");
        Matcher step = STEP.matcher(part);
        if (!step.matches()) {
            return part;
        }
        String start = step.group(1);
        if (isLarge(step.group(2))) {
            // The step leaves nothing but the first number.
            return start.equals("*") ? Integer.toString(min) : start.split("-", 2)[0];
        }
        return Integer.parseInt(step.group(2)) == 1 && start.equals("*") ? start : part;
    }

    private boolean isLarge(String step) {
        return step.length() > 9 || Integer.parseInt(step) > max;
    }

    /** Whether a rewritten field says any number; a step of more than one does not. */
    static boolean isAny(String rewritten) {
        return List.of(rewritten.split(",", -1)).contains("*");
    }

    /**
     * The numbers that an expression means, one bit each.
     *
     * @throws IllegalArgumentException if it is one that Kubernetes does not take
     */
    long numbers(FieldExpression expression) {
        return switch (expression) {
            case Always ignored -> range(min, max, 1);
            case On on -> range(number(on.getTime()), number(on.getTime()), 1);
            case Between between -> range(number(between.getFrom()), number(between.getTo()), 1);
            case Every every -> every(every);
            case And and -> {
                long all = 0;
                for (FieldExpression part : and.getExpressions()) {
                    all |= numbers(part);
                }
                yield all;
            }
            default -> throw new IllegalArgumentException("not a list of numbers and ranges: " + expression.asString());
        };
    }

    private long every(Every every) {
        int step = number(every.getPeriod());
        return switch (every.getExpression()) {
            case Always ignored -> range(min, max, step);
            case On on -> range(number(on.getTime()), max, step);
            case Between between -> range(number(between.getFrom()), number(between.getTo()), step);
            default -> throw new IllegalArgumentException("not a range with a step: " + every.asString());
        };
    }

    private long range(int from, int to, int step) {
        if (from > to) {
            throw new IllegalArgumentException(
                    "beginning of range (" + from + ") beyond end of range (" + to + "): " + from + '-' + to);
        }
        if (from < min || to > max || step < 1) {
            throw new IllegalArgumentException("not within " + min + " and " + max + ": " + from + '-' + to);
        }
        long numbers = 0;
        for (int number = from; number <= to; number += step) {
            numbers |= 1L << number;
        }
        return numbers;
    }

    private static int number(FieldValue<?> value) {
        if (value.getValue() instanceof Integer number) {
            return number;
        }
        throw new IllegalArgumentException("not a number: " + value);
    }
}
