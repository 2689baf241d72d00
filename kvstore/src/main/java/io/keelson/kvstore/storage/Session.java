package io.keelson.kvstore.storage;

import org.jspecify.annotations.Nullable;

/**
 * The apply thread's way to the tables: reads see the writes made before in the same batch, and nothing reaches RocksDB
 * until the batch is committed, as one atomic write. Used by the apply thread only.
 *
 * <p>Byte arrays given to and returned from a session are not to be changed afterwards.
 */
public interface Session {
    /** The value of a key, as the batch has it so far; null if it has none. */
    byte @Nullable [] get(Table table, byte[] key);

    void put(Table table, byte[] key, byte[] value);

    void delete(Table table, byte[] key);

    /**
     * Visits entries in key order, as the batch has them so far. The visitor may not write to the session.
     *
     * @param from first key, inclusive
     * @param to end, exclusive; null for the end of the table
     */
    void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor);

    /** Marks a point to which {@link #rollback} can return. Marks nest. */
    void mark();

    /** Undoes all writes since the latest mark, and forgets that mark. */
    void rollback();

    /** Keeps the writes since the latest mark, and forgets that mark. */
    void keep();

    /** Receives the entries of a scan. */
    @FunctionalInterface
    interface Visitor {
        /** Returns whether to go on. */
        boolean visit(byte[] key, byte[] value);
    }
}
