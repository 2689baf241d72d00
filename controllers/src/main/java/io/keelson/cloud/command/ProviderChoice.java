package io.keelson.cloud.command;

import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.file.FileCloud;
import io.keelson.cloud.local.LocalCloud;
import io.keelson.cloud.local.LocalSettings;
import io.keelson.cloud.webhook.WebhookCloud;
import io.keelson.cloud.webhook.WebhookSettings;
import io.keelson.controllers.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider that was chosen by {@code --cloud-provider} and {@code --cloud-config}, and is opened when it is needed.
 */
@FunctionalInterface
interface ProviderChoice {
    /**
     * Opens it.
     *
     * @param leads whether this process leads at a moment: nothing is changed while it does not
     * @throws ConfigException if its file is not as it has to be
     * @throws IOException if a file that this one names cannot be read
     */
    CloudProvider open(BooleanSupplier leads) throws ConfigException, IOException;

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
                leads -> new LocalCloud(config == null ? LocalSettings.usual() : LocalSettings.read(config), leads);
            case FileCloud.NAME -> {
                Path file = needed(name, config);
                yield leads -> new FileCloud(file);
            }
            case WebhookCloud.NAME -> {
                Path file = needed(name, config);
                yield leads -> new WebhookCloud(WebhookSettings.read(file), leads);
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
