package io.keelson.apiserver.server;

import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.features.RuntimeConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is served of the API, and how.
 *
 * @param features what Kubernetes can be told to have or not to have
 * @param runtime which versions and resources are served
 * @param browsers what browsers are told
 * @param externalHostname by which clients elsewhere know the server, with a port or without; null for its address
 * @param storage how objects are put into the store
 * @param metrics what is told of the metrics
 * @param flags what the command line comes to, by the names of flags, as {@code /flagz} shows it; empty if there is none
 */
public record ApiSettings(
        FeatureGates features,
        RuntimeConfig runtime,
        BrowserSettings browsers,
        @Nullable String externalHostname,
        StorageSettings storage,
        MetricsSettings metrics,
        Map<String, String> flags) {
    public static final ApiSettings DEFAULT = new ApiSettings(
            FeatureGates.usual(),
            RuntimeConfig.NONE,
            BrowserSettings.NONE,
            null,
            StorageSettings.DEFAULT,
            MetricsSettings.DEFAULT,
            Map.of());

    public ApiSettings {
        flags = Map.copyOf(flags);
    }

    ApiSettings withStorage(StorageSettings settings) {
        return new ApiSettings(features, runtime, browsers, externalHostname, settings, metrics, flags);
    }

    ApiSettings withFlags(Map<String, String> shown) {
        return new ApiSettings(features, runtime, browsers, externalHostname, storage, metrics, shown);
    }
}
