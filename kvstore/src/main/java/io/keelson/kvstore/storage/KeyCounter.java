package io.keelson.kvstore.storage;

import io.keelson.kvstore.storage.KeyCounts.Piece;
import io.keelson.kvstore.storage.KeyCounts.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the keys of a range in one state. Segments of which the number of keys is known are added up; where nothing is
 * known, and in the two segments that the range's ends fall into, it walks. What it finds on the way is remembered for all
 * who come later, in pieces small enough that walking one takes no time.
 */
final class KeyCounter {
    /** Keys in a piece that is remembered. */
    static final int PIECE_KEYS = 128;

    /** A segment that has grown beyond this is looked at again and cut. */
    private static final int SEGMENT_KEYS_MAX = 4 * PIECE_KEYS;

    /** Pieces that are told at once: a long walk tells what it has found before that is out of date. */
    private static final int PIECES_AT_ONCE = 32;

    private final Database database;
    private final View view;
    private final KeyCounts counts;

    KeyCounter(Database database, View view, KeyCounts counts) {
        this.database = database;
        this.view = view;
        this.counts = counts;
    }

    long count(byte[] from, byte @Nullable [] to) {
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return 0;
        }
        long keys = 0;
        byte[] at = from;
        while (true) {
            Segment segment = counts.segmentOf(at);
            byte[] end = segment.to();
            boolean whole = Arrays.equals(segment.from(), at) && within(end, to);
            if (whole && segment.known()) {
                // From here on, everything up to the segment in which the range ends may be known.
                byte[] lastFrom = to == null ? null : counts.segmentOf(to).from();
                long known = counts.keysOfSegments(at, lastFrom);
                if (known >= 0) {
                    keys += known;
                    return lastFrom == null ? keys : keys + rest(lastFrom, to);
                }
                keys += segment.count();
            } else {
                keys += partOf(segment, at, to);
            }
            if (end == null || !within(end, to) || Arrays.equals(end, to)) {
                return keys;
            }
            at = end;
        }
    }

    private long rest(byte[] lastFrom, byte @Nullable [] to) {
        return Arrays.equals(lastFrom, to) ? 0 : partOf(counts.segmentOf(lastFrom), lastFrom, to);
    }

    /** Whether one end of a range is not beyond another. */
    private static boolean within(byte @Nullable [] end, byte @Nullable [] to) {
        return to == null || (end != null && Arrays.compareUnsigned(end, to) <= 0);
    }

    /** Keys in that part of a segment that lies between two keys, the second of which may be outside. */
    private long partOf(Segment segment, byte[] from, byte @Nullable [] to) {
        byte[] end = within(segment.to(), to) ? segment.to() : to;
        if (segment.known() && segment.count() <= SEGMENT_KEYS_MAX) {
            return segment.count() == 0 ? 0 : walk(from, end);
        }
        if (!segment.known()) {
            return look(from, end);
        }
        // It has grown too large: it is looked at as a whole, because to cut it elsewhere would lose what is known of
        // it.
        look(segment.from(), segment.to());
        return walk(from, end);
    }

    private long walk(byte[] from, byte @Nullable [] to) {
        long keys = 0;
        try (Cursor cursor = view.cursor(Table.CURRENT, from, to, false)) {
            for (; cursor.valid(); cursor.next()) {
                keys++;
            }
        }
        return keys;
    }

    /** Walks and remembers. */
    private long look(byte[] from, byte @Nullable [] to) {
        long keys = 0;
        List<Piece> pieces = new ArrayList<>();
        byte[] pieceFrom = from;
        int pieceKeys = 0;
        try (Cursor cursor = view.cursor(Table.CURRENT, from, to, false)) {
            for (; cursor.valid(); cursor.next()) {
                if (pieceKeys == PIECE_KEYS) {
                    byte[] next = cursor.key();
                    pieces.add(new Piece(pieceFrom, pieceKeys));
                    if (pieces.size() == PIECES_AT_ONCE) {
                        database.found(counts, pieces, next);
                        pieces = new ArrayList<>();
                    }
                    pieceFrom = next;
                    pieceKeys = 0;
                }
                pieceKeys++;
                keys++;
            }
        }
        if (keys > PIECE_KEYS) {
            pieces.add(new Piece(pieceFrom, pieceKeys));
            database.found(counts, pieces, to);
        }
        return keys;
    }
}
