package io.keelson.scheduler.devices.selectors;

import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version as Semantic Versioning 2.0.0 has it. What stands after {@code +} does not count.
 *
 * @param before the words of what it comes before: {@code [rc, 1]} of {@code 1.0.0-rc.1}; empty for a release
 */
record SemanticVersion(long major, long minor, long patch, List<String> before) implements Comparable<SemanticVersion> {
    private static final int CHARS_MAX = 256;
    private static final int DIGITS_MAX = 18;
    private static final String NUMBER = "(0|[1-9]\\d{0," + (DIGITS_MAX - 1) + "})";
    private static final String WORD = "(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
    private static final Pattern FORM = Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER + "(?:-(" + WORD
            + "(?:\\." + WORD + ")*))?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?");
    private static final Pattern LEADING_ZEROS = Pattern.compile("^0+(?=\\d)");

    SemanticVersion {
        before = List.copyOf(before);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none
     */
    static SemanticVersion parse(String text) {
        Matcher form = FORM.matcher(text);
        if (text.length() > CHARS_MAX || !form.matches()) {
            throw new IllegalArgumentException("\"" + text.substring(0, Math.min(text.length(), CHARS_MAX))
                    + "\" is no semantic version: write it as in 1.2.3, 1.2.3-rc.1 or 1.2.3+build");
        }
        String words = OrEmpty.of(form.group(4));
        return new SemanticVersion(
                Long.parseLong(form.group(1)),
                Long.parseLong(form.group(2)),
                Long.parseLong(form.group(3)),
                words.isEmpty() ? List.of() : List.of(words.split("\\.", -1)));
    }

    /**
     * Reads one that may be shorter, begin with {@code v} and have leading zeros: {@code v01.2} is {@code 1.2.0}.
     *
     * @throws IllegalArgumentException if it is none
     */
    static SemanticVersion parseTolerantly(String text) {
        String plain = text.startsWith("v") ? text.substring(1) : text;
        List<String> parts = new ArrayList<>(List.of(plain.split("\\.", 3)));
        parts.replaceAll(part -> LEADING_ZEROS.matcher(part).replaceFirst(""));
        while (parts.size() < 3) {
            parts.add("0");
        }
        return parse(String.join(".", parts));
    }

    @Override
    public int compareTo(SemanticVersion other) {
        int order = Long.compare(major, other.major);
        order = order != 0 ? order : Long.compare(minor, other.minor);
        order = order != 0 ? order : Long.compare(patch, other.patch);
        if (order != 0 || before.equals(other.before)) {
            return order;
        }
        if (before.isEmpty() || other.before.isEmpty()) {
            return before.isEmpty() ? 1 : -1;
        }
        int words = Math.min(before.size(), other.before.size());
        for (int i = 0; i < words; i++) {
            int byWord = compareWords(before.get(i), other.before.get(i));
            if (byWord != 0) {
                return byWord;
            }
        }
        return Integer.compare(before.size(), other.before.size());
    }

    /** Numbers come before words. */
    private static int compareWords(String one, String other) {
        boolean oneIsNumber = isNumber(one);
        if (oneIsNumber != isNumber(other)) {
            return oneIsNumber ? -1 : 1;
        }
        int byLength = oneIsNumber ? Integer.compare(one.length(), other.length()) : 0;
        return byLength != 0 ? byLength : one.compareTo(other);
    }

    private static boolean isNumber(String word) {
        return word.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
