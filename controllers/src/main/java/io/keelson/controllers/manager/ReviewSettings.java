package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a component finds out who may read what it serves.
 *
 * @param authentication how the API is reached to ask whose a token is; null for as for anything else
 * @param authorization how it is reached to ask who may do what; null for as for anything else
 * @param openPaths which paths everybody may read; one that ends in a star stands for all that begin so
 * @param tokenKept how long it is remembered whose a token is
 * @param allowedKept how long it is remembered that somebody may
 * @param refusedKept how long it is remembered that somebody may not
 * @param clientAuthorities a file of authorities by which clients' certificates are known; null for none
 * @param proxyAuthorities the same for proxies; null if there are none
 * @param proxyNames common names that a proxy may have; empty for any
 * @param proxyHeaders in which headers a proxy says for whom it asks
 */
public record ReviewSettings(
        @Nullable Config authentication,
        @Nullable Config authorization,
        List<String> openPaths,
        Duration tokenKept,
        Duration allowedKept,
        Duration refusedKept,
        @Nullable Path clientAuthorities,
        @Nullable Path proxyAuthorities,
        List<String> proxyNames,
        FrontProxy.Headers proxyHeaders) {
    private static final Duration KEPT = Duration.ofSeconds(10);

    /** What counts where no flag says anything. */
    public static final ReviewSettings DEFAULT = new ReviewSettings(
            null,
            null,
            List.of("/healthz", "/readyz", "/livez"),
            KEPT,
            KEPT,
            KEPT,
            null,
            null,
            List.of(),
            new FrontProxy.Headers(
                    List.of("x-remote-user"), List.of(), List.of("x-remote-group"), List.of("x-remote-extra-")));

    /** Keeps copies. */
    public ReviewSettings {
        openPaths = List.copyOf(openPaths);
        proxyNames = List.copyOf(proxyNames);
    }

    /**
     * Those of a node's agent, which knows nobody who shows nothing and opens no path: clients are known by
     * certificates, or by tokens.
     *
     * @param clientAuthorities a file; null if nobody is known by a certificate
     */
    public static ReviewSettings ofNode(
            @Nullable Path clientAuthorities, Duration tokenKept, Duration allowedKept, Duration refusedKept) {
        return new ReviewSettings(
                null,
                null,
                List.of(),
                tokenKept,
                allowedKept,
                refusedKept,
                clientAuthorities,
                null,
                List.of(),
                DEFAULT.proxyHeaders);
    }

    /** Whether everybody may read a path. */
    boolean isOpen(String path) {
        for (String open : openPaths) {
            if (open.equals(path) || (open.endsWith("*") && path.startsWith(open.substring(0, open.length() - 1)))) {
                return true;
            }
        }
        return false;
    }
}
