package io.keelson.kvstore.mvcc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response in protobuf encoding without its header, which the server writes in front. Large ones come in several pieces
 * that follow each other, so that no answer needs its size twice, nor an array of its whole length.
 */
public final class AnswerBody {
    private static final byte[] NOTHING = {};

    /** Nothing: a response of defaults, or one that nobody asked for. */
    public static final AnswerBody EMPTY = new AnswerBody(NOTHING, List.of());

    private final byte[] first;
    private final List<byte[]> rest;
    private AnswerRoom.@Nullable Share room;

    /**
     * @param first the first piece
     * @param rest the pieces after it; none for a small answer
     */
    AnswerBody(byte[] first, List<byte[]> rest) {
        this.first = first;
        this.rest = rest;
    }

    /** An answer in one piece. */
    public static AnswerBody of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new AnswerBody(bytes, List.of());
    }

    /** The first piece. */
    public byte[] first() {
        return first;
    }

    /** The pieces after it. */
    public List<byte[]> rest() {
        return rest;
    }

    /** Bytes of all pieces. */
    public int sizeBytes() {
        int sum = first.length;
        for (byte[] piece : rest) {
            sum = Math.addExact(sum, piece.length);
        }
        return sum;
    }

    /** All bytes in one array; copied if there are several pieces. */
    public byte[] toByteArray() {
        if (rest.isEmpty()) {
            return first;
        }
        byte[] all = new byte[sizeBytes()];
        System.arraycopy(first, 0, all, 0, first.length);
        int at = first.length;
        for (byte[] piece : rest) {
            System.arraycopy(piece, 0, all, at, piece.length);
            at += piece.length;
        }
        return all;
    }

    /** Has this answer keep its room until {@link #release}, or until nobody can reach it any more. */
    void keep(AnswerRoom.Share share) {
        room = share;
        share.closeWith(this);
    }

    /** The answer has been handed over: others may have its room. */
    public void release() {
        AnswerRoom.Share share = room;
        if (share != null) {
            share.close();
        }
    }
}
