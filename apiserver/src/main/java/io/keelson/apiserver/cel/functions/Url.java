package io.keelson.apiserver.cel.functions;

import io.keelson.apiserver.object.GoText;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A URL as it may stand in the first line of a request: absolute, or a path. Read as Go does, which is more tolerant than
 * {@link java.net.URI}.
 *
 * @param scheme in lower case; empty for a path
 * @param host with port and brackets, as it is written
 * @param path as it is written, with what must be escaped escaped
 * @param query as it is written, without the question mark
 */
record Url(String scheme, String host, String path, String query) {
    private static final String UNESCAPED_IN_PATHS = "-_.~$&+,/:;=@!'()*[]";

    /** @throws FunctionFailure with the text of the original */
    static Url parse(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < 0x20 || text.charAt(i) == 0x7f) {
                throw wrong(text, "net/url: invalid control character in URL");
            }
        }
        if (text.isEmpty()) {
            throw wrong(text, "empty url");
        }
        if (text.equals("*")) {
            return new Url("", "", "*", "");
        }
        int colon = schemeEnd(text);
        if (colon == 0) {
            throw wrong(text, "missing protocol scheme");
        }
        String scheme = colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT);
        String rest = text.substring(colon + 1);
        int question = rest.indexOf('?');
        String query = question < 0 ? "" : rest.substring(question + 1);
        rest = question < 0 ? rest : rest.substring(0, question);
        if (!rest.startsWith("/")) {
            if (scheme.isEmpty()) {
                throw wrong(text, "invalid URI for request");
            }
            return new Url(scheme, "", "", query);
        }
        String host = "";
        if (!scheme.isEmpty() && rest.startsWith("//")) {
            int slash = rest.indexOf('/', 2);
            String authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
            rest = slash < 0 ? "" : rest.substring(slash);
            host = host(text, authority.substring(authority.lastIndexOf('@') + 1));
        }
        return new Url(scheme, host, path(text, rest), query);
    }

    /** Where the scheme ends; −1 if there is none, 0 if it is empty. */
    private static int schemeEnd(String text) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == ':') {
                return i;
            }
            boolean letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
            boolean later = (character >= '0' && character <= '9') || "+-.".indexOf(character) >= 0;
            if (!letter && (i == 0 || !later)) {
                return -1;
            }
        }
        return -1;
    }

    private static String host(String text, String host) {
        String port;
        if (host.startsWith("[")) {
            int end = host.lastIndexOf(']');
            if (end < 0) {
                throw wrong(text, "missing ']' in host");
            }
            port = host.substring(end + 1);
        } else {
            int colon = host.lastIndexOf(':');
            port = colon < 0 ? "" : host.substring(colon);
        }
        boolean fine =
                port.isEmpty() || (port.charAt(0) == ':' && port.chars().skip(1).allMatch(c -> c >= '0' && c <= '9'));
        if (!fine) {
            throw wrong(text, "invalid port " + GoText.quoted(port) + " after host");
        }
        for (int i = 0; i < host.length(); i++) {
            char character = host.charAt(i);
            if (character == ' ' || "\\^`{|}#/".indexOf(character) >= 0) {
                throw wrong(text, "invalid character " + GoText.quoted(String.valueOf(character)) + " in host name");
            }
        }
        return host;
    }

    /** Escapes what must be; fails on percent signs that escape nothing. */
    private static String path(String text, String path) {
        StringBuilder escaped = new StringBuilder(path.length());
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            char character = (char) (bytes[i] & 0xff);
            if (character == '%') {
                if (i + 2 >= bytes.length || !isHex(bytes[i + 1]) || !isHex(bytes[i + 2])) {
                    String found = new String(bytes, i, Math.min(3, bytes.length - i), StandardCharsets.UTF_8);
                    throw wrong(text, "invalid URL escape " + GoText.quoted(found));
                }
                escaped.append(character);
            } else if (isPlain(character)) {
                escaped.append(character);
            } else {
                escaped.append(String.format("%%%02X", (int) character));
            }
        }
        return escaped.toString();
    }

    private static boolean isHex(byte character) {
        return Character.digit(character, 16) >= 0;
    }

    private static boolean isPlain(char character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || UNESCAPED_IN_PATHS.indexOf(character) >= 0;
    }

    private static FunctionFailure wrong(String text, String why) {
        return new FunctionFailure(
                "URL parse error during conversion from string: parse " + GoText.quoted(text) + ": " + why);
    }

    /** Without port and brackets. */
    String hostname() {
        int end = host.lastIndexOf(']');
        if (host.startsWith("[") && end > 0) {
            return host.substring(1, end);
        }
        int colon = host.lastIndexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    /** Empty if there is none. */
    String port() {
        int colon = host.lastIndexOf(':');
        return colon < 0 || colon < host.lastIndexOf(']') ? "" : host.substring(colon + 1);
    }

    /** What the query says, by name. What cannot be read is left out. */
    Map<String, Object> parameters() {
        Map<String, List<Object>> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty() || pair.indexOf(';') >= 0) {
                continue;
            }
            int equals = pair.indexOf('=');
            try {
                String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
                String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
                parameters.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
            } catch (IllegalArgumentException e) {
                // As the original does it: a pair that cannot be read is none.
            }
        }
        return new LinkedHashMap<>(parameters);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
