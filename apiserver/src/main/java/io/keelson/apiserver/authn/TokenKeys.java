package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of service accounts' tokens: one to sign with, several that are believed. A key's id is the digest of the key,
 * so that it tells nothing about it.
 */
public final class TokenKeys implements ServiceAccountKeys {
    private static final int MAX_AGE_SECONDS = 3_600;

    private final JWSHeader header;
    private final JWSSigner signer;
    private final Map<String, PublicKey> trusted = new LinkedHashMap<>();

    /**
     * @param signingKey RSA, or P-256, P-384 or P-521
     * @param trusted further keys whose tokens hold; the signing key's always do
     */
    public TokenKeys(PrivateKey signingKey, List<PublicKey> trusted) throws IOException {
        PublicKey own = SigningKey.publicOf(signingKey);
        this.trusted.put(keyId(own), own);
        trusted.forEach(key -> this.trusted.put(keyId(key), key));
        try {
            this.header =
                    new JWSHeader.Builder(algorithm(own)).keyID(keyId(own)).build();
            this.signer = switch (signingKey) {
                case RSAPrivateKey rsa -> new RSASSASigner(rsa);
                case ECPrivateKey ec -> new ECDSASigner(ec);
                default -> throw new IOException("unknown private key type " + signingKey.getAlgorithm());
            };
        } catch (JOSEException e) {
            throw new IOException("cannot sign with the key of service accounts: " + e.getMessage(), e);
        }
    }

    static String keyId(PublicKey key) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The algorithm that tokens are signed with by a key. */
    static JWSAlgorithm algorithm(PublicKey key) throws IOException {
        if (key instanceof RSAPublicKey) {
            return JWSAlgorithm.RS256;
        }
        if (key instanceof ECPublicKey ec) {
            Curve curve = Curve.forECParameterSpec(ec.getParams());
            if (Curve.P_256.equals(curve)) {
                return JWSAlgorithm.ES256;
            }
            if (Curve.P_384.equals(curve)) {
                return JWSAlgorithm.ES384;
            }
            if (Curve.P_521.equals(curve)) {
                return JWSAlgorithm.ES512;
            }
        }
        throw new IOException("unknown public key type " + key.getAlgorithm() + ", must be RSA or ECDSA");
    }

    @Override
    public String sign(ObjectNode claims) {
        JWSObject token = new JWSObject(header, new Payload(Json.encode(claims)));
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("failed to generate token", e);
        }
        return token.serialize();
    }

    @Override
    public List<PublicKey> candidates(String keyId) {
        if (keyId.isEmpty()) {
            return List.copyOf(trusted.values());
        }
        PublicKey key = trusted.get(keyId);
        return key == null ? List.of() : List.of(key);
    }

    @Override
    public ObjectNode keySet() throws IOException {
        ObjectNode set = Json.object();
        ArrayNode keys = set.putArray("keys");
        for (Map.Entry<String, PublicKey> entry : trusted.entrySet()) {
            keys.add(webKey(entry.getKey(), entry.getValue()));
        }
        return set;
    }

    /** A key as a JSON Web Key. */
    static JsonNode webKey(String id, PublicKey key) throws IOException {
        JWK made = switch (key) {
            case RSAPublicKey rsa ->
                new RSAKey.Builder(rsa)
                        .keyUse(KeyUse.SIGNATURE)
                        .keyID(id)
                        .algorithm(algorithm(rsa))
                        .build();
            case ECPublicKey ec ->
                new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec)
                        .keyUse(KeyUse.SIGNATURE)
                        .keyID(id)
                        .algorithm(algorithm(ec))
                        .build();
            default -> throw new IOException("unknown public key type");
        };
        return Json.mapper().valueToTree(made.toJSONObject());
    }

    @Override
    public int maxAgeSeconds() {
        return MAX_AGE_SECONDS;
    }

    @Override
    public List<String> algorithms() throws IOException {
        List<String> algorithms = new ArrayList<>();
        for (PublicKey key : trusted.values()) {
            String name = algorithm(key).getName();
            if (!algorithms.contains(name)) {
                algorithms.add(name);
            }
        }
        return algorithms;
    }
}
