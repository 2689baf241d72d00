package io.keelson.raft.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first block of a segment: what the segment is, and where the log before it ends. Written once, before the first
 * record, and durable before anything follows it.
 *
 * <pre>
 *   0 magic        8   version      4   file size    4
 *  16 log id       8   sequence     8   salt         8   first index  8   first index of the log  8
 *  56 previous sequence  8   end in previous  4   newest configuration: offset 4, sequence 8, index 8
 * 120 CRC32C of the bytes before it  4   zero 3   end mark 1
 * </pre>
 *
 * @param segmentBytes size of the file
 * @param logId random, the same in all segments of a log: a file of another log is not taken for one of this
 * @param sequence grows with every segment ever started; names the file
 * @param salt random, mixed into the checksum of each record of this file
 * @param firstIndex index of the first entry this segment holds or will hold
 * @param logFirstIndex first index of the log when the segment was started
 * @param previousSequence segment that holds the entries just before {@code firstIndex}, 0 if there are none
 * @param previousEnd where the log ends in that segment; what stands behind is not part of the log
 * @param configuration the newest configuration entry before {@code firstIndex}
 */
record SegmentHeader(
        int segmentBytes,
        long logId,
        long sequence,
        long salt,
        long firstIndex,
        long logFirstIndex,
        long previousSequence,
        int previousEnd,
        ConfigurationPointer configuration) {
    static final int BYTES = 128;

    private static final long MAGIC = 0x474F4C4C45454BF1L;
    private static final int VERSION = 1;
    private static final int CRC_OFFSET = 120;
    private static final byte END_MARK = 0x5A;

    ByteBuffer encode() {
        ByteBuffer block = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        block.putLong(MAGIC).putInt(VERSION).putInt(segmentBytes);
        block.putLong(logId).putLong(sequence).putLong(salt);
        block.putLong(firstIndex).putLong(logFirstIndex);
        block.putLong(previousSequence).putInt(previousEnd);
        block.putInt(configuration.offset()).putLong(configuration.sequence()).putLong(configuration.index());
        block.putInt(CRC_OFFSET, checksum(block));
        block.put(BYTES - 1, END_MARK);
        return block.clear();
    }

    /** The header in a block of {@link #BYTES} bytes, or null if they are not one. */
    static @Nullable SegmentHeader decode(ByteBuffer block) {
        if (block.getLong(0) != MAGIC
                || block.getInt(CRC_OFFSET) != checksum(block)
                || block.get(BYTES - 1) != END_MARK) {
            return null;
        }
        return new SegmentHeader(
                block.getInt(12),
                block.getLong(16),
                block.getLong(24),
                block.getLong(32),
                block.getLong(40),
                block.getLong(48),
                block.getLong(56),
                block.getInt(64),
                new ConfigurationPointer(block.getLong(72), block.getInt(68), block.getLong(80)));
    }

    /** The format of a block that begins like a header; a number this code does not know is not damage. */
    static boolean isOfUnknownVersion(ByteBuffer block) {
        return block.getLong(0) == MAGIC && block.getInt(8) != VERSION && block.getInt(CRC_OFFSET) == checksum(block);
    }

    /**
     * Whether the block can be what an interrupted write of a header left behind. A write goes from front to back or
     * not at all (the block lies in one sector), and the last byte of a header is not 0.
     */
    static boolean isCutShort(ByteBuffer block) {
        return block.get(BYTES - 1) == 0;
    }

    private static int checksum(ByteBuffer block) {
        CRC32C crc = new CRC32C();
        crc.update(block.duplicate().position(0).limit(CRC_OFFSET));
        return (int) crc.getValue();
    }
}
