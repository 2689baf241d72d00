package io.keelson.apiserver.discovery;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of versions as Kubernetes has it: stable ones before betas before alphas, within each the higher number first,
 * and names that are no versions of that form at the end, in the order of the alphabet.
 */
public final class VersionPriority {
    public static final Comparator<String> FIRST_IS_PREFERRED = Comparator.comparing(VersionPriority::parse);

    private static final Pattern FORM = Pattern.compile("v([1-9][0-9]{0,8})(?:(alpha|beta)([1-9][0-9]{0,8}))?");

    private VersionPriority() {}

    private record Parsed(int stage, int major, int minor, String text) implements Comparable<Parsed> {
        @Override
        public int compareTo(Parsed other) {
            int order = Integer.compare(stage, other.stage);
            if (order == 0) {
                order = Integer.compare(other.major, major);
            }
            if (order == 0) {
                order = Integer.compare(other.minor, minor);
            }
            return order != 0 ? order : text.compareTo(other.text);
        }
    }

    private static Parsed parse(String version) {
        Matcher form = FORM.matcher(version);
        if (!form.matches()) {
            return new Parsed(3, 0, 0, version);
        }
        int stage = form.group(2) == null ? 0 : form.group(2).equals("beta") ? 1 : 2;
        int minor = form.group(3) == null ? 0 : Integer.parseInt(form.group(3));
        return new Parsed(stage, Integer.parseInt(form.group(1)), minor, version);
    }
}
