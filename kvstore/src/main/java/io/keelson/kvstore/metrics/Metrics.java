package io.keelson.kvstore.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * All metrics of a server. They are named once, at start; counting costs an addition to a striped counter and nothing
 * else. Any thread.
 */
public final class Metrics {
    private final Map<String, Family> families = new LinkedHashMap<>();

    /** One name, with its samples. */
    private record Family(String name, String help, String type, Supplier<List<Sample>> samples) {}

    /**
     * A line of a family.
     *
     * @param suffix behind the family's name
     * @param labels as they are printed, without braces
     */
    public record Sample(String suffix, String labels, double value) {
        public static Sample of(double value) {
            return new Sample("", "", value);
        }
    }

    private synchronized void add(Family family) {
        if (families.put(family.name(), family) != null) {
            throw new IllegalArgumentException("two metrics are called " + family.name());
        }
    }

    /** A number that only grows. */
    public LongAdder counter(String name, String help) {
        LongAdder adder = new LongAdder();
        add(new Family(name, help, "counter", () -> List.of(Sample.of((double) adder.sum()))));
        return adder;
    }

    /** A number that only grows and is counted elsewhere. */
    public void counter(String name, String help, DoubleSupplier value) {
        add(new Family(name, help, "counter", () -> List.of(Sample.of(value.getAsDouble()))));
    }

    /** A number that goes up and down, asked for when it is read. */
    public void gauge(String name, String help, DoubleSupplier value) {
        add(new Family(name, help, "gauge", () -> List.of(Sample.of(value.getAsDouble()))));
    }

    /** A family whose lines are made when it is read. */
    public void family(String name, String help, String type, Supplier<List<Sample>> samples) {
        add(new Family(name, help, type, samples));
    }

    /** A distribution over fixed buckets. */
    public Histogram histogram(String name, String help, double... upperBounds) {
        Histogram histogram = new Histogram(upperBounds);
        add(new Family(name, help, "histogram", () -> histogram.samples("")));
        return histogram;
    }

    /** Counters told apart by labels; bounded by whoever chooses the labels. */
    public Counters counters(String name, String help) {
        Counters counters = new Counters();
        add(new Family(name, help, "counter", counters::samples));
        return counters;
    }

    /** Gauges that are set, told apart by labels; bounded by whoever chooses the labels. */
    public Gauges gauges(String name, String help) {
        Gauges gauges = new Gauges();
        add(new Family(name, help, "gauge", gauges::samples));
        return gauges;
    }

    /** Distributions over the same buckets, told apart by labels; bounded by whoever chooses the labels. */
    public Histograms histograms(String name, String help, double... upperBounds) {
        Histograms histograms = new Histograms(upperBounds);
        add(new Family(name, help, "histogram", histograms::samples));
        return histograms;
    }

    /** Buckets that double from a first one. */
    public static double[] doubling(double first, int count) {
        double[] bounds = new double[count];
        double bound = first;
        for (int i = 0; i < count; i++) {
            bounds[i] = bound;
            bound *= 2;
        }
        return bounds;
    }

    /** The text format of Prometheus, version 0.0.4. */
    public String text() {
        return text(_ -> true);
    }

    /** Which samples of a family are told. */
    @FunctionalInterface
    public interface View {
        List<Sample> of(String family, List<Sample> samples);
    }

    /** The same, with families of some names only. */
    public String text(Predicate<String> names) {
        return text(names, (_, samples) -> samples);
    }

    /** The same, with what a view makes of their samples. */
    public String text(Predicate<String> names, View view) {
        List<Family> all;
        synchronized (this) {
            all = new ArrayList<>(families.values());
        }
        StringBuilder out = new StringBuilder(1 << 16);
        for (Family family : all) {
            if (!names.test(family.name())) {
                continue;
            }
            List<Sample> samples = view.of(family.name(), family.samples().get());
            if (samples.isEmpty()) {
                continue;
            }
            out.append("# HELP ")
                    .append(family.name())
                    .append(' ')
                    .append(family.help())
                    .append('\n');
            out.append("# TYPE ")
                    .append(family.name())
                    .append(' ')
                    .append(family.type())
                    .append('\n');
            for (Sample sample : samples) {
                out.append(family.name()).append(sample.suffix());
                if (!sample.labels().isEmpty()) {
                    out.append('{').append(sample.labels()).append('}');
                }
                out.append(' ');
                number(out, sample.value());
                out.append('\n');
            }
        }
        return out.toString();
    }

