package io.keelson.apiserver.store;

import java.util.List;

/**
 * A part of the values below a prefix, in the order of their keys.
 *
 * @param revision at which all of it was read
 * @param more whether there are further ones behind the last
 * @param remaining how many those are
 */
public record StorePage(List<StoredValue> values, long revision, boolean more, long remaining) {
    public StorePage {
        values = List.copyOf(values);
    }
}
