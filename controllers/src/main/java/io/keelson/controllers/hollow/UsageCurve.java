package io.keelson.controllers.hollow;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.Milli;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much a pod uses of a resource as time goes on, in thousandths of its unit.
 *
 * <pre>
 * usage:
 *   cpu: 250m                                  # always as much
 *   memory: {from: 64Mi, to: 1Gi, over: 10m}   # from when it runs, evenly; then it stays
 *   cpu: {from: 100m, to: 900m, period: 1h}    # up and down by the clock, all pods alike; least at full hours
 * </pre>
 */
sealed interface UsageCurve {
    /** What is measured of pods. */
    List<String> RESOURCES = List.of("cpu", "memory");

    /** What pods use whose rule does not say. */
    Map<String, UsageCurve> DEFAULTS = Map.of("cpu", new Steady(10), "memory", new Steady(32L * 1024 * 1024 * 1000));

    /**
     * How much it is at a time.
     *
     * @param since when the pod began to run
     */
    long at(Instant since, Instant now);

    /** Always as much. */
    record Steady(long milli) implements UsageCurve {
        @Override
        public long at(Instant since, Instant now) {
            return milli;
        }
    }

    /** From one amount to another in some time, counted from when the pod began to run. */
    record Ramp(long from, long to, Duration over) implements UsageCurve {
        @Override
        public long at(Instant since, Instant now) {
            double part = (double) Duration.between(since, now).toMillis() / over.toMillis();
            return between(from, to, Math.clamp(part, 0, 1));
        }
    }

    /** Up and down by the clock: at one amount at the multiples of the period since 1970, at the other half-way. */
    record Wave(long from, long to, Duration period) implements UsageCurve {
        @Override
        public long at(Instant since, Instant now) {
            double part = (double) Math.floorMod(now.toEpochMilli(), period.toMillis()) / period.toMillis();
            return between(from, to, (1 - Math.cos(2 * Math.PI * part)) / 2);
        }
    }

    private static long between(long from, long to, double part) {
        // Of large numbers a double knows only the first digits.
        long change = Math.round((to - from) * part);
        return from + (to > from ? Math.min(change, to - from) : Math.max(change, to - from));
    }

    /**
     * Reads what a rule says; what it does not say is as usual.
     *
     * @throws IllegalArgumentException if it makes no sense; the message says where
     */
    static Map<String, UsageCurve> parse(@Nullable JsonNode usage) {
        if (usage == null || usage.isNull()) {
            return DEFAULTS;
        }
        if (!usage.isObject()) {
            throw new IllegalArgumentException("usage must have cpu, memory or both");
        }
        Map<String, UsageCurve> curves = new LinkedHashMap<>(DEFAULTS);
        for (Map.Entry<String, JsonNode> entry : usage.properties()) {
            String resource = entry.getKey();
            if (!RESOURCES.contains(resource)) {
                throw new IllegalArgumentException("usage can be of cpu and memory, not of " + resource);
            }
            try {
                curves.put(resource, curve(entry.getValue()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("usage." + resource + ": " + e.getMessage(), e);
            }
        }
        return Map.copyOf(curves);
    }

    private static UsageCurve curve(JsonNode written) {
        if (written.isValueNode()) {
            return new Steady(amount(written));
        }
        Set<String> ramp = Set.of("from", "to", "over");
        Set<String> wave = Set.of("from", "to", "period");
        Set<String> names = names(written);
        if (names.equals(ramp)) {
            return new Ramp(amount(written.path("from")), amount(written.path("to")), time(written, "over"));
        }
        if (names.equals(wave)) {
            return new Wave(amount(written.path("from")), amount(written.path("to")), time(written, "period"));
        }
        throw new IllegalArgumentException("must be an amount, or have from, to and either over or period");
    }

    private static Set<String> names(JsonNode written) {
        Set<String> names = new HashSet<>();
        for (Iterator<String> each = written.fieldNames(); each.hasNext(); ) {
            names.add(each.next());
        }
        return names;
    }

    private static long amount(JsonNode written) {
        String text = written.asText("");
        long milli;
        try {
            milli = Milli.of(new Quantity(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException('"' + text + "\" is no amount, as 250m or 64Mi is", e);
        }
        if (milli < 0) {
            throw new IllegalArgumentException("nothing can use " + text);
        }
        return milli;
    }

    private static Duration time(JsonNode written, String name) {
        Duration time = GoDuration.length(written.path(name).asText(""));
        if (time.isZero()) {
            throw new IllegalArgumentException(name + " must be longer than nothing");
        }
        return time;
    }
}
