package io.keelson.apiserver.server;

import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.features.RuntimeConfig;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of {@link ApiSettings}. */
final class ApiFlags {
    @Option(
            names = "--feature-gates",
            split = ",",
            paramLabel = "NAME=BOOL",
            description =
                    "What is to be on or off. Nearly everything is one way only here, and may be set to that; what"
                            + " it is stands in the metric kubernetes_feature_enabled.")
    private List<String> featureGates = List.of();

    @Option(
            names = "--runtime-config",
            split = ",",
            paramLabel = "KEY=BOOL",
            description =
                    "What is served: api/all, api/ga, api/beta, api/alpha, GROUP/VERSION (v1 for the core group) or"
                            + " GROUP/VERSION/RESOURCE; the narrower one wins.")
    private List<String> runtimeConfig = List.of();

    @Option(
            names = "--cors-allowed-origins",
            split = ",",
            paramLabel = "REGEXP",
            description =
                    "Pages of which origins browsers may let use the API. Each has to pin the host at its start, by ^"
                            + " or //, and at its end, by $ or (:|$).")
    private List<String> corsAllowedOrigins = List.of();

    @Option(
            names = "--strict-transport-security-directives",
            split = ",",
            paramLabel = "DIRECTIVE",
            description = "What browsers are told about TLS: max-age=SECONDS, includeSubDomains, preload.")
    private List<String> transportDirectives = List.of();

    @Option(
            names = "--external-hostname",
            paramLabel = "HOST",
            description = "By which clients elsewhere know this server, in documents that tell where it is. Default:"
                    + " --advertise-address, or where it listens")
    private @Nullable String externalHostname;

    @Mixin
    private MetricsFlags metrics = new MetricsFlags();

    @Mixin
    private StorageFlags storage = new StorageFlags();

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    ApiSettings settings() {
        return new ApiSettings(
                FeatureGates.of(featureGates),
                RuntimeConfig.of(runtimeConfig),
                new BrowserSettings(corsAllowedOrigins, transportDirectives),
                externalHostname,
                storage.settings(),
                metrics.settings(),
                Map.of());
    }
}
