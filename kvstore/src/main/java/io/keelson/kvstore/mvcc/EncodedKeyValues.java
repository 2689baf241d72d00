package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Cursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A growing protobuf encoding into which key-values are copied as they are stored, without decoding them. It grows within
 * one array while it is small, and by further pieces of {@value #PIECE_BYTES} bytes after that; a key-value lies in one
 * piece. What it takes, it takes from the room given before it allocates, and fails as that does
 * ({@link AnswerRoom.Share#take}).
 */
final class EncodedKeyValues {
    private static final int KEY_TAG = (1 << 3) | 2;
    private static final int CAPACITY_MIN = 512;
    /** Arrays cannot be longer. */
    private static final int CAPACITY_MAX = Integer.MAX_VALUE - 16;

    private static final int LENGTH_SIZE_MAX = 5;

    /** Small enough that the collector need not find a place of its own for it. */
    static final int PIECE_BYTES = 256 << 10;

    /** Other encodings up to this size are copied, larger ones taken over as they are. */
    private static final int COPIED_BYTES_MAX = 16 << 10;

    private static final byte[] NOTHING = {};

    private final AnswerRoom.Share room;
    /** The pieces before the last one, each full. */
    private List<byte[]> pieces = List.of();

    private int piecesLength;
    /** The last piece. */
    private byte[] bytes;

    private int length;
    private byte[] key = NOTHING;
    private int keyLength;
    /** Bytes that the length of the latest key-value took: a good guess for the next one. */
    private int lengthSize = 2;

    EncodedKeyValues(AnswerRoom.Share room) {
        this(room, CAPACITY_MIN);
    }

    EncodedKeyValues(AnswerRoom.Share room, int capacity) {
        room.take(capacity);
        this.room = room;
        this.bytes = new byte[capacity];
    }

    int length() {
        return piecesLength + length;
    }

    /** Appends a key-value as a length-delimited field with the given tag. */
    void append(int tag, byte[] userKey, byte[] record, int recordLength) {
        int size = 1 + Varint.size(userKey.length) + userKey.length + recordLength;
        reserve(1L + LENGTH_SIZE_MAX + size);
        bytes[length++] = (byte) tag;
        length = Varint.write(bytes, length, size);
        bytes[length++] = KEY_TAG;
        length = Varint.write(bytes, length, userKey.length);
        System.arraycopy(userKey, 0, bytes, length, userKey.length);
        length += userKey.length;
        System.arraycopy(record, 0, bytes, length, recordLength);
        length += recordLength;
    }

    /**
     * Appends the entry of {@code CURRENT} on which a cursor stands, copied straight from the cursor into its place. The
     * length that stands in front is known last: room for it is kept by guess, and the record moved if the guess was
     * wrong.
     */
    void append(int tag, Cursor cursor, boolean keysOnly) {
        loadKey(cursor);
        int front = 1 + lengthSize + 1 + Varint.size(keyLength) + keyLength;
        reserve((long) front + CAPACITY_MIN + LENGTH_SIZE_MAX);
        int recordAt = length + front;
        int stored = cursor.copyValue(bytes, recordAt);
        if (stored > bytes.length - recordAt - LENGTH_SIZE_MAX) {
            reserve((long) front + stored + LENGTH_SIZE_MAX);
            recordAt = length + front;
            cursor.copyValue(bytes, recordAt);
        }
        StoredRecord record = StoredRecord.parse(bytes, recordAt, stored);
        int recordLength = keysOnly ? record.headLength() : record.length();
        int size = 1 + Varint.size(keyLength) + keyLength + recordLength;
        int wanted = Varint.size(size);
        if (wanted != lengthSize) {
            System.arraycopy(bytes, recordAt, bytes, recordAt + wanted - lengthSize, recordLength);
            lengthSize = wanted;
        }
        bytes[length++] = (byte) tag;
        length = Varint.write(bytes, length, size);
        bytes[length++] = KEY_TAG;
        length = Varint.write(bytes, length, keyLength);
        System.arraycopy(key, 0, bytes, length, keyLength);
        length += keyLength + recordLength;
    }

    /** Appends a number, tag and all; nothing for 0, as protobuf has it. */
    void append(int tag, long number) {
        if (number != 0) {
            reserve(1L + 10);
            bytes[length++] = (byte) tag;
            length = Varint.write(bytes, length, number);
        }
    }

    /** Begins a length-delimited field, of which so many bytes are to follow. */
    void begin(int tag, int contentLength) {
        reserve(1L + LENGTH_SIZE_MAX);
        bytes[length++] = (byte) tag;
        length = Varint.write(bytes, length, contentLength);
    }

    /** Appends bytes as they are. */
    void append(byte[] content) {
        reserve(content.length);
        System.arraycopy(content, 0, bytes, length, content.length);
        length += content.length;
    }

    /** Appends what was encoded with the same room; large pieces are taken over. */
    void append(AnswerBody body) {
        byte[] first = body.first();
        if (body.rest().isEmpty() && first.length <= COPIED_BYTES_MAX) {
            append(first);
            room.give(first.length);
            return;
        }
        endPiece();
        addPiece(first);
        body.rest().forEach(this::addPiece);
    }

    /** All of it; nothing may be appended after that. */
    AnswerBody toBody() {
        if (pieces.isEmpty()) {
            return AnswerBody.of(trimmed());
        }
        endPiece();
        return new AnswerBody(pieces.getFirst(), List.copyOf(pieces.subList(1, pieces.size())));
    }

    /** Lets go of everything; nothing may be appended after that. */
    void drop() {
        pieces = List.of();
        piecesLength = 0;
        bytes = NOTHING;
        length = 0;
    }

    private void loadKey(Cursor cursor) {
        if (key.length == 0) {
            key = new byte[256];
        }
        keyLength = cursor.copyKey(key, 0);
        if (keyLength > key.length) {
            key = new byte[Integer.highestOneBit(keyLength) * 2];
            cursor.copyKey(key, 0);
        }
    }

    /** Sees to it that so many bytes can be written behind the last one. */
    private void reserve(long more) {
        if (length + more > bytes.length) {
            if (length > 0 && length + more > PIECE_BYTES) {
                endPiece();
            }
            grow(length + more);
        }
    }

    private void grow(long needed) {
        if (needed > CAPACITY_MAX) {
            throw EtcdError.RESPONSE_TOO_LARGE.exception();
        }
        long wanted = pieces.isEmpty() ? Math.clamp(2L * bytes.length, CAPACITY_MIN, PIECE_BYTES) : PIECE_BYTES;
        long capacity = Math.max(needed, Math.min(wanted, bytes.length + room.leftBytes()));
        room.take(capacity - bytes.length);
        byte[] larger = new byte[(int) capacity];
        System.arraycopy(bytes, 0, larger, 0, length);
        bytes = larger;
    }

    private void endPiece() {
        if (length > 0) {
            byte[] piece = trimmed();
            bytes = NOTHING;
            length = 0;
            addPiece(piece);
        }
    }

    /** The last piece without what it has not used. */
    private byte[] trimmed() {
        if (length == bytes.length) {
            return bytes;
        }
        byte[] piece = Arrays.copyOf(bytes, length);
        room.give(bytes.length - length);
        return piece;
    }

    private void addPiece(byte[] piece) {
        if (pieces.isEmpty()) {
            pieces = new ArrayList<>();
        }
        pieces.add(piece);
        piecesLength = Math.addExact(piecesLength, piece.length);
    }
}
