package io.keelson.apiserver.authn;

import io.keelson.apiserver.authz.ExpiringCache;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Remembers for a short while whose token something is, by digest. Failures are not remembered, unless a time is given
 * for them.
 */
public final class TokenCache implements TokenAuthenticator {
    private static final int ENTRIES_MAX = 8_192;

    private final TokenAuthenticator tokens;
    private final Duration successLife;
    private final Duration failureLife;
    private final ExpiringCache<Key, Optional<Authenticated>> cache;

    private record Key(String digest, List<String> audiences) {}

    /** @param failureLife how long to remember that nobody knows a token; zero for not at all */
    public TokenCache(TokenAuthenticator tokens, Duration successLife, Duration failureLife, InstantSource clock) {
        this.tokens = tokens;
        this.successLife = successLife;
        this.failureLife = failureLife;
        this.cache = new ExpiringCache<>(ENTRIES_MAX, clock);
    }

    /** As kube-apiserver does: ten seconds for tokens that hold. */
    public static TokenCache ordinary(TokenAuthenticator tokens, InstantSource clock) {
        return new TokenCache(tokens, Duration.ofSeconds(10), Duration.ZERO, clock);
    }

    @Override
    public Optional<Authenticated> authenticate(String token, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        Key key = new Key(TokenFile.digest(token), List.copyOf(audiences));
        Optional<Authenticated> known = cache.get(key);
        if (known != null) {
            return known;
        }
        Optional<Authenticated> found = tokens.authenticate(token, audiences);
        cache.put(key, found, found.isPresent() ? successLife : failureLife);
        return found;
    }
}
