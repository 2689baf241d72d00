package io.keelson.controllers.bootstrap;

import io.fabric8.kubernetes.api.model.Secret;
import io.keelson.controllers.objects.OrEmpty;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A token with which content is signed.
 *
 * @param id its public part, six letters and digits
 * @param secret its other part
 */
record BootstrapToken(String id, String secret) {
    static final String NAMESPACE = "kube-system";
    private static final String TYPE = "bootstrap.kubernetes.io/token";
    private static final Pattern NAME = Pattern.compile("bootstrap-token-([a-z0-9]{6})");
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /** Whether a Secret holds such a token, in the place for them. */
    static boolean isIn(Secret secret) {
        return TYPE.equals(secret.getType())
                && NAMESPACE.equals(secret.getMetadata().getNamespace());
    }

    /** The token of a Secret that is for signing; null if it is expired, not for signing, or not well formed. */
    static @Nullable BootstrapToken forSigning(Secret secret, Instant now) {
        Matcher name = NAME.matcher(secret.getMetadata().getName());
        String id = data(secret, "token-id");
        String token = data(secret, "token-secret");
        if (!isIn(secret)
                || !name.matches()
                || !name.group(1).equals(id)
                || token.isEmpty()
                || !expires(secret).isAfter(now)
                || !data(secret, "usage-bootstrap-signing").equals("true")) {
            return null;
        }
        return new BootstrapToken(id, token);
    }

    /** When a Secret expires: never, if it does not say; long ago, if it says what is no time. */
    static Instant expires(Secret secret) {
        String expiration = data(secret, "expiration");
        if (expiration.isEmpty()) {
            return Instant.MAX;
        }
        try {
            return OffsetDateTime.parse(expiration).toInstant();
        } catch (DateTimeException e) {
            return Instant.MIN;
        }
    }

    private static String data(Secret secret, String name) {
        try {
            byte[] bytes = Base64.getDecoder()
                    .decode(OrEmpty.of(OrEmpty.of(secret.getData()).get(name)));
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // No server stores what is not base64.
            return "";
        }
    }

    /** A JWS of content by HS256, without the content: {@code header..signature}. */
    String sign(String content) {
        String header = encode("{\"alg\":\"HS256\",\"kid\":\"" + id + "\"}");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] signature = mac.doFinal((header + '.' + encode(content)).getBytes(StandardCharsets.US_ASCII));
            return header + ".." + BASE64.encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is not there", e);
        }
    }

    private static String encode(String text) {
        return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
