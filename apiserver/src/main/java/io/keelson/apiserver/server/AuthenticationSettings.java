package io.keelson.apiserver.server;

import io.keelson.apiserver.authn.FrontProxyAuthenticator;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the server finds out who asks, besides by the certificates that it makes itself.
 *
 * @param clientCaFile authorities of client certificates besides the server's own; null for no others
 * @param tokenFile tokens and whose they are; null for none
 * @param bootstrapTokens whether Secrets of bootstrap tokens are believed
 * @param oidc an OpenID provider; null for none
 * @param configFile an AuthenticationConfiguration; null for none
 * @param webhook who knows tokens that nobody else does; null for nobody
 * @param frontProxy who may speak for others; null for nobody
 * @param serviceAccounts tokens of service accounts
 * @param apiAudiences this server's names as an audience of tokens; empty for the first issuer of service accounts
 * @param anonymousStated whether somebody said if requests that show nothing are let in; the configuration must not, then
 */
public record AuthenticationSettings(
        @Nullable Path clientCaFile,
        @Nullable Path tokenFile,
        boolean bootstrapTokens,
        @Nullable Oidc oidc,
        @Nullable Path configFile,
        @Nullable Webhook webhook,
        @Nullable FrontProxy frontProxy,
        ServiceAccounts serviceAccounts,
        List<String> apiAudiences,
        boolean anonymousStated) {
    public static final AuthenticationSettings DEFAULT = new AuthenticationSettings(
            null, null, false, null, null, null, null, ServiceAccounts.DEFAULT, List.of(), false);

    /**
     * An OpenID provider, as the flags {@code --oidc-*} describe it.
     *
     * @param caFile authorities of its certificate; null for those of the platform
     * @param usernamePrefix {@code -} for none; empty for the issuer and {@code #}, except for e-mail addresses
     */
    public record Oidc(
            String issuerUrl,
            String clientId,
            @Nullable Path caFile,
            String usernameClaim,
            String usernamePrefix,
            String groupsClaim,
            String groupsPrefix,
            Map<String, String> requiredClaims,
            Set<String> signingAlgorithms) {
        public Oidc {
            requiredClaims = Map.copyOf(requiredClaims);
            signingAlgorithms = Set.copyOf(signingAlgorithms);
            if (issuerUrl.isEmpty() || clientId.isEmpty()) {
                throw new IllegalArgumentException(
                        "oidc-issuer-url and oidc-client-id must be specified together when any"
                                + " oidc-* flags are set");
            }
        }
    }

    /**
     * Another server that knows tokens.
     *
     * @param kubeconfig says where it is
     * @param version of the TokenReview it is asked with, v1 or v1beta1
     */
    public record Webhook(Path kubeconfig, String version, Duration cacheLife) {
        public Webhook {
            if (!version.equals("v1") && !version.equals("v1beta1")) {
                throw new IllegalArgumentException(
                        "--authentication-token-webhook-version: unsupported authentication webhook version \""
                                + version + "\", must be v1 or v1beta1");
            }
        }
    }

    /** @param caFile authorities of the proxies' certificates */
    public record FrontProxy(Path caFile, FrontProxyAuthenticator.Settings headers) {}

    /**
     * @param issuers of tokens that hold; the first one stands in those that are made
     * @param keyFiles keys that tokens may be signed with, besides the one that this server signs with
     * @param signingKeyFile what this server signs with; null for a key of its own
     * @param signer the socket of a program that signs in its place, and has all keys; null for none
     * @param lifeMax the longest life of a token; zero for no bound
     * @param lookup whether tokens in Secrets hold only as long as the Secret is there
     * @param extend whether tokens of pods live on for a year, with a warning
     * @param jwksUri where the keys are found from outside; empty for this server's own address
     */
    public record ServiceAccounts(
            List<String> issuers,
            List<Path> keyFiles,
            @Nullable Path signingKeyFile,
            @Nullable Path signer,
            Duration lifeMax,
            boolean lookup,
            boolean extend,
            String jwksUri) {
        public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
        public static final ServiceAccounts DEFAULT =
                new ServiceAccounts(List.of(ISSUER), List.of(), null, null, Duration.ZERO, true, true, "");

        private static final Duration LIFE_MIN = Duration.ofHours(1);
        private static final Duration LIFE_MAX = Duration.ofSeconds(1L << 32);

        /** @throws IllegalArgumentException naming the flag that cannot be used */
        public ServiceAccounts {
            issuers = List.copyOf(issuers);
            keyFiles = List.copyOf(keyFiles);
            Set<String> seen = new HashSet<>();
            for (String issuer : issuers) {
                if (issuer.isEmpty()) {
                    throw new IllegalArgumentException("service-account-issuer should not be an empty string");
                }
                if (issuer.contains(":") && !isUrl(issuer)) {
                    throw new IllegalArgumentException(
                            "service-account-issuer \"" + issuer + "\" contained a ':' but was not a valid URL");
                }
                if (!seen.add(issuer)) {
                    throw new IllegalArgumentException(
                            "service-account-issuer \"" + issuer + "\" is already specified");
                }
            }
            if (!lifeMax.isZero() && (lifeMax.compareTo(LIFE_MIN) < 0 || lifeMax.compareTo(LIFE_MAX) > 0)) {
                throw new IllegalArgumentException(
                        "the service-account-max-token-expiration must be between 1 hour and 2^32 seconds");
            }
            if (signer != null && signingKeyFile != null) {
                throw new IllegalArgumentException(
                        "service-account-signing-key-file and"
                                + " service-account-signing-endpoint are mutually exclusive and cannot be set at the same time");
            }
            if (signer != null && !keyFiles.isEmpty()) {
                throw new IllegalArgumentException("service-account-key-file and service-account-signing-endpoint are"
                        + " mutually exclusive and cannot be set at the same time");
            }
            if (!jwksUri.isEmpty()) {
                if (!isUrl(jwksUri)) {
                    throw new IllegalArgumentException("service-account-jwks-uri must be a valid URL: " + jwksUri);
                }
                if (!jwksUri.startsWith("https://")) {
                    throw new IllegalArgumentException(
                            "service-account-jwks-uri requires https scheme, parsed as: " + jwksUri);
                }
            }
        }

        private static boolean isUrl(String text) {
            try {
                return new URI(text).getScheme() != null;
            } catch (URISyntaxException e) {
                return false;
            }
        }
    }

    /** @throws IllegalArgumentException naming flags that do not go together */
    public AuthenticationSettings {
        apiAudiences = List.copyOf(apiAudiences);
        if (oidc != null && configFile != null) {
            throw new IllegalArgumentException("authentication-config file and oidc-* flags are mutually exclusive");
        }
    }

    /** This server's names as an audience of tokens. */
    public List<String> audiences() {
        return apiAudiences.isEmpty() ? List.of(serviceAccounts.issuers().getFirst()) : apiAudiences;
    }
}
