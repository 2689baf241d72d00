package io.keelson.kvstore.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;

/** What a view has in memory, for threads that must not wait for the disk: single keys only. */
final class MemoryTables implements Tables {
    private final RocksInstance instance;
    private final ReadOptions options;

    /** @param viewOptions how the view is read otherwise */
    MemoryTables(RocksInstance instance, ReadOptions viewOptions) {
        this.instance = instance;
        this.options = new ReadOptions(viewOptions).setReadTier(ReadTier.BLOCK_CACHE_TIER);
    }

    /** {@inheritDoc} Throws {@link NotInMemoryException} if the disk would have to be asked. */
    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        return instance.get(table, key, options);
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
        throw new NotInMemoryException();
    }

    @Override
    public Cursor cursor(Table table, byte[] from, byte @Nullable [] to, boolean once) {
        throw new NotInMemoryException();
    }

    void close() {
        options.close();
    }
}
