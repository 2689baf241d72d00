package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.eviction.Threshold.Exactly;
import io.keelson.agent.eviction.Threshold.Part;
import io.keelson.agent.eviction.Threshold.Value;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.Milli;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** The thresholds of a node, as its configuration has them. */
public final class Thresholds {
    /** {@code evictionHard} where a configuration says nothing of it. */
    public static final Map<String, String> HARD = Map.of(
            "memory.available", "100Mi",
            "nodefs.available", "10%",
            "nodefs.inodesFree", "5%",
            "imagefs.available", "15%",
            "imagefs.inodesFree", "5%");

    private static final Pattern PERCENT = Pattern.compile("[+-]?(?:[0-9]{1,18}(?:\\.[0-9]{0,18})?|\\.[0-9]{1,18})%");
    private static final int TEXT_MAX = 64;

    private Thresholds() {}

    /**
     * Reads them. Values are quantities, or parts of what there is as {@code 10%}; all of these maps are by the names of
     * signals.
     *
     * @param hard {@code evictionHard}; {@code 0%} and {@code 100%} stand for no threshold
     * @param soft {@code evictionSoft}, likewise
     * @param grace {@code evictionSoftGracePeriod}: one for each in {@code soft}
     * @param reclaim {@code evictionMinimumReclaim}
     * @param podsAreLimited whether what pods may have together is enforced ({@code enforceNodeAllocatable}), so that
     *     they can be short of it though the node is not
     * @throws IllegalArgumentException if something of it cannot be understood; the text names it
     */
    public static List<Threshold> parse(
            Map<String, String> hard,
            Map<String, String> soft,
            Map<String, Duration> grace,
            Map<String, String> reclaim,
            boolean podsAreLimited) {
        Map<Signal, Value> ends = values(hard, Thresholds::threshold);
        Map<Signal, Value> softEnds = values(soft, Thresholds::threshold);
        Map<Signal, Duration> graces = new EnumMap<>(Signal.class);
        new TreeMap<>(grace).forEach((name, span) -> graces.put(signal(name), checked(span)));
        Map<Signal, Value> more = values(reclaim, Thresholds::reclaim);
        List<Threshold> all = new ArrayList<>();
        ends.forEach((signal, value) ->
                all.add(new Threshold(signal, value, Duration.ZERO, Optional.ofNullable(more.get(signal)))));
        softEnds.forEach((signal, value) -> {
            Duration patience = graces.get(signal);
            if (patience == null) {
                throw new IllegalArgumentException(
                        "grace period must be specified for the soft eviction threshold " + signal.text());
            }
            all.add(new Threshold(signal, value, patience, Optional.ofNullable(more.get(signal))));
        });
        Value memory = ends.get(Signal.MEMORY_AVAILABLE);
        if (podsAreLimited && memory != null) {
            all.add(new Threshold(
                    Signal.ALLOCATABLE_MEMORY_AVAILABLE,
                    memory,
                    Duration.ZERO,
                    Optional.ofNullable(more.get(Signal.MEMORY_AVAILABLE))));
        }
        return List.copyOf(all);
    }

    /**
     * The same with thresholds of the disk of containers, which are those of the disk that it is one with; what a
     * configuration says of it by itself does not count.
     */
    static List<Threshold> on(DiskLayout layout, List<Threshold> thresholds) {
        boolean withImages = layout == DiskLayout.IMAGES_APART;
        Signal space = withImages ? Signal.IMAGEFS_AVAILABLE : Signal.NODEFS_AVAILABLE;
        Signal inodes = withImages ? Signal.IMAGEFS_INODES_FREE : Signal.NODEFS_INODES_FREE;
        List<Threshold> all = new ArrayList<>();
        for (Threshold threshold : thresholds) {
            if (!isOfContainers(threshold)) {
                all.add(threshold);
            }
            if (threshold.signal() == space) {
                all.add(of(Signal.CONTAINERFS_AVAILABLE, threshold));
            } else if (threshold.signal() == inodes) {
                all.add(of(Signal.CONTAINERFS_INODES_FREE, threshold));
            }
        }
        return List.copyOf(all);
    }

