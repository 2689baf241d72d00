package io.keelson.kvstore.storage;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** A cursor over what RocksDB has. Owns the native iterator and what it was opened with. */
final class RocksCursor implements Cursor {
    private final Failure failure;
    private final ReadOptions options;
    private final @Nullable Slice bound;
    private final RocksIterator iterator;
    private final Table table;
    private boolean valid;

    RocksCursor(
            Failure failure,
            Table table,
            ReadOptions options,
            @Nullable Slice bound,
            RocksIterator iterator,
            byte[] from) {
        this.failure = failure;
        this.table = table;
        this.options = options;
        this.bound = bound;
        this.iterator = iterator;
        iterator.seek(from);
        settle();
    }

    @Override
    public boolean valid() {
        return valid;
    }

    @Override
    public void seek(byte[] key) {
        iterator.seek(key);
        settle();
    }

    @Override
    public void next() {
        iterator.next();
        settle();
    }

    /** An iterator that meets an error ends, as it does at the end of the table: only its status tells the two apart. */
    private void settle() {
        valid = iterator.isValid();
        if (!valid) {
            try {
                iterator.status();
            } catch (RocksDBException e) {
                close();
                throw failure.record(StorageException.of("reading table " + table.columnFamily(), e));
            }
        }
    }

    @Override
    public byte[] key() {
        return iterator.key();
    }

    @Override
    public byte[] value() {
        return iterator.value();
    }

    @Override
    public int copyKey(byte[] target, int offset) {
        return iterator.key(target, offset, target.length - offset);
    }

    @Override
    public int copyValue(byte[] target, int offset) {
        return iterator.value(target, offset, target.length - offset);
    }

    @Override
    public void close() {
        valid = false;
        iterator.close();
        options.close();
        if (bound != null) {
            bound.close();
        }
    }
}
