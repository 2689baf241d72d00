package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link AuthenticationSettings.ServiceAccounts}. */
final class ServiceAccountFlags {
    /** What some programs write before the path of a socket. */
    private static final String UNIX = "unix://";

    @Option(
            names = "--service-account-issuer",
            paramLabel = "ISSUER",
            description =
                    "Who makes tokens of service accounts, a URL with https; may be given several times: the first"
                            + " stands in new tokens, tokens of all hold. Default: "
                            + AuthenticationSettings.ServiceAccounts.ISSUER)
    private List<String> issuers = List.of(AuthenticationSettings.ServiceAccounts.ISSUER);

    @Option(
            names = "--service-account-key-file",
            paramLabel = "FILE",
            description =
                    "Keys that such tokens may be signed with, besides the one that this server signs with; may be"
                            + " given several times.")
    private List<Path> keyFiles = List.of();

    @Option(
            names = "--service-account-signing-key-file",
            paramLabel = "FILE",
            description = "The key that new tokens are signed with. Default: sa.key in --cert-dir")
    private @Nullable Path signingKeyFile;

    @Option(
            names = "--service-account-signing-endpoint",
            paramLabel = "SOCKET",
            description =
                    "Where a program listens that signs new tokens and says which keys tokens may be signed with, in"
                            + " place of files with keys: the path of a unix socket.")
    private @Nullable String signingEndpoint;

    @Option(
            names = "--service-account-max-token-expiration",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description = "The longest life of a token, whatever is asked for. Default: no bound")
    private Duration lifeMax = Duration.ZERO;

    @Option(
            names = "--service-account-lookup",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether tokens of Secrets hold only as long as the Secret is there. Default: true")
    private boolean lookup;

    @Option(
            names = "--service-account-extend-token-expiration",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether tokens of pods live on for a year, with a warning, for clients that do not renew them."
                            + " Default: true")
    private boolean extend;

    @Option(
            names = "--service-account-jwks-uri",
            paramLabel = "URL",
            defaultValue = "",
            description = "Where others find the keys of tokens. Default: at this server's own address")
    private String jwksUri = "";

    AuthenticationSettings.ServiceAccounts settings() {
        return new AuthenticationSettings.ServiceAccounts(
                issuers, keyFiles, signingKeyFile, signer(), lifeMax, lookup, extend, jwksUri);
    }

    private @Nullable Path signer() {
        String endpoint = signingEndpoint;
        if (endpoint == null || endpoint.isEmpty()) {
            return null;
        }
        return Path.of(endpoint.startsWith(UNIX) ? endpoint.substring(UNIX.length()) : endpoint);
    }
}
