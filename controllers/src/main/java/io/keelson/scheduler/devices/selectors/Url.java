package io.keelson.scheduler.devices.selectors;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL of an expression: absolute, or a path.
 *
 * @param scheme in lower case; empty for a path
 * @param host as it is written, with its port
 * @param path as it is written, with what must be escaped escaped
 * @param query as it is written, without the question mark
 */
record Url(String scheme, String host, String path, String query) {
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][-+.A-Za-z0-9]*):");
    private static final Pattern AUTHORITY = Pattern.compile("//(?:[^/]*@)?([^/]*)");
    private static final Pattern PORT = Pattern.compile("(\\[[^\\]]*\\]|[^:\\[\\]]*)(?::(\\d*))?");
    private static final String PLAIN = "-_.~$&+,/:;=@!'()*[]%";

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Url parse(String text) {
        if (text.isEmpty()) {
            throw wrong(text, "empty url");
        }
        if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw wrong(text, "net/url: invalid control character in URL");
        }
        if (text.equals("*")) {
            return new Url("", "", "*", "");
        }
        if (text.startsWith(":")) {
            throw wrong(text, "missing protocol scheme");
        }
        Matcher scheme = SCHEME.matcher(text);
        boolean isAbsolute = scheme.lookingAt();
        String rest = isAbsolute ? text.substring(scheme.end()) : text;
        int mark = rest.indexOf('?');
        String query = mark < 0 ? "" : rest.substring(mark + 1);
        rest = mark < 0 ? rest : rest.substring(0, mark);
        String name = isAbsolute ? scheme.group(1).toLowerCase(Locale.ROOT) : "";
        if (!rest.startsWith("/")) {
            if (!isAbsolute) {
                throw wrong(text, "invalid URI for request");
            }
            return new Url(name, "", "", query);
        }
        Matcher authority = AUTHORITY.matcher(rest);
        if (!isAbsolute || !authority.lookingAt()) {
            return new Url(name, "", path(text, rest), query);
        }
        String host = authority.group(1);
        if (!PORT.matcher(host).matches() || host.chars().anyMatch(c -> " \\^`{|}#\"<>".indexOf(c) >= 0)) {
            throw wrong(text, "invalid character or port in host name \"" + host + '"');
        }
        return new Url(name, host, path(text, rest.substring(authority.end())), query);
    }

    private static String path(String text, String path) {
        StringBuilder escaped = new StringBuilder(path.length());
        for (byte each : path.getBytes(StandardCharsets.UTF_8)) {
            boolean isPlain = each > 0 && (Character.isLetterOrDigit(each) || PLAIN.indexOf(each) >= 0);
            escaped.append(isPlain ? String.valueOf((char) each) : "%%%02X".formatted(each & 0xff));
        }
        for (int at = escaped.indexOf("%"); at >= 0; at = escaped.indexOf("%", at + 1)) {
            if (at + 2 >= escaped.length()
                    || Character.digit(escaped.charAt(at + 1), 16) < 0
                    || Character.digit(escaped.charAt(at + 2), 16) < 0) {
                throw wrong(
                        text,
                        "invalid URL escape \"" + escaped.substring(at, Math.min(at + 3, escaped.length())) + '"');
            }
        }
        return escaped.toString();
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException(
                "URL parse error during conversion from string: parse \"" + text + "\": " + why);
    }

    /** Without port and brackets. */
    String hostname() {
        Matcher parts = PORT.matcher(host);
        String name = parts.matches() ? parts.group(1) : host;
        return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    }

    /** Empty if there is none. */
    String port() {
        Matcher parts = PORT.matcher(host);
        return parts.matches() && parts.group(2) != null ? parts.group(2) : "";
    }

    /** What the query says, by name. What cannot be read is left out. */
    Map<String, List<String>> parameters() {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            if (!pair.isEmpty() && pair.indexOf(';') < 0) {
                int equals = pair.indexOf('=');
                try {
                    String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
                    String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
                    parameters
                            .computeIfAbsent(name, ignored -> new ArrayList<>())
                            .add(value);
                } catch (IllegalArgumentException e) {
                    // A pair that cannot be read is none.
                }
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
