package io.keelson.kvstore.storage;

/**
 * A position in a table, moving forward in key order between the bounds it was opened with. To be closed, before the
 * {@link Tables} it came from. One thread at a time.
 */
public interface Cursor extends AutoCloseable {
    /** Whether the cursor stands on an entry. The cursor stands on the first one when opened. */
    boolean valid();

    /** Moves to the first entry at or after {@code key}. */
    void seek(byte[] key);

    /** Moves to the next entry; only while {@link #valid()}. */
    void next();

    /** The key of the entry, as a new array or one that is not to be changed. */
    byte[] key();

    /** The value of the entry, as a new array or one that is not to be changed. */
    byte[] value();

    /**
     * Copies as much of the key as fits.
     *
     * @return the length of the whole key
     */
    int copyKey(byte[] target, int offset);

    /**
     * Copies as much of the value as fits.
     *
     * @return the length of the whole value
     */
    int copyValue(byte[] target, int offset);

    @Override
    void close();
}
