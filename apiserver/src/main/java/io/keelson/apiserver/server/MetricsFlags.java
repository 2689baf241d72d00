package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.metrics.LabelAllowList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link MetricsSettings}. */
final class MetricsFlags {
    private static final String BEFORE = "1.35";

    @Option(
            names = "--disabled-metrics",
            split = ",",
            paramLabel = "NAME",
            description = "Metrics that are not told, by their whole names.")
    private List<String> disabled = List.of();

    @Option(
            names = "--allow-metric-labels",
            paramLabel = "METRIC,LABEL=VALUE,VALUE",
            description = "Which values a label of a metric may have; others are told as \"unexpected\". May be given"
                    + " several times.")
    private List<String> labels = List.of();

    @Option(
            names = "--allow-metric-labels-manifest",
            paramLabel = "FILE",
            description = "A file in YAML with the same: METRIC,LABEL: VALUE,VALUE.")
    private @Nullable Path labelsFile;

    @Option(
            names = "--show-hidden-metrics-for-version",
            paramLabel = "VERSION",
            defaultValue = "",
            description = "Whether metrics are told that this version has hidden and the one before, " + BEFORE
                    + ", had not. There are none: this one hides nothing.")
    private String hiddenSince = "";

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    MetricsSettings settings() {
        if (!hiddenSince.isEmpty() && !hiddenSince.equals(BEFORE)) {
            throw new IllegalArgumentException("--show-hidden-metrics-for-version must be omitted or have the value '"
                    + BEFORE + "'. Only the previous minor version is allowed");
        }
        return new MetricsSettings(Set.copyOf(disabled), stated().and(inFile()));
    }

    private LabelAllowList stated() {
        try {
            return LabelAllowList.of(labels);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--allow-metric-labels: " + e.getMessage(), e);
        }
    }

    private LabelAllowList inFile() {
        Path file = labelsFile;
        if (file == null) {
            return LabelAllowList.ANY;
        }
        try {
            return LabelAllowList.of(ConfigFile.read(file));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("--allow-metric-labels-manifest: " + e.getMessage(), e);
        }
    }
}
