package io.keelson.raft.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads a file from front to back in large pieces. For one thread. */
final class SegmentWindow {
    private static final int PIECE_BYTES = 256 * 1024;

    private final SegmentFile file;
    private final int limit;
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int start;

    /** @param limit nothing at or behind this offset is read */
    SegmentWindow(SegmentFile file, int limit) {
        this.file = file;
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    /** The bytes around the last offset asked for. Asking again may replace them. */
    ByteBuffer buffer() {
        return buffer;
    }

    /**
     * Makes the bytes from {@code offset} present, so many as asked for, which must end before the limit.
     *
     * @return where in {@link #buffer()} the offset is
     */
    int show(int offset, int bytes) throws IOException {
        if (offset < start || (long) offset + bytes > (long) start + buffer.limit()) {
            int wanted = Math.min(Math.max(bytes, PIECE_BYTES), limit - offset);
            if (buffer.capacity() < wanted) {
                buffer = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN);
            }
            buffer.clear().limit(wanted);
            start = offset;
            file.readFully(buffer, offset);
            buffer.flip();
        }
        return offset - start;
    }
}
