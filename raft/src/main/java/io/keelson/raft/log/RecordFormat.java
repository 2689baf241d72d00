package io.keelson.raft.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How a record stands in a segment (little endian):
 *
 * <pre>
 *   0 size of the whole record, a multiple of 8     4
 *   4 durable offset                                4
 *   8 index, counted from the segment's first       4
 *  12 kind 1   flags 1   padding 1   zero 1
 *  16 term                                          8
 *  24 CRC32C of the 24 bytes before it              4
 *  28 CRC32C of the whole record but these bytes    4
 *  32 body, zeros as padding, end mark (not zero)
 * </pre>
 *
 * <p>The header has a checksum of its own so that a reader can step over records by their sizes alone, and can trust
 * the size of a record whose body is damaged. Both checksums are changed by a number made of the segment's salt and the
 * record's offset: a copy of a record at any other place, be it in the data of an entry, is not a record.
 *
 * <p>{@code durable offset}: everything in the file before it was on the disk when this record was written.
 */
final class RecordFormat {
    static final int HEADER_BYTES = 32;
    static final int ALIGNMENT_BYTES = 8;

    /** Kinds below this are entries, numbered as sofa-jraft numbers their types; the others are the log's own. */
    static final int FIRST_CONTROL_KIND = 64;

    /** Control record: the log begins at the index that is the body. */
    static final int KIND_FIRST_INDEX = 64;

    /** Control record: the storage was shut down in good order. */
    static final int KIND_SHUTDOWN = 65;

    private static final int SMALLEST_BYTES = HEADER_BYTES + ALIGNMENT_BYTES;
    private static final int HEADER_CRC_OFFSET = 24;
    private static final int RECORD_CRC_OFFSET = 28;
    private static final byte END_MARK = 0x5A;

    private RecordFormat() {}

    /**
     * @param totalBytes size of the record
     * @param paddingBytes zeros and end mark behind the body, 1 to 8
     * @param relativeIndex index minus the segment's first; for a control record that of the entry that will follow
     */
    record Header(
            int totalBytes, int durableOffset, int relativeIndex, int kind, int flags, int paddingBytes, long term) {
        boolean isEntry() {
            return kind < FIRST_CONTROL_KIND;
        }

        int bodyBytes() {
            return totalBytes - HEADER_BYTES - paddingBytes;
        }
    }

    /** Size of a record, or more than an int holds if it is too large. */
    static long totalBytes(long bodyBytes) {
        return (HEADER_BYTES + bodyBytes + ALIGNMENT_BYTES) & -ALIGNMENT_BYTES;
    }

    /**
     * Completes a record whose body has been put at {@code start + HEADER_BYTES}.
     *
     * @param start of the record in the buffer
     * @param offset of the record in the file
     */
    static void seal(
            ByteBuffer buffer,
            int start,
            int bodyBytes,
            long salt,
            int offset,
            int durableOffset,
            int relativeIndex,
            int kind,
            int flags,
            long term) {
        int totalBytes = (int) totalBytes(bodyBytes);
        int paddingBytes = totalBytes - HEADER_BYTES - bodyBytes;
        int bodyEnd = start + HEADER_BYTES + bodyBytes;
        for (int i = 0; i < paddingBytes - 1; i++) {
            buffer.put(bodyEnd + i, (byte) 0);
        }
        buffer.put(start + totalBytes - 1, END_MARK);
        buffer.putInt(start, totalBytes);
        buffer.putInt(start + 4, durableOffset);
        buffer.putInt(start + 8, relativeIndex);
        buffer.put(start + 12, (byte) kind);
        buffer.put(start + 13, (byte) flags);
        buffer.put(start + 14, (byte) paddingBytes);
        buffer.put(start + 15, (byte) 0);
        buffer.putLong(start + 16, term);
        buffer.putInt(start + HEADER_CRC_OFFSET, headerChecksum(buffer, start, salt, offset));
        buffer.putInt(start + RECORD_CRC_OFFSET, recordChecksum(buffer, start, totalBytes, salt, offset));
    }

    /** The header at a place of the buffer, or null if there is none that is intact. Says nothing of the body. */
    static @Nullable Header header(ByteBuffer buffer, int start, long salt, int offset) {
        int totalBytes = buffer.getInt(start);
        int paddingBytes = buffer.get(start + 14);
        if (totalBytes < SMALLEST_BYTES
                || totalBytes % ALIGNMENT_BYTES != 0
                || paddingBytes < 1
                || paddingBytes > ALIGNMENT_BYTES
                || buffer.getInt(start + HEADER_CRC_OFFSET) != headerChecksum(buffer, start, salt, offset)) {
            return null;
        }
        return new Header(
                totalBytes,
                buffer.getInt(start + 4),
                buffer.getInt(start + 8),
                buffer.get(start + 12),
                buffer.get(start + 13),
                paddingBytes,
                buffer.getLong(start + 16));
    }

    /** Whether the record whose header is intact is intact as a whole. */
    static boolean isIntact(ByteBuffer buffer, int start, int totalBytes, long salt, int offset) {
        return buffer.getInt(start + RECORD_CRC_OFFSET) == recordChecksum(buffer, start, totalBytes, salt, offset);
    }

    private static int headerChecksum(ByteBuffer buffer, int start, long salt, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(start, HEADER_CRC_OFFSET));
        return (int) crc.getValue() ^ (int) placeOf(salt, offset);
    }

    private static int recordChecksum(ByteBuffer buffer, int start, int totalBytes, long salt, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(start, RECORD_CRC_OFFSET));
        crc.update(buffer.slice(start + HEADER_BYTES, totalBytes - HEADER_BYTES));
        return (int) crc.getValue() ^ (int) (placeOf(salt, offset) >>> 32);
    }

    /** A number that has nothing in common with that of another segment or another offset (the SplitMix64 mixer). */
    private static long placeOf(long salt, int offset) {
        long mixed = salt + offset * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
