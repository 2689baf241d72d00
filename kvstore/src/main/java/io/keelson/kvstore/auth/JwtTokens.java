package io.keelson.kvstore.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.keelson.kvstore.errors.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens that carry the user's name and the revision of users and roles, signed. Nothing is kept in memory. A token is
 * worth nothing after any change of users or roles: its revision is then old.
 *
 * <p>The algorithm is the configured one; what a token's header claims is compared with it and never followed.
 */
public final class JwtTokens implements Tokens {
    private static final Logger log = LoggerFactory.getLogger(JwtTokens.class);

    private static final Duration TTL_DEFAULT = Duration.ofMinutes(5);
    private static final Set<String> OPTIONS = Set.of("sign-method", "pub-key", "priv-key", "ttl");
    private static final String USERNAME = "username";
    private static final String REVISION = "revision";

    /** One part of a duration as Go writes it. */
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)");

    private final JwtKey key;
    private final Duration ttl;
    private final InstantSource clock;

    JwtTokens(JwtKey key, Duration ttl, InstantSource clock) {
        this.key = key;
        this.ttl = ttl;
        this.clock = clock;
    }

    static JwtTokens of(Map<String, String> options, InstantSource clock) throws IOException {
        for (String name : options.keySet()) {
            if (!OPTIONS.contains(name)) {
                throw new IllegalArgumentException("--auth-token: unknown option '" + name + "' of jwt");
            }
        }
        String ttl = options.getOrDefault("ttl", "");
        JwtKey key =
                JwtKey.of(options.getOrDefault("sign-method", ""), read("pub-key", options), read("priv-key", options));
        return new JwtTokens(key, ttl.isEmpty() ? TTL_DEFAULT : duration(ttl), clock);
    }

    private static byte @Nullable [] read(String option, Map<String, String> options) throws IOException {
        String file = options.getOrDefault(option, "");
        try {
            return file.isEmpty() ? null : Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw new IOException("--auth-token: cannot read " + option + " " + file + ": " + FileErrors.reason(e), e);
        }
    }

    private static Duration duration(String text) {
        Matcher part = DURATION_PART.matcher(text);
        double seconds = 0;
        int at = 0;
        while (part.find() && part.start() == at) {
            seconds += Double.parseDouble(part.group(1))
                    * switch (part.group(2)) {
                        case "ns" -> 1e-9;
                        case "us", "µs" -> 1e-6;
                        case "ms" -> 1e-3;
                        case "s" -> 1;
                        case "m" -> 60;
                        default -> 3600;
                    };
            at = part.end();
        }
        if (at == 0 || at != text.length()) {
            throw new IllegalArgumentException("--auth-token: ttl '" + text + "' is not a duration such as 5m");
        }
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    /** Whether this member can make tokens; with a public key alone it can only check them. */
    boolean signs() {
        return key.signs();
    }

    /** A new token. */
    String sign(String user, long authRevision) {
        Instant expires = clock.instant().plus(ttl);
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(key.algorithm()).type(JOSEObjectType.JWT).build(),
                new JWTClaimsSet.Builder()
                        .claim(USERNAME, user)
                        .claim(REVISION, authRevision)
                        .expirationTime(Date.from(expires))
                        .build());
        try {
            token.sign(key);
        } catch (JOSEException e) {
            throw new IllegalStateException("a token cannot be signed", e);
        }
        return token.serialize();
    }

    @Override
    public @Nullable RequestUser recognise(String token, long authRevision) {
        try {
            SignedJWT signed = SignedJWT.parse(token);
            if (!signed.getHeader().getAlgorithm().equals(key.algorithm()) || !signed.verify(key)) {
                return null;
            }
            JWTClaimsSet claims = signed.getJWTClaimsSet();
            Date expires = claims.getExpirationTime();
            if (expires != null && !clock.instant().isBefore(expires.toInstant())) {
                return null;
            }
            Date from = claims.getNotBeforeTime();
            if (from != null && clock.instant().isBefore(from.toInstant())) {
                return null;
            }
            Object revision = claims.getClaim(REVISION);
            if (!(claims.getClaim(USERNAME) instanceof String user)
                    || user.isEmpty()
                    || !(revision instanceof Number number)
                    || number.longValue() <= 0) {
                return null;
            }
            return new RequestUser(user, number.longValue());
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            log.debug("a token is not a JWT that can be checked: {}", e.getMessage());
            return null;
        }
    }
}
