package io.keelson.apiserver.server;

import java.util.ArrayList;
import java.util.List;

/**
 * Who takes part in the admission of writes.
 *
 * @param enabled plugins that are on besides those that always are
 * @param disabled plugins that are off
 * @param controllers whether controllers run in the cluster, which make the accounts that pods need. Where they do not, as in
 *     a server that is embedded or has a store of its own, the plugin {@code ServiceAccount} is off unless it is enabled:
 *     it would refuse every pod
 * @param notReadySeconds how long pods stay on a node that is not ready, unless they say so
 * @param unreachableSeconds how long pods stay on a node that cannot be reached, unless they say so
 * @param configuration what else is said about single plugins
 */
public record AdmissionSettings(
        List<String> enabled,
        List<String> disabled,
        boolean controllers,
        long notReadySeconds,
        long unreachableSeconds,
        AdmissionConfiguration configuration) {
    private static final long SECONDS = 300;
    private static final String NODE_RESTRICTION = "NodeRestriction";

    public static final AdmissionSettings WITHOUT_CONTROLLERS =
            new AdmissionSettings(List.of(), List.of(), false, SECONDS, SECONDS, AdmissionConfiguration.NONE);

    public AdmissionSettings {
        enabled = List.copyOf(enabled);
        disabled = List.copyOf(disabled);
    }

    /** The same where nodes are told apart: what they may change of themselves and their pods is limited, too. */
    public AdmissionSettings withNodes() {
        if (enabled.contains(NODE_RESTRICTION) || disabled.contains(NODE_RESTRICTION)) {
            return this;
        }
        List<String> more = new ArrayList<>(enabled);
        more.add(NODE_RESTRICTION);
        return with(more, disabled);
    }

    /** The same with plugins besides, and without others. */
    public AdmissionSettings with(List<String> enable, List<String> disable) {
        return new AdmissionSettings(enable, disable, controllers, notReadySeconds, unreachableSeconds, configuration);
    }

    /** The same with other configurations of plugins. */
    public AdmissionSettings withConfiguration(AdmissionConfiguration other) {
        return new AdmissionSettings(enabled, disabled, controllers, notReadySeconds, unreachableSeconds, other);
    }
}
