package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.util.Collections;
import java.util.NavigableMap;

/**
 * A bucket to be written, gone through twice: first for its lengths, then for its bytes. Both times the same entries in
 * the same order, ascending by key in unsigned byte order, each key once; a consistent view of a store gives that.
 */
public interface BoltSource {
    /** The bucket's name, 1 to 32,768 bytes. */
    byte[] name();

    /** Goes through the lengths of all entries. */
    default void lengths(Lengths lengths) throws IOException {
        entries((key, value) -> lengths.entry(key.length, value.length));
    }

    /** Goes through all entries. */
    void entries(Entries entries) throws IOException;

    /** A small bucket held in memory. The map's order must be that of unsigned bytes. */
    static BoltSource of(byte[] name, NavigableMap<byte[], byte[]> entries) {
        NavigableMap<byte[], byte[]> map = Collections.unmodifiableNavigableMap(entries);
        return new BoltSource() {
            @Override
            public byte[] name() {
                return name;
            }

            @Override
            public void entries(Entries sink) throws IOException {
                for (var entry : map.entrySet()) {
                    sink.entry(entry.getKey(), entry.getValue());
                }
            }
        };
    }

    /** Receives the lengths of one entry after the other. */
    @FunctionalInterface
    interface Lengths {
        /**
         * @param keyBytes 1 to 32,768
         * @param valueBytes 0 or more
         */
        void entry(int keyBytes, int valueBytes) throws IOException;
    }

    /** Receives one entry after the other. The arrays are not kept beyond the writing of their page. */
    @FunctionalInterface
    interface Entries {
        void entry(byte[] key, byte[] value) throws IOException;
    }
}
