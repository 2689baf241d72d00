package io.keelson.apiserver.authn;

import io.keelson.apiserver.authz.ExpiringCache;
import io.keelson.apiserver.authz.SharedAnswers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Remembers for a short while whose token something is, by digest. Failures are not remembered, unless a time is given
 * for them. However many ask for the same token at the same time, it is looked at once.
 */
public final class TokenCache implements TokenAuthenticator {
    private static final int ENTRIES_MAX = 8_192;
    private static final int LOOKS_MAX = 4_096;
    private static final Duration LOOK_MAX = Duration.ofSeconds(30);

    private final TokenAuthenticator tokens;
    private final Duration successLife;
    private final Duration failureLife;
    private final ExpiringCache<Key, Optional<Authenticated>> cache;
    private final SharedAnswers<Key, Optional<Authenticated>> looks = new SharedAnswers<>(LOOKS_MAX, LOOK_MAX);

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
        try {
            return looks.ask(key, () -> look(key, token));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case AuthenticationException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                // Who looked was told to stop, because it took too long.
                case null, default -> throw tooLong();
            }
        } catch (TimeoutException e) {
            throw tooLong();
        }
    }

    private Optional<Authenticated> look(Key key, String token) throws AuthenticationException, InterruptedException {
        // It may have been looked at between the first glance at the cache and this one.
        Optional<Authenticated> known = cache.get(key);
        if (known != null) {
            return known;
        }
        Optional<Authenticated> found = tokens.authenticate(token, key.audiences());
        cache.put(key, found, found.isPresent() ? successLife : failureLife);
        return found;
    }

    private static AuthenticationException tooLong() {
        return new AuthenticationException("token lookup took more than " + LOOK_MAX.toSeconds() + " seconds");
    }
}
