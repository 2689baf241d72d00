package io.keelson.scheduler.config;

import java.time.Duration;

/**
 * {@code DynamicResourcesArgs}. Durations are as in {@code 10s}.
 *
 * @param filterTimeout how long devices may be looked for on one node; 0 for no limit
 * @param bindingTimeout how long devices may take to be ready
 */
public record DynamicResourcesArguments(String filterTimeout, String bindingTimeout) implements PluginArguments.Form {
    /** What counts if nothing is said. */
    public static final DynamicResourcesArguments DEFAULT = new DynamicResourcesArguments("10s", "600s");

    public DynamicResourcesArguments {
        filterTimeout = SchedulerConfiguration.or(filterTimeout, "10s");
        bindingTimeout = SchedulerConfiguration.or(bindingTimeout, "600s");
    }

    /** How long devices may be looked for on one node; zero for no limit. */
    public Duration filter() {
        return Refused.duration("filterTimeout", filterTimeout);
    }

    /** How long devices may take to be ready. */
    public Duration binding() {
        return Refused.duration("bindingTimeout", bindingTimeout);
    }

    @Override
    public void check(String path) {
        if (Refused.duration(path + ".filterTimeout", filterTimeout).isNegative()) {
            throw Refused.invalid(path + ".filterTimeout", filterTimeout, "must be zero or positive");
        }
        if (Refused.duration(path + ".bindingTimeout", bindingTimeout).compareTo(Duration.ofSeconds(1)) < 0) {
            throw Refused.invalid(path + ".bindingTimeout", bindingTimeout, "must be at least 1 second");
        }
    }
}
