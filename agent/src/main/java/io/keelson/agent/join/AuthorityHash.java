package io.keelson.agent.join;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

/** The hash of an authority's public key, {@code sha256:HEX}: what joining machines are told to know it by. */
public final class AuthorityHash {
    private static final String PREFIX = "sha256:";

    private AuthorityHash() {}

    /** The hash of a certificate's key. */
    public static String of(X509Certificate authority) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(authority.getPublicKey().getEncoded());
            return PREFIX + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * A hash as it is compared.
     *
     * @throws IllegalArgumentException if it is none
     */
    static String checked(String hash) {
        String small = hash.toLowerCase(Locale.ROOT);
        if (!small.matches(PREFIX + "[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "invalid public key hash, expected \"sha256:\" and 64 hexadecimal digits: \""
                            + (hash.length() > 100 ? hash.substring(0, 100) + "…" : hash) + '"');
        }
        return small;
    }
}
