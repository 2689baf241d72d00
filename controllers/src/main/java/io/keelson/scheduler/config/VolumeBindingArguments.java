package io.keelson.scheduler.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code VolumeBindingArgs}.
 *
 * @param bindTimeoutSeconds how long a volume may take to be bound
 * @param shape what a node is worth by how much of its storage is used; only with a feature that is off
 */
public record VolumeBindingArguments(
        Long bindTimeoutSeconds, @Nullable List<FitArguments.Point> shape) implements PluginArguments.Form {
    private static final long TIMEOUT_SECONDS = 600;

    /** What counts if nothing is said. */
    public static final VolumeBindingArguments DEFAULT = new VolumeBindingArguments(TIMEOUT_SECONDS, null);

    public VolumeBindingArguments {
        bindTimeoutSeconds = SchedulerConfiguration.or(bindTimeoutSeconds, TIMEOUT_SECONDS);
    }

    @Override
    public void check(String path) {
        if (bindTimeoutSeconds < 0 || bindTimeoutSeconds > Integer.MAX_VALUE) {
            throw Refused.invalid(
                    path + ".bindTimeoutSeconds",
                    bindTimeoutSeconds,
                    "invalid BindTimeoutSeconds, should not be a negative value");
        }
        if (shape != null) {
            throw Refused.forbidden(
                    path + ".shape",
                    "unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring");
        }
    }
}
