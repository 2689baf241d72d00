package io.keelson.cloud.command;

import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.config.ConfigException;
import io.keelson.cloud.file.FileCloud;
import io.keelson.cloud.local.LocalCloud;
import io.keelson.cloud.local.LocalSettings;
import io.keelson.cloud.webhook.WebhookCloud;
import io.keelson.cloud.webhook.WebhookSettings;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A provider that was chosen by {@code --cloud-provider} and {@code --cloud-config}, and is opened when it is needed.
 */
@FunctionalInterface
interface ProviderChoice {
    /**
     * Opens it.
     *
     * @throws ConfigException if its file is not as it has to be
     * @throws IOException if a file that this one names cannot be read
     */
    CloudProvider open() throws ConfigException, IOException;

    /**
     * The provider of a name.
     *
     * @param name empty if none was given
     * @param config null if none was given
     * @throws IllegalArgumentException if there is no such provider, or it needs a file
     */
    static ProviderChoice of(String name, @Nullable Path config) {
        return switch (name) {
            case LocalCloud.NAME ->
                () -> new LocalCloud(config == null ? LocalSettings.usual() : LocalSettings.read(config));
            case FileCloud.NAME -> {
                Path file = needed(name, config);
                yield () -> new FileCloud(file);
            }
            case WebhookCloud.NAME -> {
                Path file = needed(name, config);
                yield () -> new WebhookCloud(WebhookSettings.read(file));
            }
            case "" -> throw new IllegalArgumentException("--cloud-provider cannot be empty: local, file or webhook");
            default ->
                throw new IllegalArgumentException(
                        "--cloud-provider: unknown provider " + name + ": there are local, file and webhook");
        };
    }

    private static Path needed(String name, @Nullable Path config) {
        if (config == null) {
            throw new IllegalArgumentException("--cloud-config must be given with --cloud-provider " + name);
        }
        return config;
    }
}
