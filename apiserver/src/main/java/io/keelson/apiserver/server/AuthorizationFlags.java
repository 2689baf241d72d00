package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link AuthorizationSettings}. */
final class AuthorizationFlags {
    private static final String VERSION = "v1beta1";
    private static final Duration AUTHORIZED_LIFE = Duration.ofMinutes(5);
    private static final Duration UNAUTHORIZED_LIFE = Duration.ofSeconds(30);

    @Option(
            names = "--authorization-config",
            paramLabel = "FILE",
            description = "Who decides, in their order, webhooks with conditions among them: an"
                    + " AuthorizationConfiguration. Read again when it has changed. Instead of --authorization-mode and"
                    + " --authorization-webhook-*.")
    private @Nullable Path configFile;

    @Option(
            names = "--authorization-webhook-config-file",
            paramLabel = "FILE",
            description = "Who is asked in the mode Webhook: a kubeconfig.")
    private @Nullable Path webhookConfig;

    @Option(
            names = "--authorization-webhook-version",
            paramLabel = "VERSION",
            description = "Version of the SubjectAccessReview it is asked with: v1 or v1beta1. Default: v1beta1")
    private @Nullable String webhookVersion;

    @Option(
            names = "--authorization-webhook-cache-authorized-ttl",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description = "How long it is remembered that something is allowed. Default: 5m")
    private @Nullable Duration authorizedLife;

    @Option(
            names = "--authorization-webhook-cache-unauthorized-ttl",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description = "How long it is remembered that something is not allowed. Default: 30s")
    private @Nullable Duration unauthorizedLife;

    @Option(
            names = "--authorization-policy-file",
            paramLabel = "FILE",
            description = "What is allowed in the mode ABAC: a Policy in JSON on each line.")
    private @Nullable Path policyFile;

    /** @param modesStated whether {@code --authorization-mode} was given */
    AuthorizationSettings settings(boolean modesStated) {
        boolean webhook =
                webhookConfig != null || webhookVersion != null || authorizedLife != null || unauthorizedLife != null;
        if (configFile != null && (modesStated || webhook)) {
            throw new IllegalArgumentException(
                    "--authorization-config can not be specified when --authorization-mode or"
                            + " --authorization-webhook-* flags are defined");
        }
        Path kubeconfig = webhookConfig;
        return new AuthorizationSettings(
                configFile,
                kubeconfig == null
                        ? null
                        : new AuthorizationSettings.Webhook(
                                kubeconfig,
                                webhookVersion == null ? VERSION : webhookVersion,
                                authorizedLife == null ? AUTHORIZED_LIFE : authorizedLife,
                                unauthorizedLife == null ? UNAUTHORIZED_LIFE : unauthorizedLife),
                policyFile);
    }
}
