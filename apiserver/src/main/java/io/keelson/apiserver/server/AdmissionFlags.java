package io.keelson.apiserver.server;

import java.io.IOException;
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
            description = "What plugins are told besides that they are on: an AdmissionConfiguration.")
    private @Nullable Path configFile;

    /**
     * @param controllers whether there are some
     * @throws IllegalArgumentException if the file of configurations cannot be used
     */
    AdmissionSettings settings(boolean controllers) {
        return new AdmissionSettings(
                enabled, disabled, controllers, notReadySeconds, unreachableSeconds, configuration());
    }

    private AdmissionConfiguration configuration() {
        Path file = configFile;
        try {
            return file == null ? AdmissionConfiguration.NONE : AdmissionConfiguration.read(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("--admission-control-config-file: " + e.getMessage(), e);
        }
    }
}
