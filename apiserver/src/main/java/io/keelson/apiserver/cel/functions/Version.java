package io.keelson.apiserver.cel.functions;

import io.keelson.apiserver.object.GoText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A version as semver.org has it. Two that differ in their build only are equal.
 *
 * @param before what makes it an earlier version than the plain numbers: {@code alpha}, {@code 1}
 */
record Version(long major, long minor, long patch, List<String> before) implements Comparable<Version> {
    /** @throws FunctionFailure if it is none */
    static Version parse(String text) {
        if (text.isEmpty()) {
            throw new FunctionFailure("Version string empty");
        }
        String[] parts = text.split("\\.", 3);
        if (parts.length != 3) {
            throw new FunctionFailure("No Major.Minor.Patch elements found");
        }
        String patch = parts[2];
        int plus = patch.indexOf('+');
        if (plus >= 0) {
            for (String word : patch.substring(plus + 1).split("\\.", -1)) {
                word(word, "Build meta data");
            }
            patch = patch.substring(0, plus);
        }
        int dash = patch.indexOf('-');
        List<String> before = List.of();
        if (dash >= 0) {
            before = List.of(patch.substring(dash + 1).split("\\.", -1));
            for (String word : before) {
                word(word, "Prerelease");
                if (isNumber(word) && word.length() > 1 && word.startsWith("0")) {
                    throw new FunctionFailure(
                            "Numeric PreRelease version must not contain leading zeroes " + GoText.quoted(word));
                }
            }
            patch = patch.substring(0, dash);
        }
        return new Version(number(parts[0], "Major"), number(parts[1], "Minor"), number(patch, "Patch"), before);
    }

    private static void word(String word, String what) {
        if (word.isEmpty()) {
            throw new FunctionFailure(what + " is empty");
        }
        if (!word.matches("[0-9A-Za-z-]+")) {
            throw new FunctionFailure("Invalid character(s) found in " + what.toLowerCase(java.util.Locale.ROOT) + " "
                    + GoText.quoted(word));
        }
    }

    private static long number(String text, String what) {
        if (!isNumber(text)) {
            throw new FunctionFailure("Invalid character(s) found in " + what.toLowerCase(java.util.Locale.ROOT)
                    + " number " + GoText.quoted(text));
        }
        if (text.length() > 1 && text.startsWith("0")) {
            throw new FunctionFailure(what + " number must not contain leading zeroes " + GoText.quoted(text));
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new FunctionFailure("strconv.ParseUint: parsing " + GoText.quoted(text) + ": value out of range");
        }
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** With what is left out filled in: {@code v1.2} becomes {@code 1.2.0}; leading zeros go. */
    static String completed(String text) {
        String[] parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.", 3);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i].length() > 1 ? parts[i].replaceFirst("^0+", "") : parts[i];
            boolean begins = !part.isEmpty() && part.charAt(0) >= '0' && part.charAt(0) <= '9';
            parts[i] = begins || parts[i].length() <= 1 ? part : "0" + part;
        }
        if (parts.length < 3) {
            String last = parts[parts.length - 1];
            if (last.indexOf('+') >= 0 || last.indexOf('-') >= 0) {
                throw new FunctionFailure("short version cannot contain PreRelease/Build meta data");
            }
        }
        return String.join(".", parts) + ".0".repeat(3 - parts.length);
    }

    @Override
    public int compareTo(Version other) {
        int byNumbers = Long.compare(major, other.major);
        byNumbers = byNumbers != 0 ? byNumbers : Long.compare(minor, other.minor);
        byNumbers = byNumbers != 0 ? byNumbers : Long.compare(patch, other.patch);
        if (byNumbers != 0) {
            return byNumbers;
        }
        if (before.isEmpty() || other.before.isEmpty()) {
            return Boolean.compare(before.isEmpty(), other.before.isEmpty());
        }
        for (int i = 0; i < Math.min(before.size(), other.before.size()); i++) {
            int byWord = compare(before.get(i), other.before.get(i));
            if (byWord != 0) {
                return byWord;
            }
        }
        return Integer.compare(before.size(), other.before.size());
    }

    /** Numbers come before words, and are compared as such. */
    private static int compare(String one, String other) {
        boolean number = isNumber(one);
        if (number != isNumber(other)) {
            return number ? -1 : 1;
        }
        int byLength = number ? Integer.compare(one.length(), other.length()) : 0;
        return byLength != 0 ? byLength : one.compareTo(other);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Version version && compareTo(version) == 0;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(major * 31 + minor) * 31 + Long.hashCode(patch) + before.hashCode();
    }
}
