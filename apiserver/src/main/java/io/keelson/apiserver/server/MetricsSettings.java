package io.keelson.apiserver.server;

import io.keelson.apiserver.metrics.LabelAllowList;
import java.util.Set;

/**
 * What is told of the metrics that there are.
 *
 * @param disabled names of metrics that are not told
 * @param labels which values of labels are told
 */
public record MetricsSettings(Set<String> disabled, LabelAllowList labels) {
    /** Everything. */
    public static final MetricsSettings DEFAULT = new MetricsSettings(Set.of(), LabelAllowList.ANY);

    public MetricsSettings {
        disabled = Set.copyOf(disabled);
    }
}
