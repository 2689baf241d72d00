package io.keelson.kvstore.lease;

import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A session over sorted maps in memory. Not thread-safe. */
public final class MapSession implements Session {
    private final Map<Table, NavigableMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
    private final Deque<Map<Table, NavigableMap<byte[], byte[]>>> marks = new ArrayDeque<>();

    public MapSession() {
        for (Table table : Table.values()) {
            tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
        }
    }

    private NavigableMap<byte[], byte[]> table(Table table) {
        NavigableMap<byte[], byte[]> entries = tables.get(table);
        if (entries == null) {
            throw new IllegalStateException("no table " + table);
        }
        return entries;
    }

    public int size(Table table) {
        return table(table).size();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        return table(table).get(key);
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
        table(table).put(key, value);
    }

    @Override
    public void delete(Table table, byte[] key) {
        table(table).remove(key);
    }

    @Override
    public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return;
        }
        NavigableMap<byte[], byte[]> all = table(table);
        NavigableMap<byte[], byte[]> part = to == null ? all.tailMap(from, true) : all.subMap(from, true, to, false);
        List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>(part.entrySet());
        for (Map.Entry<byte[], byte[]> entry : entries) {
            if (!visitor.visit(entry.getKey(), entry.getValue())) {
                return;
            }
        }
    }

    @Override
    public void mark() {
        Map<Table, NavigableMap<byte[], byte[]>> copy = new EnumMap<>(Table.class);
        tables.forEach((table, entries) -> copy.put(table, new TreeMap<>(entries)));
        marks.push(copy);
    }

    @Override
    public void rollback() {
        tables.putAll(marks.pop());
    }

    @Override
    public void keep() {
        marks.pop();
    }
}
