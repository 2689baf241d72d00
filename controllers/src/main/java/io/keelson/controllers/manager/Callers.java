package io.keelson.controllers.manager;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells who asks: whom a proxy names, else whom his certificate names, else whose token he shows; who shows nothing is
 * nobody in particular, and who shows only what is worth nothing is not heard.
 */
final class Callers {
    private static final String SCHEME = "bearer ";

    private final @Nullable ClientAuthority clients;
    private final @Nullable FrontProxy proxy;
    private final Function<String, @Nullable Caller> tokens;

    /**
     * Knows callers.
     *
     * @param clients by whom certificates of clients are known; null if none is
     * @param proxy who may ask for others; null if nobody may
     * @param tokens whose token it is; null if it is nobody's
     */
    Callers(@Nullable ClientAuthority clients, @Nullable FrontProxy proxy, Function<String, @Nullable Caller> tokens) {
        this.clients = clients;
        this.proxy = proxy;
        this.tokens = tokens;
    }

    /**
     * Who asks.
     *
     * @param chain of certificates that the client showed
     * @param headers of the request
     * @return null if it is somebody whom nobody knows
     */
    @Nullable
    Caller of(List<X509Certificate> chain, Map<String, List<String>> headers) {
        Caller named = proxy == null ? null : proxy.caller(chain, headers);
        if (named != null) {
            return named;
        }
        boolean unknown = false;
        if (clients != null && !chain.isEmpty()) {
            if (clients.vouchesFor(chain)) {
                SubjectNames names = SubjectNames.of(chain.getFirst());
                if (!names.commonName().isEmpty()) {
                    return new Caller(names.commonName(), null, names.organizations(), Map.of()).authenticated();
                }
            } else {
                unknown = true;
            }
        }
        String token = bearer(headers);
        if (token != null) {
            Caller owner = tokens.apply(token);
            if (owner != null) {
                return owner;
            }
            unknown = true;
        }
        return unknown ? null : Caller.ANONYMOUS;
    }

    private static @Nullable String bearer(Map<String, List<String>> headers) {
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            if (!header.getKey().equalsIgnoreCase("Authorization")) {
                continue;
            }
            for (String value : header.getValue()) {
                if (value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
                    return value.substring(SCHEME.length()).strip();
                }
            }
        }
        return null;
    }
}
