package io.keelson.agent.embedded.images;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 of some content, by which it is known.
 *
 * @param hex 64 digits in lower case
 */
public record Digest(String hex) {
    private static final String PREFIX = "sha256:";
    private static final int HEX_DIGITS = 64;

    public Digest {
        if (!isHex(hex) || hex.length() != HEX_DIGITS) {
            throw new IllegalArgumentException("not the 64 digits of a SHA-256: " + hex);
        }
    }

    /**
     * Reads {@code sha256:…}.
     *
     * @throws ImageProblem {@code INVALID}
     */
    public static Digest parse(String text) throws ImageProblem {
        if (text.startsWith(PREFIX)
                && text.length() == PREFIX.length() + HEX_DIGITS
                && isHex(text.substring(PREFIX.length()))) {
            return new Digest(text.substring(PREFIX.length()));
        }
        String shown = text.length() > 150 ? text.substring(0, 150) + "…" : text;
        throw new ImageProblem(
                ImageProblem.Kind.INVALID,
                text.startsWith("sha512:") || text.startsWith("sha384:")
                        ? "digest " + shown + ": only sha256 is supported here"
                        : "invalid digest \"" + shown + "\": sha256: and 64 digits in lower case are expected");
    }

    /** Whether a text is made of hexadecimal digits in lower case alone. */
    public static boolean isHex(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    /** The digest of some bytes. */
    public static Digest of(byte[] content) {
        return ofSum(sha256().digest(content));
    }

    /** The digest that a finished calculation gives; the calculation begins anew. */
    public static Digest of(MessageDigest calculation) {
        return ofSum(calculation.digest());
    }

    private static Digest ofSum(byte[] sum) {
        return new Digest(HexFormat.of().formatHex(sum));
    }

    /** A calculation. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** As {@code sha256:…}. */
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
