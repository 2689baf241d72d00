package io.keelson.agent.embedded.images.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a registry wants to know who asks.
 *
 * @param scheme {@code bearer} or {@code basic}
 * @param parameters by name in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int LENGTH_MAX = 8192;

    /** The best of those that an answer's headers offer. */
    static Optional<Challenge> best(List<String> headers) {
        Optional<Challenge> basic = Optional.empty();
        for (String header : headers) {
            Challenge challenge = parse(header);
            if (challenge.scheme().equals("bearer") && challenge.parameters().containsKey("realm")) {
                return Optional.of(challenge);
            }
            if (challenge.scheme().equals("basic")) {
                basic = Optional.of(challenge);
            }
        }
        return basic;
    }

    /** Reads one header: a scheme, and {@code name="value"} separated by commas. What makes no sense is left out. */
    static Challenge parse(String header) {
        String text = header.length() > LENGTH_MAX ? header.substring(0, LENGTH_MAX) : header.strip();
        int blank = text.indexOf(' ');
        if (blank < 0) {
            return new Challenge(text.toLowerCase(Locale.ROOT), Map.of());
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        int at = blank + 1;
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                break;
            }
            String name = text.substring(at, equals).replace(",", "").strip().toLowerCase(Locale.ROOT);
            StringBuilder value = new StringBuilder();
            at = equals + 1;
            if (at < text.length() && text.charAt(at) == '"') {
                at++;
                while (at < text.length() && text.charAt(at) != '"') {
                    if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                        at++;
                    }
                    value.append(text.charAt(at++));
                }
                at++;
            } else {
                while (at < text.length() && text.charAt(at) != ',') {
                    value.append(text.charAt(at++));
                }
            }
            parameters.putIfAbsent(name, value.toString().strip());
        }
        return new Challenge(text.substring(0, blank).toLowerCase(Locale.ROOT), parameters);
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
