package io.keelson.controllers.manager;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
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
            "GenericWorkload", false,
            "PodCertificateRequest", false,
            "StorageVersionMigrator", false);

    private static final Map<String, String> STAGES = Map.of(
            "ClusterTrustBundle", "BETA",
            "DRADeviceTaintRules", "BETA",
            "DRADeviceTaints", "BETA",
            "GenericWorkload", "ALPHA",
            "PodCertificateRequest", "BETA",
            "StorageVersionMigrator", "BETA");

    private static final Logger LOG = LoggerFactory.getLogger(FeatureFlags.class);

    @Option(
            names = "--feature-gates",
            split = ",",
            paramLabel = "NAME=BOOL",
            description = "Features that are on or off: StorageVersionMigrator=true. Others than ClusterTrustBundle,"
                    + " DRADeviceTaintRules, DRADeviceTaints, GenericWorkload, PodCertificateRequest and"
                    + " StorageVersionMigrator change nothing here.")
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
     * Tells in a registry which features are on.
     *
     * @throws IllegalArgumentException if the flag is no list of features
     */
    void tell(PrometheusRegistry registry) {
        FeatureSwitches.tell(registry, all(), STAGES);
    }

    /**
     * All features that controllers look at.
     *
     * @throws IllegalArgumentException if the flag is no list of features
     */
    Map<String, Boolean> all() {
        return FeatureSwitches.read(
                gates, DEFAULTS, other -> LOG.warn("--feature-gates: no controller here looks at {}", other));
    }
}
