package io.keelson.controllers.hollow;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Values that many pods have in common: each is held once. More kinds than there is room for are not shared, and cost
 * memory alone. Safe for any thread.
 *
 * @param <T> what does not change, and is equal by what is in it
 */
final class Shared<T> {
    private static final int KINDS_MAX = 10_000;

    private final Map<T, T> kinds = new ConcurrentHashMap<>();

    /** The one that is held of those that are equal to this. */
    T of(T value) {
        if (kinds.size() >= KINDS_MAX) {
            return kinds.getOrDefault(value, value);
        }
        T known = kinds.putIfAbsent(value, value);
        return known == null ? value : known;
    }
}
