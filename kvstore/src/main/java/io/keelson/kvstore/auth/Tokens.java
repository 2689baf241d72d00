package io.keelson.kvstore.auth;

import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A kind of token: what {@code Authenticate} hands out and later requests bring along. */
public sealed interface Tokens permits SimpleTokens, JwtTokens {
    /**
     * The user of a token.
     *
     * @param authRevision the current revision of users and roles
     * @return null for a token that is not valid (any more)
     */
    @Nullable
    RequestUser recognise(String token, long authRevision);

    /**
     * The kind of tokens that {@code --auth-token} asks for: {@code simple}, or {@code jwt} followed by {@code
     * sign-method}, {@code pub-key}, {@code priv-key} and {@code ttl}.
     *
     * @param option the flag's value
     * @param simpleTtlSeconds the value of {@code --auth-token-ttl}, for simple tokens
     * @param nanoTime a clock such as {@link System#nanoTime}, for simple tokens
     * @param clock the time of day, for JWTs
     * @throws IllegalArgumentException if the value cannot be used; the message says why
     * @throws IOException if a key file cannot be read
     */
    static Tokens of(String option, long simpleTtlSeconds, LongSupplier nanoTime, InstantSource clock)
            throws IOException {
        String[] parts = option.split(",", -1);
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", -1);
            if (pair.length != 2) {
                throw new IllegalArgumentException("--auth-token: '" + parts[i] + "' is not of the form name=value");
            }
            if (options.put(pair[0], pair[1]) != null) {
                throw new IllegalArgumentException("--auth-token: '" + pair[0] + "' is given twice");
            }
        }
        return switch (parts[0]) {
            case "simple" -> new SimpleTokens(simpleTtlSeconds, nanoTime);
            case "jwt" -> JwtTokens.of(options, clock);
            default ->
                throw new IllegalArgumentException(
                        "--auth-token: unknown kind of token '" + parts[0] + "', it must be 'simple' or 'jwt'");
        };
    }
}
