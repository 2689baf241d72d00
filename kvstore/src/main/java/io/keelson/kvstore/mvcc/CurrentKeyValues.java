package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import org.jspecify.annotations.Nullable;

/** The newest state: what {@code CURRENT} holds, without anything to leave out. */
final class CurrentKeyValues implements KeyValues {
    private final Tables tables;
    private final Cursor cursor;
    private final byte @Nullable [] to;

    CurrentKeyValues(Tables tables, KeyRange range) {
        this.tables = tables;
        this.cursor = tables.cursor(Table.CURRENT, range.from(), range.to(), false);
        this.to = range.to();
    }

    @Override
    public long countRest() {
        return cursor.valid() ? tables.countKeys(cursor.key(), to) : 0;
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
