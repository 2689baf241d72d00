package io.keelson.kvstore.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A background thread's hold on the database, to drop what nobody can read any more.
 *
 * <p>Its writes carry no log index. That is sound because RocksDB keeps writes in one order and a crash loses only the
 * end of it: whatever a background batch was decided upon had been written before it, so it survives wherever the batch
 * does. The hold is on one particular database; after a {@link Database#restore} it still works, on what was replaced.
 */
public final class Maintenance implements Tables, AutoCloseable {
    private final Database database;
    private final RocksInstance instance;
    private final BatchBytes bytes = new BatchBytes();

    Maintenance(Database database, RocksInstance instance) {
        this.database = database;
        this.instance = instance;
    }

    /** Whether the database held is the one in force. */
    public boolean inForce() {
        return database.isInForce(instance);
    }

    boolean isOf(RocksInstance other) {
        return instance == other;
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        return instance.get(table, key);
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
        return instance.getAll(table, keys);
    }

    @Override
    public Cursor cursor(Table table, byte[] from, byte @Nullable [] to, boolean once) {
        return instance.cursor(table, from, to, once, null);
    }

    /** Adds to the batch. */
    public void put(Table table, byte[] key, byte[] value) {
        bytes.put(instance.columnFamilyId(table), key, value);
    }

    /** Adds to the batch. */
    public void delete(Table table, byte[] key) {
        bytes.delete(instance.columnFamilyId(table), key);
    }

    /** Size of the batch so far. */
    public int sizeBytes() {
        return bytes.sizeBytes();
    }

    /** Writes the batch atomically, and begins another. */
    public void write() {
        instance.write(bytes);
    }

    @Override
    public void close() {
        instance.release();
    }
}