    static void number(StringBuilder out, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            out.append((long) value);
        } else if (Double.isInfinite(value)) {
            out.append(value > 0 ? "+Inf" : "-Inf");
        } else {
            out.append(value);
        }
    }

    /** A label with its value escaped. */
    public static String label(String name, String value) {
        return name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /** Counters of one name, told apart by labels. */
    public static final class Counters {
        private final Map<String, LongAdder> byLabels = new ConcurrentHashMap<>();

        /** The counter of these labels. */
        public LongAdder at(String labels) {
            return byLabels.computeIfAbsent(labels, _ -> new LongAdder());
        }

        private List<Sample> samples() {
            return byLabels.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(entry -> new Sample(
                            "", entry.getKey(), (double) entry.getValue().sum()))
                    .toList();
        }
    }

    /** Gauges of one name, told apart by labels. */
    public static final class Gauges {
        private final Map<String, AtomicLong> byLabels = new ConcurrentHashMap<>();

        /** The gauge of these labels, 0 at first. */
        public AtomicLong at(String labels) {
            return byLabels.computeIfAbsent(labels, _ -> new AtomicLong());
        }

        private List<Sample> samples() {
            return byLabels.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(entry -> new Sample(
                            "", entry.getKey(), (double) entry.getValue().get()))
                    .toList();
        }
    }

    /** Distributions of one name, told apart by labels. */
    public static final class Histograms {
        private final double[] upperBounds;
        private final Map<String, Histogram> byLabels = new ConcurrentHashMap<>();

        Histograms(double... upperBounds) {
            this.upperBounds = upperBounds.clone();
        }

        /** The distribution of these labels. */
        public Histogram at(String labels) {
            return byLabels.computeIfAbsent(labels, _ -> new Histogram(upperBounds));
        }

        private List<Sample> samples() {
            return byLabels.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .flatMap(entry -> entry.getValue().samples(entry.getKey()).stream())
                    .toList();
        }
    }

    /** How often values fell into which bucket. */
    public static final class Histogram {
        private final double[] upperBounds;
        private final LongAdder[] counts;
        private final DoubleAdder sum = new DoubleAdder();

        Histogram(double... upperBounds) {
            this.upperBounds = upperBounds.clone();
            this.counts = new LongAdder[upperBounds.length + 1];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = new LongAdder();
            }
        }

        /** Counts a time, in seconds. */
        public void observeNanos(long nanos) {
            observe(nanos / 1e9);
        }

        public void observe(double value) {
            int bucket = 0;
            while (bucket < upperBounds.length && value > upperBounds[bucket]) {
                bucket++;
            }
            counts[bucket].increment();
            sum.add(value);
        }

        /** How many values there were. */
        long count() {
            long total = 0;
            for (LongAdder count : counts) {
                total += count.sum();
            }
            return total;
        }

        List<Sample> samples(String labels) {
            List<Sample> samples = new ArrayList<>();
            String before = labels.isEmpty() ? "" : labels + ",";
            long total = 0;
            for (int i = 0; i < counts.length; i++) {
                total += counts[i].sum();
                StringBuilder bound = new StringBuilder();
                number(bound, i < upperBounds.length ? upperBounds[i] : Double.POSITIVE_INFINITY);
                samples.add(new Sample("_bucket", before + label("le", bound.toString()), (double) total));
            }
            samples.add(new Sample("_sum", labels, sum.sum()));
            samples.add(new Sample("_count", labels, (double) total));
            return samples;
        }
    }
}
