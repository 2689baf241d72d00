package io.keelson.controllers.manager;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** The flag {@code --feature-gates}, as far as controllers look at it. */
final class FeatureFlags {
    /** Those of kube-controller-manager 1.36 that decide whether a controller runs, and what they are by default. */
    private static final Map<String, Boolean> DEFAULTS = Map.of(
            "ClusterTrustBundle", false,
            "DRADeviceTaintRules", false,
            "DRADeviceTaints", true,
            "PodCertificateRequest", false,
            "StorageVersionMigrator", false);

    private static final Logger LOG = LoggerFactory.getLogger(FeatureFlags.class);

    @Option(
            names = "--feature-gates",
            split = ",",
            paramLabel = "NAME=BOOL",
            description = "Features that are on or off: StorageVersionMigrator=true. Others than ClusterTrustBundle,"
                    + " DRADeviceTaintRules, DRADeviceTaints, PodCertificateRequest and StorageVersionMigrator change"
                    + " nothing here.")
    private List<String> gates = List.of();

    /**
     * Whether a feature is on.
     *
     * @throws IllegalArgumentException if the flag is no list of features
     */
    boolean isOn(String feature) {
        return all().getOrDefault(feature, false);
    }

    /**
     * All features that controllers look at.
     *
     * @throws IllegalArgumentException if the flag is no list of features
     */
    Map<String, Boolean> all() {
        Map<String, Boolean> all = new LinkedHashMap<>(DEFAULTS);
        for (String gate : gates) {
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
            String plain = name.startsWith("kube:") ? name.substring("kube:".length()) : name;
            if (DEFAULTS.containsKey(plain)) {
                all.put(plain, value);
            } else {
                LOG.warn("--feature-gates: no controller here looks at {}", name);
            }
        }
        return Map.copyOf(all);
    }
}
