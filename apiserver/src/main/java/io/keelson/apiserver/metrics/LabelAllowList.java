package io.keelson.apiserver.metrics;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.Metrics.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which values labels of certain metrics may have. What has another value is told as {@code unexpected}, and samples that
 * are the same then are told as one, with their sum. So whoever reads the metrics can bound how many series there are.
 *
 * @param values metric → label → values
 */
public record LabelAllowList(Map<String, Map<String, Set<String>>> values) {
    /** Any value of any label. */
    public static final LabelAllowList ANY = new LabelAllowList(Map.of());

    private static final String OTHER = "unexpected";
    private static final Pattern KEY = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*),([a-zA-Z_][a-zA-Z0-9_]*)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=(\"(?:[^\"\\\\]|\\\\.)*+\"),?");

    public LabelAllowList {
        values = Map.copyOf(values);
    }

    /**
     * Reads what a flag says.
     *
     * @param pairs {@code metric,label=value,value} each, the values or the whole in quotes or not
     * @throws IllegalArgumentException naming what cannot be read
     */
    public static LabelAllowList of(List<String> pairs) {
        Map<String, Map<String, Set<String>>> read = new HashMap<>();
        for (String pair : pairs) {
            String bare = unquoted(pair.strip());
            int equals = bare.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(bare + " must be formatted as metric,label=value,value");
            }
            put(read, bare.substring(0, equals), unquoted(bare.substring(equals + 1)));
        }
        return new LabelAllowList(read);
    }

    /**
     * Reads a file that has the same, {@code metric,label: value,value} each.
     *
     * @throws IllegalArgumentException naming what cannot be read
     */
    public static LabelAllowList of(ObjectNode file) {
        Map<String, Map<String, Set<String>>> read = new HashMap<>();
        file.properties().forEach(entry -> {
            if (!entry.getValue().isValueNode()) {
                throw new IllegalArgumentException(
                        entry.getKey() + ": values must be a text, with commas between them");
            }
            put(read, entry.getKey(), entry.getValue().asText());
        });
        return new LabelAllowList(read);
    }

    private static void put(Map<String, Map<String, Set<String>>> to, String key, String values) {
        Matcher names = KEY.matcher(key);
        if (!names.matches()) {
            throw new IllegalArgumentException(
                    "\"" + key + "\" must be the name of a metric and that of a label, with a comma between them");
        }
        to.computeIfAbsent(names.group(1), _ -> new HashMap<>())
                .computeIfAbsent(names.group(2), _ -> new TreeSet<>())
                .addAll(List.of(values.split(",", -1)));
    }

    private static String unquoted(String text) {
        boolean quoted = text.length() >= 2
                && (text.charAt(0) == '\'' || text.charAt(0) == '"')
                && text.charAt(text.length() - 1) == text.charAt(0);
        return quoted ? text.substring(1, text.length() - 1) : text;
    }

    /** What both allow. */
    public LabelAllowList and(LabelAllowList other) {
        Map<String, Map<String, Set<String>>> both = new HashMap<>();
        for (LabelAllowList list : List.of(this, other)) {
            list.values()
                    .forEach((metric, labels) ->
                            labels.forEach((label, some) -> both.computeIfAbsent(metric, _ -> new HashMap<>())
                                    .computeIfAbsent(label, _ -> new TreeSet<>())
                                    .addAll(some)));
        }
        return new LabelAllowList(both);
    }

    /** What is told of a family. */
    public List<Sample> shown(String family, List<Sample> samples) {
        Map<String, Set<String>> labels = values.get(family);
        if (labels == null) {
            return samples;
        }
        Map<List<String>, Double> sums = new LinkedHashMap<>();
        for (Sample sample : samples) {
            sums.merge(List.of(sample.suffix(), bounded(sample.labels(), labels)), sample.value(), Double::sum);
        }
        List<Sample> shown = new ArrayList<>();
        sums.forEach((line, value) -> shown.add(new Sample(line.getFirst(), line.getLast(), value)));
        return shown;
    }

    private static String bounded(String text, Map<String, Set<String>> allowed) {
        StringBuilder bounded = new StringBuilder();
        Matcher label = LABEL.matcher(text);
        while (label.find()) {
            String name = label.group(1);
            Set<String> values = allowed.get(name);
            boolean fits = values == null
                    || values.stream().anyMatch(value -> label.group().startsWith(Metrics.label(name, value)));
            bounded.append(bounded.isEmpty() ? "" : ",")
                    .append(fits ? name + "=" + label.group(2) : Metrics.label(name, OTHER));
        }
        return bounded.toString();
    }
}
