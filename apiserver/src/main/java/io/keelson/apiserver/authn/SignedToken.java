package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON web token in its compact form, signed with a private key. Until {@link #signedBy} says so, nothing it claims can
 * be believed.
 */
final class SignedToken {
    /** Signatures by private keys; shared secrets and "none" are no signatures here. */
    static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512");

    private final JWSObject jws;
    private final ObjectNode claims;

    private SignedToken(JWSObject jws, ObjectNode claims) {
        this.jws = jws;
        this.claims = claims;
    }

    /** Null if it is no such token. */
    static @Nullable SignedToken parse(String token) {
        if (token.length() > BearerAuthenticator.TOKEN_CHARS_MAX
                || token.chars().filter(c -> c == '.').count() != 2) {
            return null;
        }
        try {
            JWSObject jws = JWSObject.parse(token);
            if (!ALGORITHMS.contains(jws.getHeader().getAlgorithm().getName())) {
                return null;
            }
            return new SignedToken(jws, Json.parseObject(jws.getPayload().toBytes()));
        } catch (ParseException | IllegalArgumentException | MalformedException e) {
            return null;
        }
    }

    /** The key that it names; empty if it names none. */
    String keyId() {
        String id = jws.getHeader().getKeyID();
        return id == null ? "" : id;
    }

    String algorithm() {
        return jws.getHeader().getAlgorithm().getName();
    }

    /** Whether this key's private half signed it. A header that must be understood and is not makes it false. */
    boolean signedBy(PublicKey key) {
        try {
            JWSVerifier verifier = switch (key) {
                case RSAPublicKey rsa -> new RSASSAVerifier(rsa);
                case ECPublicKey ec -> new ECDSAVerifier(ec);
                default -> null;
            };
            return verifier != null
                    && verifier.supportedJWSAlgorithms()
                            .contains(jws.getHeader().getAlgorithm())
                    && jws.verify(verifier);
        } catch (JOSEException | IllegalArgumentException e) {
            return false;
        }
    }

    ObjectNode claims() {
        return claims;
    }

    String text(String claim) {
        JsonNode value = claims.path(claim);
        return value.isTextual() ? value.textValue() : "";
    }

    /** Whom it is meant for: one text, or a list. */
    List<String> audiences() {
        JsonNode audience = claims.path("aud");
        if (audience.isTextual()) {
            return List.of(audience.textValue());
        }
        List<String> audiences = new ArrayList<>();
        audience.forEach(element -> {
            if (element.isTextual()) {
                audiences.add(element.textValue());
            }
        });
        return audiences;
    }

    /** A time in seconds; null if it is not stated. */
    @Nullable
    Instant time(String claim) throws AuthenticationException {
        return time(claims.path(claim), claim);
    }

    static @Nullable Instant time(JsonNode value, String claim) throws AuthenticationException {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        try {
            if (value.isNumber()) {
                return Instant.ofEpochSecond(value.longValue());
            }
        } catch (DateTimeException e) {
            throw new AuthenticationException("claim " + claim + " is out of range");
        }
        throw new AuthenticationException("claim " + claim + " is not a number");
    }
}
