package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.Cursor;

/** The newest state: what {@code CURRENT} holds, without anything to leave out. */
final class CurrentKeyValues implements KeyValues {
    private final Cursor cursor;

    CurrentKeyValues(Cursor cursor) {
        this.cursor = cursor;
    }

    @Override
    public boolean valid() {
        return cursor.valid();
    }

    @Override
    public void next() {
        cursor.next();
    }

    @Override
    public byte[] key() {
        return cursor.key();
    }

    @Override
    public byte[] stored() {
        return cursor.value();
    }

    @Override
    public void appendTo(EncodedKeyValues out, int tag, boolean keysOnly) {
        out.append(tag, cursor, keysOnly);
    }

    @Override
    public void close() {
        cursor.close();
    }
}
