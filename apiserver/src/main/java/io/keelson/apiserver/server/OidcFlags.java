package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link AuthenticationSettings.Oidc}. */
final class OidcFlags {
    @Option(
            names = "--oidc-issuer-url",
            paramLabel = "URL",
            description = "An OpenID provider whose tokens are believed; with https.")
    private @Nullable String issuerUrl;

    @Option(names = "--oidc-client-id", paramLabel = "ID", description = "Whom its tokens must be for.")
    private @Nullable String clientId;

    @Option(
            names = "--oidc-ca-file",
            paramLabel = "FILE",
            description = "Whose certificates it may show. Default: those that this machine trusts")
    private @Nullable Path caFile;

    @Option(
            names = "--oidc-username-claim",
            paramLabel = "CLAIM",
            description = "Which claim is the name of the user. Default: sub")
    private @Nullable String usernameClaim;

    @Option(
            names = "--oidc-username-prefix",
            paramLabel = "PREFIX",
            description = "What is put before the name; - for nothing. Default: the issuer and #, except for email")
    private @Nullable String usernamePrefix;

    @Option(names = "--oidc-groups-claim", paramLabel = "CLAIM", description = "Which claim has the user's groups.")
    private @Nullable String groupsClaim;

    @Option(names = "--oidc-groups-prefix", paramLabel = "PREFIX", description = "What is put before their names.")
    private @Nullable String groupsPrefix;

    @Option(
            names = "--oidc-required-claim",
            paramLabel = "CLAIM=VALUE",
            description = "A claim that a token must have, with this value; may be given several times.")
    private @Nullable Map<String, String> requiredClaims;

    @Option(
            names = "--oidc-signing-algs",
            split = ",",
            paramLabel = "ALG",
            description = "Algorithms that its signatures may have: RS256, RS384, RS512, ES256, ES384, ES512, PS256,"
                    + " PS384, PS512. Default: RS256")
    private @Nullable List<String> signingAlgorithms;

    /** Null if none of the flags is given. */
    AuthenticationSettings.@Nullable Oidc settings() {
        boolean given = issuerUrl != null
                || clientId != null
                || caFile != null
                || usernameClaim != null
                || usernamePrefix != null
                || groupsClaim != null
                || groupsPrefix != null
                || requiredClaims != null
                || signingAlgorithms != null;
        return given
                ? new AuthenticationSettings.Oidc(
                        text(issuerUrl),
                        text(clientId),
                        caFile,
                        text(usernameClaim),
                        text(usernamePrefix),
                        text(groupsClaim),
                        text(groupsPrefix),
                        requiredClaims == null ? Map.of() : requiredClaims,
                        new HashSet<>(signingAlgorithms == null ? List.of() : signingAlgorithms))
                : null;
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
