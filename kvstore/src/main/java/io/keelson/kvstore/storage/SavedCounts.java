package io.keelson.kvstore.storage;

import io.keelson.kvstore.storage.KeyCounts.Piece;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts of keys on disk, in {@link Table#META}: as they were at some revision that is not newer than the state they are
 * found in. They are written in parts, and come into force with a row written last, so a crash in between leaves the ones
 * before.
 *
 * <p>The row {@code counts}: generation, number of parts, revision (8 bytes each). A part, {@code counts/} and generation
 * and number: segments one behind the other, each the length of its first key (4 bytes), the key, and how many keys it has
 * (8 bytes, below 0 if that is not known).
 *
 * @param revision up to which changes are counted
 */
record SavedCounts(long revision, KeyCounts counts) {
    private static final byte[] HEAD = "counts".getBytes(StandardCharsets.UTF_8);
    private static final byte[] PART = "counts/".getBytes(StandardCharsets.UTF_8);
    private static final int PART_BYTES = 64 << 10;

    private record Head(long generation, long parts, long revision) {
        static Head read(Tables tables) {
            byte[] bytes = tables.get(Table.META, HEAD);
            if (bytes == null) {
                return new Head(0, 0, 0);
            }
            ByteBuffer in = ByteBuffer.wrap(bytes);
            return new Head(in.getLong(), in.getLong(), in.getLong());
        }

        byte[] encode() {
            return ByteBuffer.allocate(3 * Long.BYTES)
                    .putLong(generation)
                    .putLong(parts)
                    .putLong(revision)
                    .array();
        }
    }

    private static byte[] partKey(long generation, long part) {
        return ByteBuffer.allocate(PART.length + 2 * Long.BYTES)
                .put(PART)
                .putLong(generation)
                .putLong(part)
                .array();
    }

    /** Writes them; the state on disk is at least that of their revision by then. */
    void write(Maintenance maintenance) {
        Head before = Head.read(maintenance);
        long generation = before.generation + 1;
        long parts = 0;
        List<Piece> part = new ArrayList<>();
        int bytes = 0;
        for (Piece segment : counts.pieces()) {
            part.add(segment);
            bytes += Integer.BYTES + segment.from().length + Long.BYTES;
            if (bytes >= PART_BYTES) {
                maintenance.put(Table.META, partKey(generation, parts++), encode(part, bytes));
                maintenance.write();
                part.clear();
                bytes = 0;
            }
        }
        if (!part.isEmpty()) {
            maintenance.put(Table.META, partKey(generation, parts++), encode(part, bytes));
        }
        maintenance.put(Table.META, HEAD, new Head(generation, parts, revision).encode());
        for (long old = 0; old < before.parts; old++) {
            maintenance.delete(Table.META, partKey(before.generation, old));
        }
        maintenance.write();
    }

    private static byte[] encode(List<Piece> segments, int bytes) {
        ByteBuffer out = ByteBuffer.allocate(bytes);
        for (Piece segment : segments) {
            out.putInt(segment.from().length).put(segment.from()).putLong(segment.count());
        }
        return out.array();
    }

    /**
     * Reads them; null if there are none.
     *
     * @throws StorageException if what is there cannot be understood
     */
    static @Nullable SavedCounts read(Tables tables) {
        Head head = Head.read(tables);
        if (head.parts == 0) {
            return null;
        }
        List<Piece> segments = new ArrayList<>();
        try {
            for (long part = 0; part < head.parts; part++) {
                byte[] bytes = tables.get(Table.META, partKey(head.generation, part));
                if (bytes == null) {
                    throw new StorageException(
                            StorageException.Kind.CORRUPT, "a part of the counts of keys is missing");
                }
                ByteBuffer in = ByteBuffer.wrap(bytes);
                while (in.hasRemaining()) {
                    byte[] from = new byte[Math.min(in.getInt(), in.remaining())];
                    in.get(from);
                    segments.add(new Piece(from, in.getLong()));
                }
            }
            return new SavedCounts(head.revision, KeyCounts.of(segments));
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw new StorageException(StorageException.Kind.CORRUPT, "a part of the counts of keys is damaged");
        }
    }
}
