package io.keelson.kvstore.mvcc;

/** The keys of a range that exist at one revision, in order, one after the other. To be closed. */
interface KeyValues extends AutoCloseable {
    /** Whether there is a key at the position, which is the first one after opening. */
    boolean valid();

    /** Moves on; only while {@link #valid()}. */
    void next();

    byte[] key();

    /** The record of the key, perhaps with a trailer (see {@link StoredRecord}). */
    byte[] stored();

    /** Copies the key-value behind what was appended before. */
    void appendTo(EncodedKeyValues out, int tag, boolean keysOnly);

    /** How many keys there are from the position on. Ends the walk: nothing but {@link #close} may follow. */
    default long countRest() {
        long count = 0;
        while (valid()) {
            count++;
            next();
        }
        return count;
    }

    @Override
    void close();
}
