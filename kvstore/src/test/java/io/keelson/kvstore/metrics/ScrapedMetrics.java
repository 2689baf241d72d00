package io.keelson.kvstore.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A page of metrics in Prometheus' text format, taken apart. */
final class ScrapedMetrics {
    private static final Pattern SAMPLE = Pattern.compile("([a-z_A-Z0-9:]+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z_A-Z0-9]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Map<String, String> types = new TreeMap<>();
    private final List<Line> lines = new ArrayList<>();

    /** @param name of the family or, in histograms, the family with a suffix */
    record Line(String name, Map<String, String> labels, double value) {}

    ScrapedMetrics(String text) {
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", -1);
                if (types.put(words[2], words[3]) != null) {
                    throw new AssertionError("two families are called " + words[2]);
                }
            } else if (!line.startsWith("#") && !line.isEmpty()) {
                lines.add(line(line));
            }
        }
    }

    private static Line line(String text) {
        Matcher sample = SAMPLE.matcher(text);
        if (!sample.matches()) {
            throw new AssertionError("not a line of metrics: " + text);
        }
        Map<String, String> labels = new LinkedHashMap<>();
        if (sample.group(2) != null) {
            Matcher label = LABEL.matcher(sample.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
        }
        String value = sample.group(3);
        double number = value.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(value);
        return new Line(sample.group(1), labels, number);
    }

    /** Names of families, with their types. */
    Map<String, String> types() {
        return types;
    }

    List<Line> lines(String name) {
        return lines.stream().filter(line -> line.name.equals(name)).toList();
    }

    /** The sum over all labels. */
    double sum(String name) {
        return lines(name).stream().mapToDouble(Line::value).sum();
    }

    /** A family in one line: name, type, names of labels, bounds of buckets. */
    String shape(String family) {
        String type = types.get(family);
        boolean histogram = "histogram".equals(type);
        TreeSet<String> labels = new TreeSet<>();
        TreeSet<Double> bounds = new TreeSet<>();
        for (Line line : lines(histogram ? family + "_bucket" : family)) {
            line.labels.forEach((label, value) -> {
                if (histogram && label.equals("le")) {
                    bounds.add(value.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(value));
                } else {
                    labels.add(label);
                }
            });
        }
        return family + " " + type + " [" + String.join(",", labels) + "]"
                + (histogram ? " " + bounds.stream().map(String::valueOf).collect(Collectors.joining(" ")) : "");
    }
}
