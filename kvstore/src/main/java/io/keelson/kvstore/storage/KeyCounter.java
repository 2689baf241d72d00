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

    /** Pieces that are told at once: a long walk tells what it has found before that is out of date. */
    private static final int PIECES_AT_ONCE = 32;

    private final Database database;
    private final Keys keys;
    private final KeyCounts counts;

    /** The keys of the state that is counted. */
    @FunctionalInterface
    interface Keys {
        /** See {@link Tables#cursor}. */
        Cursor cursor(byte[] from, byte @Nullable [] to, boolean once);
    }

    /** @param counts what is known of the state */
    KeyCounter(Database database, Keys keys, KeyCounts counts) {
        this.database = database;
        this.keys = keys;
        this.counts = counts;
    }

    /** What is known of the state. */
    KeyCounts counts() {
        return counts;
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
        if (segment.known()) {
            return segment.count() == 0 ? 0 : walk(from, end);
        }
        return look(from, end);
    }

    private long walk(byte[] from, byte @Nullable [] to) {
        long walked = 0;
        try (Cursor cursor = keys.cursor(from, to, false)) {
            for (; cursor.valid(); cursor.next()) {
                walked++;
            }
        }
        return walked;
    }

    /** Walks and remembers. */
    private long look(byte[] from, byte @Nullable [] to) {
        long walked = 0;
        Pieces pieces = new Pieces(from);
        try (Cursor cursor = keys.cursor(from, to, false)) {
            for (; cursor.valid(); cursor.next()) {
                if (pieces.complete() && pieces.end(cursor.key()) == PIECES_AT_ONCE) {
                    pieces.tell(cursor.key());
                }
                pieces.count++;
                walked++;
            }
        }
        if (walked > PIECE_KEYS) {
            pieces.end(from);
            pieces.tell(to);
        }
        return walked;
    }

    /**
     * Walks over a segment, or a part of it, until it has found as much as is told at once, and remembers it.
     *
     * @param to the end of the segment, exclusive; null for the end of all keys
     * @param wanted how far is asked for; it ends with a whole piece, so that many who ask for little do not cut the keys
     *     into more segments than one who asks for all
     * @return false if what was found is of no use
     */
    boolean survey(byte[] from, byte @Nullable [] to, byte @Nullable [] wanted) {
        Pieces pieces = new Pieces(from);
        try (Cursor cursor = keys.cursor(from, to, true)) {
            for (; cursor.valid(); cursor.next()) {
                if (pieces.complete()) {
                    byte[] key = cursor.key();
                    if (pieces.end(key) == PIECES_AT_ONCE || !within(key, wanted)) {
                        return pieces.tell(key);
                    }
                }
                pieces.count++;
            }
        }
        pieces.end(from);
        return pieces.tell(to);
    }

    /** What is found on a walk. */
    private final class Pieces {
        private List<Piece> whole = new ArrayList<>();
        private byte[] from;
        private int count;

        Pieces(byte[] from) {
            this.from = from;
        }

        boolean complete() {
            return count == PIECE_KEYS;
        }

        /** The piece ends before a key; returns how many there are now. */
        int end(byte[] next) {
            whole.add(new Piece(from, count));
            from = next;
            count = 0;
            return whole.size();
        }

        /** Returns false if that is of no use. */
        boolean tell(byte @Nullable [] to) {
            List<Piece> told = whole;
            whole = new ArrayList<>();
            return database.found(counts, told, to);
        }
    }
}