    /** Whether a configuration says something of the disk of containers by itself. */
    static boolean hasOwnOfContainers(List<Threshold> thresholds) {
        return thresholds.stream().anyMatch(Thresholds::isOfContainers);
    }

    private static boolean isOfContainers(Threshold threshold) {
        return threshold.signal() == Signal.CONTAINERFS_AVAILABLE
                || threshold.signal() == Signal.CONTAINERFS_INODES_FREE;
    }

    private static Threshold of(Signal signal, Threshold like) {
        return new Threshold(signal, like.value(), like.grace(), like.reclaim());
    }

    private static Map<Signal, Value> values(
            Map<String, String> texts, BiFunction<Signal, String, Optional<Value>> reader) {
        Map<Signal, Value> values = new EnumMap<>(Signal.class);
        new TreeMap<>(texts).forEach((name, text) -> {
            Signal signal = signal(name);
            reader.apply(signal, text).ifPresent(value -> values.put(signal, value));
        });
        return values;
    }

    private static Signal signal(String name) {
        return Signal.of(name)
                .orElseThrow(() -> new IllegalArgumentException("unsupported eviction signal " + shown(name)));
    }

    private static Duration checked(Duration span) {
        if (span.isNegative()) {
            throw new IllegalArgumentException(
                    "invalid eviction grace period specified: " + GoDuration.text(span) + ", must be a positive value");
        }
        return span;
    }

    private static Optional<Value> threshold(Signal signal, String text) {
        if (text.equals("0%") || text.equals("100%")) {
            return Optional.empty();
        }
        if (text.endsWith("%")) {
            float share = share(text);
            if (share < 0) {
                throw new IllegalArgumentException(
                        "eviction percentage threshold " + signal.text() + " must be >= 0%: " + shown(text));
            }
            if (share > 1) {
                throw new IllegalArgumentException(
                        "eviction percentage threshold " + signal.text() + " must be <= 100%: " + shown(text));
            }
            return Optional.of(new Part(share));
        }
        Amount amount = amount(text);
        if (amount.number().signum() <= 0) {
            throw new IllegalArgumentException(
                    "eviction threshold " + signal.text() + " must be positive: " + amount.quantity());
        }
        return Optional.of(new Exactly(amount));
    }

    private static Optional<Value> reclaim(Signal signal, String text) {
        if (text.endsWith("%")) {
            float share = share(text);
            if (share <= 0) {
                throw new IllegalArgumentException(
                        "eviction percentage minimum reclaim " + signal.text() + " must be positive: " + shown(text));
            }
            return Optional.of(new Part(share));
        }
        Amount amount = amount(text);
        if (amount.number().signum() < 0) {
            throw new IllegalArgumentException("negative eviction minimum reclaim specified for " + signal.text());
        }
        return Optional.of(new Exactly(amount));
    }

    private static float share(String text) {
        if (text.length() > TEXT_MAX || !PERCENT.matcher(text).matches()) {
            throw new IllegalArgumentException("not a percentage: " + shown(text));
        }
        return Float.parseFloat(text.substring(0, text.length() - 1)) / 100;
    }

    private static Amount amount(String text) {
        try {
            if (text.length() > TEXT_MAX) {
                throw new IllegalArgumentException("too long");
            }
            Quantity quantity = new Quantity(text);
            // Of a number that it cannot keep, an amount says that it is none.
            if (Math.abs(Milli.of(quantity)) == Long.MAX_VALUE) {
                throw new IllegalArgumentException("too large");
            }
            Amount amount = Amount.of(quantity);
            if (amount.isZero() && Milli.of(quantity) != 0) {
                throw new IllegalArgumentException("too many digits");
            }
            return amount;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a quantity: " + shown(text), e);
        }
    }

    private static String shown(String text) {
        return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "…" : text;
    }
}
