package io.keelson.kvstore.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One consistent state of all tables to read from: a {@link View}, or what a batch has made of it so far. */
public interface Tables {
    /** The value of a key, not to be changed; null if it has none. */
    byte @Nullable [] get(Table table, byte[] key);

    /** The values of several keys of a table, in the order of the keys; null where there is none. */
    List<byte @Nullable []> getAll(Table table, List<byte[]> keys);

    /**
     * How many keys {@link Table#CURRENT} has in a range. Walks over it, unless something is known of it.
     *
     * @param from first key, inclusive
     * @param to end, exclusive; null for the end of the table
     */
    default long countKeys(byte[] from, byte @Nullable [] to) {
        long keys = 0;
        try (Cursor cursor = cursor(Table.CURRENT, from, to, false)) {
            for (; cursor.valid(); cursor.next()) {
                keys++;
            }
        }
        return keys;
    }

    /**
     * Opens a cursor on the first entry of a range.
     *
     * @param from first key, inclusive
     * @param to end, exclusive; null for the end of the table
     * @param once the entries are not likely to be read again soon, and should not push others out of the cache
     */
    Cursor cursor(Table table, byte[] from, byte @Nullable [] to, boolean once);
}
