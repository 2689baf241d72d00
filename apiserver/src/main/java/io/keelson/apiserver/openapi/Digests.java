package io.keelson.apiserver.openapi;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What documents are known again by. */
final class Digests {
    private Digests() {}

    static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-512", e);
        }
    }

    /** As it stands in ETags and in the addresses of documents. */
    static String hex(byte[] bytes) {
        return HexFormat.of().withUpperCase().formatHex(sha512(bytes));
    }
}
