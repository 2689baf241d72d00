package io.keelson.raft.log;

import com.alipay.sofa.jraft.entity.LogEntry;
import io.keelson.raft.log.EntryCodec.Preamble;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns entries into the bytes of one write. Keeps its memory from write to write, up to {@value #WRITE_BYTES_MAX} bytes;
 * a single entry that is larger gets memory of its own. For one thread.
 */
final class RecordBuffer {
    static final int WRITE_BYTES_MAX = 8 << 20;
    private static final int RECORD_BYTES_MAX = 1 << 30;

    private final boolean fsync;
    private ByteBuffer kept = ByteBuffer.allocateDirect(64 << 10).order(ByteOrder.LITTLE_ENDIAN);

    /** @param fsync whether what was written before is on the disk when the next records are made */
    RecordBuffer(boolean fsync) {
        this.fsync = fsync;
    }

    /**
     * How many of the entries one write takes.
     *
     * @param count of entries from the first on, at least 1
     * @param bytes of their records
     */
    record Fitting(int count, int bytes) {}

    /** @throws RefusedException if the first entry cannot be appended, being no entry, too large or out of order */
    static Fitting fitting(List<LogEntry> entries, long nextIndex) throws RefusedException {
        int count = 0;
        long bytes = 0;
        for (LogEntry entry : entries) {
            long index = nextIndex + count;
            String problem = null;
            long entryBytes = 0;
            if (entry.getId().getIndex() != index || entry.getType() == null) {
                problem = "%s is not the entry %d that comes next".formatted(entry, index);
            } else {
                entryBytes = recordBytes(entry);
                if (entryBytes > RECORD_BYTES_MAX) {
                    problem = "%s is larger than the %d bytes a record may have".formatted(entry, RECORD_BYTES_MAX);
                }
            }
            if (problem != null && count == 0) {
                throw new RefusedException(problem);
            }
            if (problem != null || (count > 0 && bytes + entryBytes > WRITE_BYTES_MAX)) {
                break;
            }
            bytes += entryBytes;
            count++;
        }
        return new Fitting(count, (int) bytes);
    }

    private static long recordBytes(LogEntry entry) {
        Preamble preamble = EntryCodec.preamble(entry, ConfigurationPointer.NONE);
        return RecordFormat.totalBytes((long) preamble.bytes().length + dataBytes(entry));
    }

    private static int dataBytes(LogEntry entry) {
        ByteBuffer data = entry.getData();
        return data == null ? 0 : data.remaining();
    }

    /**
     * @param records what to write at the end of the segment
     * @param configurations where the configuration entries among them will be
     */
    record Encoded(ByteBuffer records, List<ConfigurationPointer> configurations) {}

    /**
     * Encodes entries for the end of a segment, and notes their places in it.
     *
     * @param newest the newest configuration entry before these
     * @param bytes of all records
     */
    Encoded encode(ActiveSegment segment, List<LogEntry> entries, int bytes, ConfigurationPointer newest) {
        ByteBuffer records = room(bytes);
        List<ConfigurationPointer> configurations = new ArrayList<>(0);
        int end = segment.end();
        int durable = durableOffset(segment);
        int at = 0;
        int relative = segment.index().entries();
        for (LogEntry entry : entries) {
            ConfigurationPointer before = configurations.isEmpty() ? newest : configurations.getLast();
            Preamble preamble = EntryCodec.preamble(entry, before);
            int preambleBytes = preamble.bytes().length;
            int dataBytes = dataBytes(entry);
            records.put(at + RecordFormat.HEADER_BYTES, preamble.bytes());
            if (dataBytes > 0) {
                ByteBuffer data = entry.getData();
                records.put(at + RecordFormat.HEADER_BYTES + preambleBytes, data, data.position(), dataBytes);
            }
            RecordFormat.seal(
                    records,
                    at,
                    preambleBytes + dataBytes,
                    segment.header().salt(),
                    end + at,
                    durable,
                    relative,
                    entry.getType().getNumber(),
                    preamble.flags(),
                    entry.getId().getTerm());
            segment.place(relative, end + at);
            if (EntryCodec.isConfiguration(entry)) {
                configurations.add(new ConfigurationPointer(
                        segment.header().sequence(), end + at, entry.getId().getIndex()));
            }
            at += (int) RecordFormat.totalBytes((long) preambleBytes + dataBytes);
            relative++;
        }
        return new Encoded(records, configurations);
    }

    /** Encodes a record that is not an entry. */
    ByteBuffer encodeControl(ActiveSegment segment, int kind, ByteBuffer body) {
        int bodyBytes = body.remaining();
        ByteBuffer record = room((int) RecordFormat.totalBytes(bodyBytes));
        record.put(RecordFormat.HEADER_BYTES, body, body.position(), bodyBytes);
        RecordFormat.seal(
                record,
                0,
                bodyBytes,
                segment.header().salt(),
                segment.end(),
                durableOffset(segment),
                segment.index().entries(),
                kind,
                0,
                0);
        return record;
    }

    private int durableOffset(ActiveSegment segment) {
        return fsync ? segment.end() : Segment.RECORDS_START;
    }

    private ByteBuffer room(int bytes) {
        if (bytes > kept.capacity()) {
            int capacity = Math.max(bytes, Math.min(WRITE_BYTES_MAX, 2 * kept.capacity()));
            ByteBuffer larger = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
            if (capacity > WRITE_BYTES_MAX) {
                return larger.limit(bytes);
            }
            kept = larger;
        }
        return kept.clear().limit(bytes);
    }
}
