package io.keelson.raft.log;

/**
 * Where a configuration entry stands. Every such entry points to the one before it, and the header of a segment to the
 * newest one written before the segment, so that a start finds all of them without reading the data between them.
 *
 * @param sequence of the segment
 * @param offset of the record in it, in bytes
 * @param index of the entry
 */
record ConfigurationPointer(long sequence, int offset, long index) {
    static final ConfigurationPointer NONE = new ConfigurationPointer(0, 0, 0);

    boolean exists() {
        return sequence != 0;
    }
}
