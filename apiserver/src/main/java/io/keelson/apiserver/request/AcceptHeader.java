package io.keelson.apiserver.request;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The clauses of an {@code Accept} header. */
final class AcceptHeader {
    /** More than any client has reason to send; what is behind them does not count. */
    private static final int CLAUSES_MAX = 100;

    /** Parameters that ask for another form of an answer. */
    private static final List<String> TURNING = List.of("as", "g", "v", "sv", "stream");

    private AcceptHeader() {}

    /** @param type {@code *} for any */
    record Clause(String type, String subtype, double quality, Map<String, String> parameters) {
        boolean matches(MediaType served) {
            return matches(served.subtype());
        }

        /** @param served what follows {@code application/} */
        boolean matches(String served) {
            boolean subtypeFits = subtype.equals("*") || subtype.equals(served);
            return (type.equals("*") && subtype.equals("*")) || (type.equals("application") && subtypeFits);
        }

        /** Whether plain text will do, which is turned into no other kind and is no stream. */
        boolean matchesPlainText() {
            boolean any = type.equals("*") && subtype.equals("*");
            boolean text = type.equals("text") && (subtype.equals("*") || subtype.equals("plain"));
            return (any || text) && TURNING.stream().noneMatch(parameters::containsKey);
        }

        private int wildcards() {
            return (type.equals("*") ? 2 : 0) + (subtype.equals("*") ? 1 : 0);
        }
    }

    /** The best liked first, then the more specific, then the one named earlier. */
    static List<Clause> parse(String header) {
        List<Clause> clauses = new ArrayList<>();
        for (String part : header.split(",", CLAUSES_MAX + 1)) {
            Clause clause = clauses.size() < CLAUSES_MAX ? clause(part) : null;
            if (clause != null) {
                clauses.add(clause);
            }
        }
        clauses.sort(Comparator.comparingDouble(Clause::quality).reversed().thenComparingInt(Clause::wildcards));
        return clauses;
    }

    private static @Nullable Clause clause(String text) {
        String[] parts = text.split(";", -1);
        String[] range = parts[0].trim().split("/", -1);
        boolean any = range.length == 1 && range[0].equals("*");
        if (range.length != 2 && !any) {
            return null;
        }
        double quality = 1;
        Map<String, String> parameters = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals <= 0 || parts[i].indexOf('=', equals + 1) >= 0) {
                continue;
            }
            String name = parts[i].substring(0, equals).trim();
            String value = parts[i].substring(equals + 1).trim();
            if (name.equals("q")) {
                quality = quality(value);
            } else {
                parameters.put(name, value);
            }
        }
        return new Clause(range[0].trim(), any ? "*" : range[1].trim(), quality, Map.copyOf(parameters));
    }

    private static double quality(String text) {
        try {
            double quality = Double.parseDouble(text);
            return quality >= 0 && quality <= 1 ? quality : 0;
        } catch (NumberFormatException e) {
            return 0; // What cannot be read counts for nothing, as in the API.
        }
    }

    /** A content type without its parameters, in lower case. */
    static String bareType(String contentType) {
        int parameters = contentType.indexOf(';');
        return (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .trim()
                .toLowerCase(Locale.ROOT);
    }
}
