package io.keelson.apiserver.server;

import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.features.RuntimeConfig;
import io.keelson.apiserver.request.MediaType;
import org.jspecify.annotations.Nullable;

/**
 * What is served of the API, and how.
 *
 * @param features what Kubernetes can be told to have or not to have
 * @param runtime which versions and resources are served
 * @param browsers what browsers are told
 * @param externalHostname by which clients elsewhere know the server, with a port or without; null for its address
 * @param storedAs the form in which objects are written to the store: JSON, or protobuf for kinds that have such a form
 */
public record ApiSettings(
        FeatureGates features,
        RuntimeConfig runtime,
        BrowserSettings browsers,
        @Nullable String externalHostname,
        MediaType storedAs) {
    public static final ApiSettings DEFAULT =
            new ApiSettings(FeatureGates.usual(), RuntimeConfig.NONE, BrowserSettings.NONE, null, MediaType.JSON);
}
