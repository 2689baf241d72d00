package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link AdmissionSettings}. */
final class AdmissionFlags {
    @Option(
            names = "--enable-admission-plugins",
            split = ",",
            paramLabel = "PLUGIN",
            description = "Plugins that take part in admission besides those that do by default. ServiceAccount does by"
                    + " default only with --etcd-servers: it refuses pods whose account is not there, and with a store"
                    + " of its own this server is often run without the controllers that make accounts.")
    private List<String> enabled = List.of();

    @Option(
            names = "--disable-admission-plugins",
            split = ",",
            paramLabel = "PLUGIN",
            description = "Plugins that do not take part in admission, though they do by default.")
    private List<String> disabled = List.of();

    @Option(
            names = "--default-not-ready-toleration-seconds",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long pods stay on a node that is not ready, unless they say so. Default: 300")
    private long notReadySeconds;

    @Option(
            names = "--default-unreachable-toleration-seconds",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long pods stay on a node that cannot be reached, unless they say so. Default: 300")
    private long unreachableSeconds;

    @Option(
            names = "--admission-control-config-file",
            paramLabel = "FILE",
            description = "How plugins are configured: an AdmissionConfiguration.")
    private @Nullable Path configuration;

    /** @param controllers whether there are some */
    AdmissionSettings settings(boolean controllers) {
        Path file = configuration;
        return new AdmissionSettings(
                enabled,
                disabled,
                controllers,
                notReadySeconds,
                unreachableSeconds,
                file == null ? AdmissionConfiguration.NONE : AdmissionConfiguration.read(file));
    }
}
