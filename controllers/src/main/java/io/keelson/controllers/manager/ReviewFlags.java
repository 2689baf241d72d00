package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags that say how a component finds out who may read what it serves. */
final class ReviewFlags {
    @Option(
            names = "--authentication-kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API to ask whose a token is. Default: as for anything else")
    private @Nullable Path authenticationKubeconfig;

    @Option(
            names = "--authorization-kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API to ask who may read what is served. Default: as for anything else")
    private @Nullable Path authorizationKubeconfig;

    @Option(
            names = "--authorization-always-allow-paths",
            split = ",",
            defaultValue = "/healthz,/readyz,/livez",
            paramLabel = "PATH",
            description = "What everybody may read; with a star at its end: all that begins so. Default:"
                    + " /healthz,/readyz,/livez")
    private List<String> openPaths;

    @Option(
            names = "--authentication-token-webhook-cache-ttl",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long it is remembered whose a token is. Default: 10s")
    private Duration tokenKept;

    @Option(
            names = "--authorization-webhook-cache-authorized-ttl",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long it is remembered that somebody may read something. Default: 10s")
    private Duration allowedKept;

    @Option(
            names = "--authorization-webhook-cache-unauthorized-ttl",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long it is remembered that somebody may not. Default: 10s")
    private Duration refusedKept;

    @Option(
            names = "--client-ca-file",
            paramLabel = "FILE",
            description = "By which authorities certificates of clients are known: the common name is the user, the"
                    + " organizations are the groups. Default: none is")
    private @Nullable Path clientAuthorities;

    @Option(
            names = "--requestheader-client-ca-file",
            paramLabel = "FILE",
            description =
                    "By which authorities proxies are known that say in headers for whom they ask. Default: none is")
    private @Nullable Path proxyAuthorities;

    @Option(
            names = "--requestheader-allowed-names",
            split = ",",
            paramLabel = "NAME",
            description = "Common names that such a proxy may have. Default: any")
    private List<String> proxyNames = List.of();

    @Option(
            names = "--requestheader-username-headers",
            split = ",",
            defaultValue = "x-remote-user",
            paramLabel = "HEADER",
            description = "Where it says the name. Default: x-remote-user")
    private List<String> userHeaders;

    @Option(
            names = "--requestheader-uid-headers",
            split = ",",
            paramLabel = "HEADER",
            description = "Where it says the uid. Default: nowhere")
    private List<String> uidHeaders = List.of();

    @Option(
            names = "--requestheader-group-headers",
            split = ",",
            defaultValue = "x-remote-group",
            paramLabel = "HEADER",
            description = "Where it says the groups. Default: x-remote-group")
    private List<String> groupHeaders;

    @Option(
            names = "--requestheader-extra-headers-prefix",
            split = ",",
            defaultValue = "x-remote-extra-",
            paramLabel = "PREFIX",
            description = "With what the names of headers begin where it says other things. Default: x-remote-extra-")
    private List<String> extraPrefixes;

    /**
     * What the flags say.
     *
     * @throws IOException if a file cannot be read; its text names the flag
     */
    ReviewSettings settings() throws IOException {
        ReviewSettings settings = new ReviewSettings(
                kubeconfig("--authentication-kubeconfig", authenticationKubeconfig),
                kubeconfig("--authorization-kubeconfig", authorizationKubeconfig),
                openPaths,
                tokenKept,
                allowedKept,
                refusedKept,
                clientAuthorities,
                proxyAuthorities,
                proxyNames.stream().filter(name -> !name.isEmpty()).toList(),
                new FrontProxy.Headers(userHeaders, uidHeaders, groupHeaders, extraPrefixes));
        check("--client-ca-file", clientAuthorities);
        check("--requestheader-client-ca-file", proxyAuthorities);
        return settings;
    }

    private static void check(String flag, @Nullable Path file) throws IOException {
        if (file != null) {
            try {
                var _ = new ClientAuthority(file);
            } catch (IOException e) {
                throw new IOException(flag + ": " + file + " cannot be used: " + e.getMessage(), e);
            }
        }
    }

    private static @Nullable Config kubeconfig(String flag, @Nullable Path file) throws IOException {
        if (file == null) {
            return null;
        }
        if (!Files.isReadable(file)) {
            throw new IOException(flag + ": " + file + " cannot be read");
        }
        return Config.fromKubeconfig(file.toFile());
    }
}
