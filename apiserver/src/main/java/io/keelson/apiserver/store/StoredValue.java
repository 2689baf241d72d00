package io.keelson.apiserver.store;

/**
 * A value in the store.
 *
 * @param key the whole key, {@code /registry/pods/default/web} for example
 * @param bytes as they were written, decrypted; not to be changed
 * @param revision of the last change: the object's resource version
 */
public record StoredValue(String key, byte[] bytes, long revision) {}
