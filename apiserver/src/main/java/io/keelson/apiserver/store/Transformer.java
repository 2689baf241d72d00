package io.keelson.apiserver.store;

import java.security.GeneralSecurityException;

/**
 * Turns the bytes of an object into those that are stored, and back: encryption at rest. The key of the object is
 * authenticated with it, so that a value that was copied under another key is not taken for the one that belongs there.
 * Called by many threads.
 */
public interface Transformer {
    /** Stores objects as they are. */
    Transformer IDENTITY = new Transformer() {
        @Override
        public byte[] toStored(String key, byte[] value) {
            return value;
        }

        @Override
        public Plain fromStored(String key, byte[] stored) {
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
