package io.keelson.controllers.manager;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads {@code --feature-gates}, as far as a component looks at it. */
public final class FeatureSwitches {
    private static final String COMPONENT = "kube:";

    private FeatureSwitches() {}

    /**
     * Whether features are on.
     *
     * @param pairs {@code Name=true}, also {@code kube:Name=true}; empty ones are passed over, of several the last counts
     * @param defaults those that the component looks at, and what they are if nobody says anything
     * @param others is told of those at which it does not look
     * @throws IllegalArgumentException if something is no such pair
     */
    public static Map<String, Boolean> read(
            List<String> pairs, Map<String, Boolean> defaults, Consumer<String> others) {
        Map<String, Boolean> all = new LinkedHashMap<>(defaults);
        for (String gate : pairs) {
            if (gate.isBlank()) {
                continue;
            }
            int equals = gate.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("--feature-gates: missing bool value for " + gate.strip());
            }
            String name = gate.substring(0, equals).strip();
            Boolean value = switch (gate.substring(equals + 1).strip()) {
                case "1", "t", "T", "true", "TRUE", "True" -> true;
                case "0", "f", "F", "false", "FALSE", "False" -> false;
                default ->
                    throw new IllegalArgumentException(
                            "--feature-gates: invalid value of " + gate + ", must be true or false");
            };
            String plain = name.startsWith(COMPONENT) ? name.substring(COMPONENT.length()) : name;
            if (defaults.containsKey(plain)) {
                all.put(plain, value);
            } else {
                others.accept(name);
            }
        }
        return Map.copyOf(all);
    }

    /**
     * Tells which features are on, as {@code kubernetes_feature_enabled}.
     *
     * @param features those that the component looks at
     * @param stages how far each of them is: {@code ALPHA}, {@code BETA}, or empty if it is there to stay
     */
    public static void tell(PrometheusRegistry registry, Map<String, Boolean> features, Map<String, String> stages) {
        GaugeWithCallback.builder()
                .name("kubernetes_feature_enabled")
                .help("Whether a feature is on: 1 if it is, 0 if not")
                .labelNames("name", "stage")
                .callback(callback ->
                        features.forEach((name, on) -> callback.call(on ? 1 : 0, name, stages.getOrDefault(name, ""))))
                .register(registry);
    }
}
