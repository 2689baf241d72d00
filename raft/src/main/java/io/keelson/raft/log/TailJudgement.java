package io.keelson.raft.log;

import io.keelson.raft.log.RecordFormat.Header;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Says what the place means where the records of the newest segment end: the end of the log, a write that the power cut
 * interrupted, or damage to what was once durable. Only the second may be cut off.
 *
 * <p>What it goes by:
 * <ol>
 *   <li>The file was filled with zeros before its first record. If only zeros follow, the log ends here.
 *   <li>A record names the offset before which all was durable when it was written. If any record further on names one
 *       behind this place, then what stood here had been on the disk, and may have been acknowledged: damage.
 *   <li>Otherwise this place belongs to the last write. The disk carries a write out sector by sector, in any order, and
 *       a sector that was not reached still holds zeros; a process that dies leaves a front part. So a record that was
 *       interrupted has a sector that is all zeros, or its last byte, which no complete record has as zero, is zero and
 *       so is the rest of the file. If neither is the case, no interrupted write looks like this: damage.
 * </ol>
 *
 * <p>What remains undecidable: a record of the very last write that has lost a sector, or whose data has a whole sector
 * of zeros and that was damaged elsewhere, is taken for interrupted even if it had been acknowledged. A shutdown in good
 * order writes a record of its own, so after one nothing acknowledged is in the last write.
 */
final class TailJudgement {
    /** What disks write whole or not at all. */
    private static final int SECTOR_BYTES = 512;

    enum Tail {
        /** Nothing was ever written here: go on writing. */
        UNWRITTEN,
        /** The rest of an interrupted write follows: the log ends here, and this file must not be written again. */
        INTERRUPTED
    }

    private final SegmentFile file;
    private final SegmentHeader segment;
    private final int place;
    private final int size;
    private final int lastWritten;

    private TailJudgement(SegmentFile file, SegmentHeader segment, int place, int size) throws IOException {
        this.file = file;
        this.segment = segment;
        this.place = place;
        this.size = size;
        this.lastWritten = lastNonZero(file, place, size);
    }

    /**
     * @param place where the intact records end
     * @param index of the entry that would have come next
     * @throws LogCorruptedException if something durable was damaged
     */
    static Tail judge(SegmentFile file, SegmentHeader segment, int place, long index) throws IOException {
        TailJudgement judgement = new TailJudgement(file, segment, place, segment.segmentBytes());
        if (judgement.lastWritten < 0) {
            return Tail.UNWRITTEN;
        }
        int witness = judgement.recordWrittenWhenPlaceWasDurable();
        if (witness >= 0) {
            throw new LogCorruptedException(
                    file.path(),
                    place,
                    index,
                    "the record does not match its checksum, and the record at offset " + witness
                            + " shows that it had been durable");
        }
        if (!judgement.looksInterrupted()) {
            throw new LogCorruptedException(
                    file.path(),
                    place,
                    index,
                    "the record does not match its checksum, and no part of it is missing as it would be after an"
                            + " interrupted write");
        }
        return Tail.INTERRUPTED;
    }

    private int recordWrittenWhenPlaceWasDurable() throws IOException {
        SegmentWindow window = new SegmentWindow(file, size);
        int first = place + RecordFormat.ALIGNMENT_BYTES;
        for (int offset = first; offset <= lastWritten; offset += RecordFormat.ALIGNMENT_BYTES) {
            if (size - offset < RecordFormat.HEADER_BYTES) {
                break;
            }
            int at = window.show(offset, RecordFormat.HEADER_BYTES);
            ByteBuffer buffer = window.buffer();
            int durableOffset = buffer.getInt(at + 4);
            if (durableOffset <= place || durableOffset > offset) {
                continue;
            }
            if (RecordFormat.header(buffer, at, segment.salt(), offset) != null) {
                return offset;
            }
        }
        return -1;
    }

    private boolean looksInterrupted() throws IOException {
        int recordEnd = Math.min(place + RecordFormat.HEADER_BYTES, size);
        if (recordEnd - place == RecordFormat.HEADER_BYTES) {
            SegmentWindow window = new SegmentWindow(file, size);
            int at = window.show(place, RecordFormat.HEADER_BYTES);
            Header header = RecordFormat.header(window.buffer(), at, segment.salt(), place);
            if (header != null) {
                if (header.totalBytes() > size - place) {
                    return false;
                }
                recordEnd = place + header.totalBytes();
            }
        }
        return lastWritten < recordEnd - 1 || hasZeroSector(recordEnd);
    }

    private boolean hasZeroSector(int recordEnd) throws IOException {
        SegmentWindow window = new SegmentWindow(file, size);
        int sector = place / SECTOR_BYTES * SECTOR_BYTES;
        for (; sector < recordEnd; sector += SECTOR_BYTES) {
            int from = Math.max(sector, place);
            int bytes = Math.min(sector + SECTOR_BYTES, size) - from;
            int at = window.show(from, bytes);
            if (isZero(window.buffer(), at, bytes)) {
                return true;
            }
        }
        return false;
    }

    /** The last offset at or after {@code from} that is not zero, or -1. */
    static int lastNonZero(SegmentFile file, int from, int size) throws IOException {
        SegmentWindow window = new SegmentWindow(file, size);
        int last = -1;
        for (int offset = from; offset < size; ) {
            int bytes = Math.min(64 * 1024, size - offset);
            int at = window.show(offset, bytes);
            ByteBuffer buffer = window.buffer();
            if (!isZero(buffer, at, bytes)) {
                int end = bytes - 1;
                while (buffer.get(at + end) == 0) {
                    end--;
                }
                last = offset + end;
            }
            offset += bytes;
        }
        return last;
    }

    private static boolean isZero(ByteBuffer buffer, int at, int bytes) {
        int i = 0;
        for (; i + Long.BYTES <= bytes; i += Long.BYTES) {
            if (buffer.getLong(at + i) != 0) {
                return false;
            }
        }
        for (; i < bytes; i++) {
            if (buffer.get(at + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
