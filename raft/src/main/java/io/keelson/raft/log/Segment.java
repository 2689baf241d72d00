package io.keelson.raft.log;

import com.alipay.sofa.jraft.entity.LogEntry;
import io.keelson.raft.log.RecordFormat.Header;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of the log. Bytes before its end never change, so any thread may read them at any time; only the newest
 * segment of a log grows.
 */
final class Segment implements AutoCloseable {
    /** A page for the header alone: it is never written again together with records. */
    static final int RECORDS_START = 4096;

    /** One read finds any record that begins within a stride, and all of it when it is small. */
    private static final int READ_BYTES = 2 * SegmentIndex.STRIDE_BYTES;

    private final SegmentFile file;
    private final SegmentHeader header;
    private volatile @Nullable SegmentIndex index;

    Segment(SegmentFile file, SegmentHeader header, @Nullable SegmentIndex index) {
        this.file = file;
        this.header = header;
        this.index = index;
    }

    SegmentFile file() {
        return file;
    }

    Path path() {
        return file.path();
    }

    SegmentHeader header() {
        return header;
    }

    long sequence() {
        return header.sequence();
    }

    long firstIndex() {
        return header.firstIndex();
    }

    @Nullable
    SegmentIndex index() {
        return index;
    }

    void publish(@Nullable SegmentIndex newIndex) {
        index = newIndex;
    }

    /**
     * Reads the whole segment to find out where its entries are, and that all are intact.
     *
     * @param end where the log ends in this segment
     * @param endIndex index after the last entry in it
     */
    synchronized SegmentIndex loadIndex(int end, long endIndex) throws IOException {
        SegmentIndex present = index;
        if (present != null) {
            return present;
        }
        SegmentIndex.Builder builder = new SegmentIndex.Builder();
        SegmentScan.Result scan = SegmentScan.run(file, header, end, (found, offset, body) -> {
            if (found.isEntry()) {
                builder.add(found.relativeIndex(), offset);
            }
        });
        if (scan.end() != end || firstIndex() + scan.entries() != endIndex) {
            throw damaged(
                    scan.end(), firstIndex() + scan.entries(), "the record does not match its checksum or its place");
        }
        SegmentIndex loaded = builder.view(scan.entries(), end);
        index = loaded;
        return loaded;
    }

    /** @param end where the log ends in this segment */
    LogEntry read(long entryIndex, SegmentIndex places, int end) throws IOException {
        Found found = find(entryIndex, places, end);
        return decode(entryIndex, found, readBody(found, entryIndex));
    }

    long term(long entryIndex, SegmentIndex places, int end) throws IOException {
        return find(entryIndex, places, end).header.term();
    }

    /** Where the record of an entry ends. */
    int endOf(long entryIndex, SegmentIndex places, int end) throws IOException {
        Found found = find(entryIndex, places, end);
        readBody(found, entryIndex);
        return found.offset + found.header.totalBytes();
    }

    /** Reads the configuration entry that a pointer leads to, and the pointer to the one before it. */
    Configured readConfiguration(ConfigurationPointer pointer, int end) throws IOException {
        if (pointer.offset() < RECORDS_START || pointer.offset() > end - RecordFormat.HEADER_BYTES) {
            throw damaged(pointer.offset(), pointer.index(), "a configuration entry should be here, outside the log");
        }
        ByteBuffer buffer = read(pointer.offset(), Math.min(READ_BYTES, end - pointer.offset()));
        Header found = RecordFormat.header(buffer, 0, header.salt(), pointer.offset());
        if (found == null || !found.isEntry() || firstIndex() + found.relativeIndex() != pointer.index()) {
            throw damaged(pointer.offset(), pointer.index(), "a configuration entry should be here");
        }
        Found place = new Found(found, pointer.offset(), buffer, 0);
        if (found.totalBytes() > end - pointer.offset()) {
            throw damaged(pointer.offset(), pointer.index(), "the record reaches beyond the end of the log");
        }
        ByteBuffer body = readBody(place, pointer.index());
        try {
            ConfigurationPointer before = EntryCodec.previousConfiguration(found, body.duplicate());
            return new Configured(decode(pointer.index(), place, body), before);
        } catch (IOException e) {
            throw damaged(pointer.offset(), pointer.index(), e.getMessage());
        }
    }

    record Configured(LogEntry entry, ConfigurationPointer before) {}

    private record Found(Header header, int offset, ByteBuffer buffer, int at) {}

    private Found find(long entryIndex, SegmentIndex places, int end) throws IOException {
        int relative = Math.toIntExact(entryIndex - firstIndex());
        int start = places.offsetAtOrBefore(relative);
        ByteBuffer buffer = read(start, Math.min(READ_BYTES, end - start));
        int at = 0;
        while (buffer.limit() - at >= RecordFormat.HEADER_BYTES) {
            Header found = RecordFormat.header(buffer, at, header.salt(), start + at);
            if (found == null) {
                throw damaged(start + at, entryIndex, "the record's header does not match its checksum");
            }
            if (found.relativeIndex() > relative || found.totalBytes() > end - start - at) {
                throw damaged(start + at, entryIndex, "a record of another size or index should be here");
            }
            if (found.relativeIndex() == relative && found.isEntry()) {
                return new Found(found, start + at, buffer, at);
            }
            at += found.totalBytes();
        }
        throw damaged(start + at, entryIndex, "no record of the entry is where its index says");
    }

    private ByteBuffer readBody(Found found, long entryIndex) throws IOException {
        int totalBytes = found.header.totalBytes();
        ByteBuffer buffer = found.buffer;
        int at = found.at;
        if (buffer.limit() - at < totalBytes) {
            buffer = ByteBuffer.allocate(totalBytes).order(ByteOrder.LITTLE_ENDIAN);
            int present = found.buffer.limit() - at;
            buffer.put(0, found.buffer, at, present);
            buffer.position(present);
            readInto(buffer, found.offset + present);
            buffer.clear();
            at = 0;
        }
        if (!RecordFormat.isIntact(buffer, at, totalBytes, header.salt(), found.offset)) {
            throw damaged(found.offset, entryIndex, "the record does not match its checksum");
        }
        return buffer.slice(at + RecordFormat.HEADER_BYTES, found.header.bodyBytes());
    }

    private LogEntry decode(long entryIndex, Found found, ByteBuffer body) throws IOException {
        try {
            return EntryCodec.decode(found.header, entryIndex, body);
        } catch (IOException e) {
            throw damaged(found.offset, entryIndex, e.getMessage());
        }
    }

    private ByteBuffer read(int offset, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        readInto(buffer, offset);
        return buffer.flip();
    }

    private void readInto(ByteBuffer buffer, int offset) throws IOException {
        try {
            file.readFully(buffer, offset);
        } catch (EOFException e) {
            throw damaged(offset, firstIndex(), String.valueOf(e.getMessage()));
        }
    }

    private LogCorruptedException damaged(long offset, long entryIndex, @Nullable String finding) {
        return new LogCorruptedException(path(), offset, entryIndex, String.valueOf(finding));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
