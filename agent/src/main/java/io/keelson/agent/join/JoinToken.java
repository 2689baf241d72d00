package io.keelson.agent.join;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A token by which a machine joins: {@code abcdef.0123456789abcdef}.
 *
 * @param id its public part
 * @param secret its other part
 */
public record JoinToken(String id, String secret) {
    private static final Pattern FORM = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /** @throws IllegalArgumentException if it is none */
    public static JoinToken parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            // It may be a token with a slip in it, which nobody else is to read.
            throw new IllegalArgumentException("the bootstrap token is not of the form \"" + FORM.pattern()
                    + "\": six and sixteen small letters and"
                    + " digits with a dot between them, as keelson token create prints it");
        }
        return new JoinToken(parts.group(1), parts.group(2));
    }

    /** A new one. */
    public static JoinToken random() {
        SecureRandom random = new SecureRandom();
        return new JoinToken(letters(random, 6), letters(random, 16));
    }

    private static String letters(SecureRandom random, int count) {
        StringBuilder text = new StringBuilder(count);
        random.ints(count, 0, LETTERS.length()).forEach(index -> text.append(LETTERS.charAt(index)));
        return text.toString();
    }

    /** As it is given to machines. */
    public String text() {
        return id + '.' + secret;
    }

    /** Keeps the secret out of logs. */
    @Override
    public String toString() {
        return id + ".<secret>";
    }

    /**
     * Whether a signature (JWS by HS256, without its content) is that of content by this token.
     *
     * @param signature {@code header..signature}
     */
    boolean hasSigned(String content, String signature) {
        String[] parts = signature.split("\\.", -1);
        if (parts.length != 3 || !parts[1].isEmpty()) {
            return false;
        }
        try {
            String header = new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8);
            // What else stands in it is signed as well; another way of signing, none for one, is not what tokens are
            // for.
            if (!header.replaceAll("\\s", "").contains("\"alg\":\"HS256\"")) {
                return false;
            }
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            String signed = parts[0] + '.' + BASE64.encodeToString(content.getBytes(StandardCharsets.UTF_8));
            return MessageDigest.isEqual(
                    mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)),
                    Base64.getUrlDecoder().decode(parts[2]));
        } catch (IllegalArgumentException e) {
            // Not even base64.
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
