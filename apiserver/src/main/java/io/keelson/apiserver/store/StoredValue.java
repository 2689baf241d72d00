package io.keelson.apiserver.store;

/**
 * A value in the store.
 *
 * @param key the whole key, {@code /registry/pods/default/web} for example
 * @param bytes as they were written, decrypted; not to be changed
 * @param revision of the last change: the object's resource version
 * @param stale whether it should be written again although the object is the same, because it is encrypted in a way that
 *     is no longer the one to write with
 */
public record StoredValue(String key, byte[] bytes, long revision, boolean stale) {
    /** A value that is stored as it should be. */
    public StoredValue(String key, byte[] bytes, long revision) {
        this(key, bytes, revision, false);
    }
}
