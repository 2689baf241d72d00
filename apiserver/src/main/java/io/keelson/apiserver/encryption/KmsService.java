package io.keelson.apiserver.encryption;

import java.security.GeneralSecurityException;
import java.util.Map;

/** A plugin that encrypts keys with a key of its own that never leaves it: version 2 of the KMS plugin API. */
interface KmsService extends AutoCloseable {
    /**
     * How it is.
     *
     * @param version of the API it speaks, {@code v2}
     * @param health {@code ok}, or what is wrong
     * @param keyId of the key that it encrypts with now
     */
    record Status(String version, String health, String keyId) {}

    /**
     * Something encrypted.
     *
     * @param keyId of the key that it was encrypted with
     * @param annotations what the plugin wants to be told when it is to decrypt it
     */
    record Encrypted(byte[] bytes, String keyId, Map<String, byte[]> annotations) {
        public Encrypted {
            annotations = Map.copyOf(annotations);
        }
    }

    Status status() throws GeneralSecurityException;

    /** @param uid for the plugin's log */
    Encrypted encrypt(String uid, byte[] plain) throws GeneralSecurityException;

    /** @param uid for the plugin's log */
    byte[] decrypt(String uid, Encrypted encrypted) throws GeneralSecurityException;

    @Override
    void close();
}
