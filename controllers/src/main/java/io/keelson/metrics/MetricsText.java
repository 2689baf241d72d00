package io.keelson.metrics;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text format of Prometheus: {@code name{label="value"} 1.5 1700000000000}. One text, one thread.
 */
final class MetricsText {
    private static final int LABELS_MAX = 64;

    private final String line;
    private int at;

    private MetricsText(String line) {
        this.line = line;
    }

    /**
     * A measured value.
     *
     * @param millis its time since 1970; null if the text has none
     */
    record Sample(
            String name,
            Map<String, String> labels,
            double value,
            @Nullable Long millis) {}

    /**
     * Reads a text.
     *
     * @param wanted names; lines of others are not read any further
     * @throws IllegalArgumentException if a wanted line is malformed, with its number
     */
    static void read(byte[] text, Set<String> wanted, Consumer<Sample> samples) {
        int number = 0;
        int start = 0;
        while (start < text.length) {
            number++;
            int end = start;
            while (end < text.length && text[end] != '\n') {
                end++;
            }
            if (isWanted(text, start, end, wanted)) {
                MetricsText line =
                        new MetricsText(new String(text, start, end - start, StandardCharsets.UTF_8).strip());
                try {
                    samples.accept(line.sample());
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
                }
            }
            start = end + 1;
        }
    }

    private static boolean isWanted(byte[] text, int start, int end, Set<String> wanted) {
        int stop = start;
        while (stop < end && text[stop] != '{' && text[stop] != ' ' && text[stop] != '\t') {
            stop++;
        }
        return stop > start && wanted.contains(new String(text, start, stop - start, StandardCharsets.ISO_8859_1));
    }

    private Sample sample() {
        String name = until("{ \t");
        skipBlanks();
        Map<String, String> labels = new HashMap<>();
        if (at < line.length() && line.charAt(at) == '{') {
            at++;
            labels(labels);
        }
        String[] rest = line.substring(at).strip().split("[ \t]+", -1);
        if (rest.length > 2) {
            throw new IllegalArgumentException("more than a value and a time");
        }
        return new Sample(name, labels, number(rest[0]), rest.length == 2 ? millis(rest[1]) : null);
    }

    private void labels(Map<String, String> labels) {
        while (true) {
            skipBlanks();
            if (next('}')) {
                return;
            }
            String name = until("= \t\"}").strip();
            skipBlanks();
            if (name.isEmpty() || !next('=')) {
                throw new IllegalArgumentException("a label without a name or a value");
            }
            skipBlanks();
            if (!next('"')) {
                throw new IllegalArgumentException("the value of label " + name + " is not quoted");
            }
            if (labels.size() == LABELS_MAX) {
                throw new IllegalArgumentException("more than " + LABELS_MAX + " labels");
            }
            labels.put(name, quoted());
            skipBlanks();
            boolean _ = next(',');
        }
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        while (at < line.length()) {
            char letter = line.charAt(at++);
            if (letter == '"') {
                return value.toString();
            }
            if (letter == '\\' && at < line.length()) {
                char escaped = line.charAt(at++);
                value.append(escaped == 'n' ? '\n' : escaped);
            } else {
                value.append(letter);
            }
        }
        throw new IllegalArgumentException("the value of a label does not end");
    }

    private boolean next(char letter) {
        if (at < line.length() && line.charAt(at) == letter) {
            at++;
            return true;
        }
        if (at >= line.length()) {
            throw new IllegalArgumentException("the labels do not end");
        }
        return false;
    }

    private void skipBlanks() {
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
    }

    private String until(String stops) {
        int start = at;
        while (at < line.length() && stops.indexOf(line.charAt(at)) < 0) {
            at++;
        }
        return line.substring(start, at);
    }

    private static double number(String text) {
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> {
                // What Java reads besides, as 1f, is no number of this format.
                if (!text.matches("[+-]?[0-9.]{1,400}([eE][+-]?[0-9]{1,4})?")) {
                    throw new IllegalArgumentException("\"" + shortened(text) + "\" is no number");
                }
                yield Double.parseDouble(text);
            }
        };
    }

    private static long millis(String text) {
        if (!text.matches("-?[0-9]{1,15}")) {
            throw new IllegalArgumentException("\"" + shortened(text) + "\" is no time in milliseconds");
        }
        return Long.parseLong(text);
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }
}
