package io.keelson.apiserver.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;

/**
 * Turns the bytes of an object into those that are stored, and back: encryption at rest. The key of the object is
 * authenticated with it, so that a value that was copied under another key is not taken for the one that belongs there.
 * Called by many threads.
 */
public interface Transformer {
    /** Stores objects as they are; does not take for one what somebody has encrypted. */
    Transformer IDENTITY = new Transformer() {
        @Override
        public byte[] toStored(String key, byte[] value) {
            return value;
        }

        @Override
        public Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
            if (stored.length >= 8 && stored[0] == 'k' && new String(stored, 0, 8, US_ASCII).equals("k8s:enc:")) {
                throw new GeneralSecurityException("identity transformer tried to read encrypted data");
            }
            return new Plain(stored, false);
        }
    };

    /**
     * An object's bytes.
     *
     * @param stale whether they were stored in another way than {@link #toStored} stores them now
     */
    record Plain(byte[] value, boolean stale) {}

    /** The bytes to store. */
    byte[] toStored(String key, byte[] value) throws GeneralSecurityException;

    /**
     * The bytes of an object that was stored.
     *
     * @throws GeneralSecurityException if no key opens them, or they were not stored under this key
     */
    Plain fromStored(String key, byte[] stored) throws GeneralSecurityException;
}
