package io.keelson.benchmarks.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a component counts, in the text form of Prometheus: {@code name{label="value"} number} in lines. Lines that say
 * something else are passed over.
 */
public final class MetricsText {
    private static final String BOUND = "le=\"";

    private final List<Line> lines = new ArrayList<>();

    private record Line(String name, String labels, double value) {}

    /** Reads the whole text of an answer. */
    public MetricsText(String text) {
        for (String each : text.split("\n", -1)) {
            Line line = line(each.strip());
            if (line != null) {
                lines.add(line);
            }
        }
    }

    private static @Nullable Line line(String text) {
        if (text.isEmpty() || text.charAt(0) == '#') {
            return null;
        }
        int open = text.indexOf('{');
        int close = text.lastIndexOf('}');
        int nameEnd = open >= 0 ? open : text.indexOf(' ');
        int valueStart = open >= 0 ? close + 1 : nameEnd;
        if (nameEnd <= 0 || (open >= 0 && close < open)) {
            return null;
        }
        String[] values = text.substring(valueStart).strip().split(" ", 2);
        try {
            double value = "+Inf".equals(values[0]) ? Double.POSITIVE_INFINITY : Double.parseDouble(values[0]);
            return new Line(text.substring(0, nameEnd), open >= 0 ? text.substring(open + 1, close) : "", value);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The sum of a metric over all its labels that hold a part, as {@code result="scheduled"}; 0 if there is none. */
    public double sum(String name, String labelPart) {
        return lines.stream()
                .filter(line -> line.name().equals(name) && line.labels().contains(labelPart))
                .mapToDouble(Line::value)
                .sum();
    }

    /** Where the label {@code le} is; others end in these letters, as {@code profile} does. */
    private static int boundAt(String labels) {
        int at = labels.indexOf(BOUND);
        while (at > 0 && labels.charAt(at - 1) != ',') {
            at = labels.indexOf(BOUND, at + 1);
        }
        return at;
    }

    /** A histogram, summed up over all its labels that hold a part. */
    public Histogram histogram(String name, String labelPart) {
        TreeMap<Double, Double> buckets = new TreeMap<>();
        for (Line line : lines) {
            int at = boundAt(line.labels());
            if (at < 0
                    || !line.name().equals(name + "_bucket")
                    || !line.labels().contains(labelPart)) {
                continue;
            }
            int end = line.labels().indexOf('"', at + BOUND.length());
            String bound = end < 0 ? "" : line.labels().substring(at + BOUND.length(), end);
            try {
                buckets.merge(
                        "+Inf".equals(bound) ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
                        line.value(),
                        Double::sum);
            } catch (NumberFormatException e) {
                // No bucket that could be counted; its sum would lie.
                return new Histogram(new TreeMap<>());
            }
        }
        return new Histogram(buckets);
    }

    /**
     * How many observations were not above each bound.
     *
     * @param buckets by upper bound, each with those below it, the last for infinity
     */
    public record Histogram(TreeMap<Double, Double> buckets) {
        /** What has been observed since an earlier time. */
        public Histogram since(Histogram before) {
            TreeMap<Double, Double> grown = new TreeMap<>();
            buckets.forEach((bound, count) -> grown.put(bound, count - before.buckets.getOrDefault(bound, 0.0)));
            return new Histogram(grown);
        }

        /** How many observations there are. */
        public double count() {
            return buckets.isEmpty() ? 0 : buckets.lastEntry().getValue();
        }

        /**
         * Below what this part of all observations is, by a straight line within its bucket.
         *
         * @param part from 0 to 1
         * @return NaN if there are no observations; the last finite bound if it is above that
         */
        public double quantile(double part) {
            double wanted = part * count();
            if (!(count() > 0)) {
                return Double.NaN;
            }
            double lowerBound = 0;
            double lowerCount = 0;
            for (var bucket : buckets.entrySet()) {
                if (bucket.getValue() >= wanted) {
                    if (Double.isInfinite(bucket.getKey())) {
                        return lowerBound;
                    }
                    double in = bucket.getValue() - lowerCount;
                    return in <= 0
                            ? bucket.getKey()
                            : lowerBound + (bucket.getKey() - lowerBound) * (wanted - lowerCount) / in;
                }
                lowerBound = bucket.getKey();
                lowerCount = bucket.getValue();
            }
            return lowerBound;
        }

        /** The lowest bound: quantiles that are not above it say only that. */
        public double finest() {
            return buckets.isEmpty() ? 0 : buckets.firstKey();
        }
    }
}
