package io.keelson.apiserver.store;

/**
 * That there is a value in the store.
 *
 * @param key the whole key, {@code /registry/pods/default/web} for example
 * @param revision of the last change: the object's resource version
 */
public record StoredKey(String key, long revision) {}
