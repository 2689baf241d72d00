package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of {@link AuthenticationSettings}. */
final class AuthenticationFlags {
    @Option(
            names = "--client-ca-file",
            paramLabel = "FILE",
            description = "Whose certificates clients may show, besides those of client-ca.crt in --cert-dir.")
    private @Nullable Path clientCaFile;

    @Option(
            names = "--token-auth-file",
            paramLabel = "FILE",
            description = "Bearer tokens: lines of token,user,uid,\"group1,group2\".")
    private @Nullable Path tokenFile;

    @Option(
            names = "--enable-bootstrap-token-auth",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether Secrets of type bootstrap.kubernetes.io/token in kube-system are bearer tokens."
                    + " Default: false")
    private boolean bootstrapTokens;

    @Option(
            names = "--authentication-config",
            paramLabel = "FILE",
            description = "Providers of tokens, and whether anybody may ask: an AuthenticationConfiguration. Read again"
                    + " when it has changed. Instead of --oidc-* and --anonymous-auth.")
    private @Nullable Path configFile;

    @Option(
            names = "--authentication-token-webhook-config-file",
            paramLabel = "FILE",
            description = "Who is asked about bearer tokens that nobody knows: a kubeconfig.")
    private @Nullable Path webhookConfig;

    @Option(
            names = "--authentication-token-webhook-version",
            paramLabel = "VERSION",
            defaultValue = "v1beta1",
            description = "Version of the TokenReview it is asked with: v1 or v1beta1. Default: v1beta1")
    private String webhookVersion = "";

    @Option(
            names = "--authentication-token-webhook-cache-ttl",
            paramLabel = "DURATION",
            defaultValue = "2m",
            converter = DurationText.class,
            description = "How long its answers are remembered. Default: 2m")
    private Duration webhookCacheLife = Duration.ZERO;

    @Option(
            names = "--api-audiences",
            split = ",",
            paramLabel = "AUDIENCE",
            description = "Whom tokens must be for to hold here. Default: the first --service-account-issuer")
    private List<String> apiAudiences = List.of();

    @Mixin
    private OidcFlags oidc = new OidcFlags();

    @Mixin
    private RequestHeaderFlags requestHeaders = new RequestHeaderFlags();

    @Mixin
    private ServiceAccountFlags serviceAccounts = new ServiceAccountFlags();

    /** @param anonymousStated whether {@code --anonymous-auth} was given */
    AuthenticationSettings settings(boolean anonymousStated) {
        Path webhook = webhookConfig;
        return new AuthenticationSettings(
                clientCaFile,
                tokenFile,
                bootstrapTokens,
                oidc.settings(),
                configFile,
                webhook == null ? null : new AuthenticationSettings.Webhook(webhook, webhookVersion, webhookCacheLife),
                requestHeaders.settings(),
                serviceAccounts.settings(),
                apiAudiences,
                anonymousStated);
    }
}
