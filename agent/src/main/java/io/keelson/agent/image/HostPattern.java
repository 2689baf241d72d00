package io.keelson.agent.image;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * For which images credentials are: a host and port and the beginning of a path, as {@code *.example.com:5000/team}.
 * Between dots of the host may be {@code *}, {@code ?}, {@code [a-z]} and {@code \} before a sign; a {@code *} does not
 * go over a dot.
 */
record HostPattern(List<String> hostParts, String port, String path) {
    static HostPattern parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        String path = slash < 0 ? "" : text.substring(slash);
        int colon = host.lastIndexOf(':');
        boolean hasPort = colon >= 0 && host.indexOf(']', colon) < 0;
        String name = hasPort ? host.substring(0, colon) : host;
        // An address in brackets is none of the signs in it.
        boolean isAddress = name.startsWith("[") && name.endsWith("]") && name.contains(":");
        return new HostPattern(
                List.of((isAddress ? name.substring(1, name.length() - 1) : name).split("\\.", -1)),
                hasPort ? host.substring(colon + 1) : "",
                path);
    }

    /** Whether a repository, registry and path, is one of these. */
    boolean matches(String repository) {
        HostPattern target = parse(repository);
        if (!port.equals(target.port) || hostParts.size() != target.hostParts.size() || !target.path.startsWith(path)) {
            return false;
        }
        for (int i = 0; i < hostParts.size(); i++) {
            if (!matches(hostParts.get(i), target.hostParts.get(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * A sign of a pattern.
     *
     * @param any whether it stands for any number of any signs
     * @param ranges what it stands for, each from its first sign to its last
     * @param negated whether it stands for all others
     */
    private record Sign(boolean any, List<int[]> ranges, boolean negated) {
        boolean takes(char sign) {
            boolean inside = ranges.stream().anyMatch(range -> range[0] <= sign && sign <= range[1]);
            return inside != negated;
        }
    }

    /** Takes time of the product of both lengths at most, whatever the pattern. A malformed pattern matches nothing. */
    static boolean matches(String pattern, String text) {
        List<Sign> signs = signs(pattern);
        if (signs == null) {
            return false;
        }
        int at = 0;
        int sign = 0;
        int star = -1;
        int starAt = 0;
        while (at < text.length()) {
            if (sign < signs.size() && signs.get(sign).any()) {
                star = sign++;
                starAt = at;
            } else if (sign < signs.size() && signs.get(sign).takes(text.charAt(at))) {
                sign++;
                at++;
            } else if (star >= 0) {
                sign = star + 1;
                at = ++starAt;
            } else {
                return false;
            }
        }
        while (sign < signs.size() && signs.get(sign).any()) {
            sign++;
        }
        return sign == signs.size();
    }

    private static @Nullable List<Sign> signs(String pattern) {
        List<Sign> signs = new ArrayList<>();
        for (int i = 0; i < pattern.length(); i++) {
            char sign = pattern.charAt(i);
            switch (sign) {
                case '*' -> signs.add(new Sign(true, List.of(), false));
                case '?' -> signs.add(new Sign(false, List.of(), true));
                case '\\' -> {
                    if (++i == pattern.length()) {
                        return null;
                    }
                    signs.add(one(pattern.charAt(i)));
                }
                case '[' -> {
                    int end = pattern.indexOf(']', i + 2);
                    Sign oneOf = end < 0 ? null : oneOf(pattern.substring(i + 1, end));
                    if (oneOf == null) {
                        return null;
                    }
                    signs.add(oneOf);
                    i = end;
                }
                default -> signs.add(one(sign));
            }
        }
        return signs;
    }

    private static Sign one(char sign) {
        return new Sign(false, List.of(new int[] {sign, sign}), false);
    }

    private static @Nullable Sign oneOf(String inside) {
        boolean negated = inside.startsWith("^");
        String set = negated ? inside.substring(1) : inside;
        List<int[]> ranges = new ArrayList<>();
        for (int i = 0; i < set.length(); i++) {
            char from = set.charAt(i);
            char to = from;
            if (i + 1 < set.length() && set.charAt(i + 1) == '-') {
                if (i + 2 == set.length()) {
                    return null;
                }
                to = set.charAt(i + 2);
                i += 2;
            }
            ranges.add(new int[] {from, to});
        }
        return ranges.isEmpty() ? null : new Sign(false, ranges, negated);
    }
}
