package io.keelson.apiserver.features;

import io.keelson.kvstore.metrics.Metrics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The feature gates of Kubernetes 1.36, as they are in this server. It does nearly everything one way; a gate may be set to
 * what is so anyway, and nothing else. Only gates that no API server looks at, and the few that this one follows either way,
 * may be set to anything.
 */
public final class FeatureGates {
    /** Whether new addresses are refused that programs do not read alike; otherwise clients are warned of some. */
    public static final String STRICT_ADDRESSES = "StrictIPCIDRValidation";

    /** Whether pods may belong to a group that is scheduled together, and the kinds for that may be served. */
    public static final String GROUPS_OF_PODS = "GenericWorkload";

    /** Whether {@code /flagz} is served. */
    public static final String FLAGZ = "ComponentFlagz";

    /** Whether {@code /statusz} is served. */
    public static final String STATUSZ = "ComponentStatusz";

    /** Whether caches are held against the store every few minutes. */
    public static final String CACHE_CHECKS = "DetectCacheInconsistency";

    private static final String TABLE = "feature-gates.txt";
    /** The component that gates are for if nothing else is said, and the only one that there is here. */
    private static final String COMPONENT = "kube";

    private static final String ALL_ALPHA = "AllAlpha";
    private static final String ALL_BETA = "AllBeta";
    private static final int COLUMNS = 4;

    private final Map<String, FeatureGate> gates;

    private FeatureGates(Map<String, FeatureGate> gates) {
        this.gates = gates;
    }

    /** As they are if nobody says anything. */
    public static FeatureGates usual() {
        return new FeatureGates(read());
    }

    /**
     * As a flag wants them.
     *
     * @param pairs {@code Name=true}, also {@code kube:Name=true}; empty ones are passed over
     * @throws IllegalArgumentException naming a gate that there is not, or that cannot be set so
     */
    public static FeatureGates of(List<String> pairs) {
        FeatureGates set = usual();
        Map<String, Boolean> wanted = new TreeMap<>();
        for (String pair : pairs) {
            if (!pair.isBlank()) {
                set.readPair(pair, wanted);
            }
        }
        wanted.forEach(set::set);
        return set;
    }

    private void readPair(String pair, Map<String, Boolean> wanted) {
        int equals = pair.indexOf('=');
        String name = (equals < 0 ? pair : pair.substring(0, equals)).strip();
        int colon = name.indexOf(':');
        if (colon >= 0) {
            String component = name.substring(0, colon).strip();
            if (!component.equals(COMPONENT)) {
                throw refused("component not registered: " + component);
            }
            name = name.substring(colon + 1).strip();
        }
        if (equals < 0) {
            throw refused("missing bool value for " + name);
        }
        String text = pair.substring(equals + 1).strip();
        Boolean value = GoBoolean.parse(text);
        if (value == null) {
            throw refused("invalid value of " + name + "=" + text + ", err: " + GoBoolean.error(text));
        }
        wanted.put(name, value);
    }

    private void set(String name, boolean wanted) {
        FeatureGate gate = gates.get(name);
        if (gate == null) {
            throw refused("unrecognized feature gate: " + name);
        }
        if (gate.switching() == FeatureGate.Switching.ELSEWHERE || gate.switching() == FeatureGate.Switching.EITHER) {
            gates.put(name, new FeatureGate(name, gate.stage(), wanted, gate.switching()));
        } else if (wanted != gate.here()) {
            String cannot = "cannot set feature gate " + name + " to " + wanted + ", ";
            throw refused(cannot
                    + (gate.switching() == FeatureGate.Switching.LOCKED
                            ? "feature is locked to " + gate.here()
                            : "it cannot be switched in this server, where it is " + gate.here()));
        }
    }

    private static IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("--feature-gates: " + why);
    }

    /**
     * Whether a gate is on.
     *
     * @throws IllegalArgumentException if there is no such gate
     */
    public boolean isOn(String name) {
        FeatureGate gate = gates.get(name);
        if (gate == null) {
            throw new IllegalArgumentException("there is no feature gate " + name);
        }
        return gate.here();
    }

    /** Those of these that are on. */
    public Set<String> on(Collection<String> names) {
        return names.stream().filter(this::isOn).collect(Collectors.toSet());
    }

    /** Shows all of them, whether they are on. */
    public void addTo(Metrics metrics) {
        List<Metrics.Sample> samples = new ArrayList<>();
        gates.forEach((name, gate) -> samples.add(new Metrics.Sample(
                "",
                Metrics.label("name", name) + ","
                        + Metrics.label("stage", gate.stage().label()),
                gate.here() ? 1 : 0)));
        List<Metrics.Sample> all = List.copyOf(samples);
        metrics.family(
                "kubernetes_feature_enabled",
                "1 for each feature gate that is on, 0 for each that is off, by its stage.",
                "gauge",
                () -> all);
    }

    private static Map<String, FeatureGate> read() {
        Map<String, FeatureGate> gates = new TreeMap<>();
        // They stand for all gates of a stage, of which not all are as either value would have them.
        for (String all : List.of(ALL_ALPHA, ALL_BETA)) {
            FeatureGate.Stage stage = all.equals(ALL_ALPHA) ? FeatureGate.Stage.ALPHA : FeatureGate.Stage.BETA;
            gates.put(all, new FeatureGate(all, stage, false, FeatureGate.Switching.FIXED));
        }
        try (InputStream in = Objects.requireNonNull(FeatureGates.class.getResourceAsStream(TABLE), TABLE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    FeatureGate gate = gate(line);
                    gates.put(gate.name(), gate);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return gates;
    }

    private static FeatureGate gate(String line) {
        String[] columns = line.split(" ", -1);
        if (columns.length != COLUMNS) {
            throw new IllegalStateException(TABLE + ": " + line);
        }
        return new FeatureGate(
                columns[0],
                FeatureGate.Stage.valueOf(columns[1]),
                Boolean.parseBoolean(columns[2]),
                FeatureGate.Switching.valueOf(columns[3].toUpperCase(Locale.ROOT)));
    }
}
