package io.keelson.raft.log;

import io.keelson.raft.log.RecordFormat.Header;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads the records of a segment one after the other and stops at the first thing that is not one. */
final class SegmentScan {
    /** Told of every record that is intact, in order. */
    interface Visitor {
        /**
         * @param offset of the record in the file
         * @param body what the record holds; valid during the call only
         */
        void record(Header header, int offset, ByteBuffer body) throws IOException;
    }

    /**
     * @param end where the last intact record ends
     * @param entries how many of the records are entries
     */
    record Result(int end, int entries) {}

    private SegmentScan() {}

    /** @param limit where to stop, at the latest */
    static Result run(SegmentFile file, SegmentHeader segment, int limit, Visitor visitor) throws IOException {
        SegmentWindow window = new SegmentWindow(file, limit);
        int offset = Segment.RECORDS_START;
        int entries = 0;
        while (limit - offset >= RecordFormat.HEADER_BYTES) {
            int at = window.show(offset, RecordFormat.HEADER_BYTES);
            Header header = RecordFormat.header(window.buffer(), at, segment.salt(), offset);
            if (header == null || header.relativeIndex() != entries || header.totalBytes() > limit - offset) {
                break;
            }
            at = window.show(offset, header.totalBytes());
            ByteBuffer buffer = window.buffer();
            if (!RecordFormat.isIntact(buffer, at, header.totalBytes(), segment.salt(), offset)) {
                break;
            }
            visitor.record(header, offset, buffer.slice(at + RecordFormat.HEADER_BYTES, header.bodyBytes()));
            offset += header.totalBytes();
            if (header.isEntry()) {
                entries++;
            }
        }
        return new Result(offset, entries);
    }
}
