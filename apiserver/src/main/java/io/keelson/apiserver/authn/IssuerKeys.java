package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an OpenID provider, fetched from it when they are needed: at first, when a token names a key that is
 * not known, and after an hour. However many tokens name unknown keys, the provider is asked at most once in {@link
 * #FETCH_EVERY}. While it cannot be reached, the keys it had last are believed.
 */
final class IssuerKeys {
    static final Duration FETCH_EVERY = Duration.ofSeconds(10);
    static final Duration LIFE = Duration.ofHours(1);

    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
    private static final int KEYS_MAX = 100;

    private final String issuer;
    private final String configurationUrl;
    private final RemoteCalls calls;
    private final KeySetMetrics metrics;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Fetched fetched = new Fetched(List.of(), Instant.MIN);
    private Instant lastTry = Instant.MIN;

    private record Key(String id, PublicKey key) {}

    private record Fetched(List<Key> keys, Instant when) {}

    /** @param discoveryUrl where its keys are described; empty for the place the standard has for it */
    IssuerKeys(String issuer, String discoveryUrl, RemoteCalls calls, KeySetMetrics metrics, InstantSource clock) {
        this.issuer = issuer;
        this.configurationUrl = discoveryUrl.isEmpty()
                ? issuer.replaceAll("/+$", "") + "/.well-known/openid-configuration"
                : discoveryUrl;
        this.calls = calls;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Whether one of the keys that may have signed a token has. */
    boolean signed(SignedToken token) throws AuthenticationException, InterruptedException {
        Fetched now = fetched;
        boolean fresh = now.when().isAfter(clock.instant().minus(LIFE));
        if (fresh && signed(token, now)) {
            return true;
        }
        return signed(token, fetch(now));
    }

    private static boolean signed(SignedToken token, Fetched keys) {
        for (Key key : keys.keys()) {
            if ((token.keyId().isEmpty() || token.keyId().equals(key.id())) && token.signedBy(key.key())) {
                return true;
            }
        }
        return false;
    }

    @SuppressWarnings("ReferenceEquality") // whether it is the same fetch, not whether it brought the same keys
    private Fetched fetch(Fetched seen) throws AuthenticationException, InterruptedException {
        lock.lockInterruptibly();
        try {
            Instant now = clock.instant();
            if (fetched != seen || now.isBefore(lastTry.plus(FETCH_EVERY))) {
                return fetched;
            }
            lastTry = now;
            fetched = new Fetched(keys(), now);
            return fetched;
        } catch (IOException e) {
            log.warn("cannot fetch the keys of {}: {}", issuer, e.getMessage());
            if (!fetched.keys().isEmpty()) {
                return fetched;
            }
            throw new AuthenticationException("oidc: failed to fetch the keys of the issuer: " + e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private List<Key> keys() throws IOException, InterruptedException {
        ObjectNode configuration = calls.get(configurationUrl);
        String stated = configuration.path("issuer").asText();
        if (!stated.equals(issuer)) {
            throw new IOException("issuer did not match the issuer returned by provider, expected \"" + issuer
                    + "\" got \"" + stated + "\"");
        }
        String keysUrl = configuration.path("jwks_uri").asText();
        if (!keysUrl.startsWith("https://")) {
            throw new IOException("jwks_uri must use https");
        }
        String sent;
        List<Key> keys;
        try {
            sent = calls.getAsSent(keysUrl);
            keys = keys(keysUrl, sent);
        } catch (IOException e) {
            metrics.failed(issuer);
            throw e;
        }
        metrics.succeeded(issuer, sent);
        return keys;
    }

    private List<Key> keys(String keysUrl, String sent) throws IOException {
        try {
            List<Key> keys = new ArrayList<>();
            ObjectNode keySet = Json.parseObject(sent.getBytes(StandardCharsets.UTF_8));
            for (JWK key : JWKSet.parse(Json.text(keySet)).getKeys()) {
                if (keys.size() == KEYS_MAX) {
                    throw new IOException("issuer has more than " + KEYS_MAX + " keys");
                }
                if (key.getKeyUse() != null && !key.getKeyUse().equals(KeyUse.SIGNATURE)) {
                    continue;
                }
                String id = key.getKeyID() == null ? "" : key.getKeyID();
                switch (key) {
                    case RSAKey rsa -> keys.add(new Key(id, rsa.toRSAPublicKey()));
                    case ECKey ec -> keys.add(new Key(id, ec.toECPublicKey()));
                    default -> log.debug("key {} of {} is of a kind that is not used", id, issuer);
                }
            }
            return List.copyOf(keys);
        } catch (MalformedException e) {
            throw new IOException(keysUrl + " did not answer with a JSON object", e);
        } catch (ParseException | JOSEException e) {
            throw new IOException("malformed key set: " + e.getMessage(), e);
        }
    }
}
