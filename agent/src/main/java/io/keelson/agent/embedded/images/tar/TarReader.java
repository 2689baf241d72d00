package io.keelson.agent.embedded.images.tar;

import io.keelson.agent.embedded.images.tar.TarEntry.Segment;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive from front to back: {@link #next} gives what is said of a file, {@link #read} then its content,
 * which may be left unread. What is damaged is an {@link IOException} with the place in the archive. One thread.
 *
 * <p>An entry may have headers before it that say what does not fit into its own: PAX records and GNU's long names.
 * They are held in memory, so their size has a limit; nothing else of an archive is.
 */
public final class TarReader {
    /** Of all that stands before one entry: names, extended attributes. */
    private static final int EXTRA_MAX = 1 << 20;

    private static final int EXTRA_HEADERS_MAX = 64;

    private final InputStream in;
    private long position;
    private long stored;
    private int padding;
    private boolean ended;

    /** Reads from a stream that is not compressed. */
    public TarReader(InputStream in) {
        this.in = in;
    }

    /** The next entry, or null at the end. */
    public @Nullable TarEntry next() throws IOException {
        try {
            skipRest();
            return ended ? null : readEntry();
        } catch (EOFException e) {
            throw new IOException("the archive ends in the middle of an entry, after " + position + " bytes", e);
        } catch (BadArchive e) {
            throw e;
        } catch (IOException e) {
            throw new BadArchive(e.getMessage() + " (before byte " + position + " of the archive)", e);
        }
    }

    /** What was wrong is said. */
    private static final class BadArchive extends IOException {
        private static final long serialVersionUID = 1L;

        BadArchive(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Reads what is stored of the entry's content; -1 at its end. */
    public int read(byte[] buffer, int from, int length) throws IOException {
        if (stored == 0) {
            return -1;
        }
        int read = in.read(buffer, from, (int) Math.min(length, stored));
        if (read < 0) {
            throw new EOFException("the archive ends in the middle of a file, after " + position + " bytes");
        }
        position += read;
        stored -= read;
        return read;
    }

    private void skipRest() throws IOException {
        skip(stored + padding);
        stored = 0;
        padding = 0;
    }

    private @Nullable TarEntry readEntry() throws IOException {
        PaxRecords records = new PaxRecords();
        byte[] longName = null;
        byte[] longLinkName = null;
        long extra = 0;
        for (int headers = 0; headers < EXTRA_HEADERS_MAX; headers++) {
            byte[] block = headerBlock();
            if (block == null) {
                return null;
            }
            TarHeader header = new TarHeader(block);
            if (!header.sumIsRight()) {
                throw new IOException("an entry's checksum is wrong");
            }
            switch (header.type()) {
                case 'x', 'X', 'L', 'K' -> {
                    extra += header.size();
                    if (extra > EXTRA_MAX) {
                        throw new IOException("an entry's name and attributes take more than " + EXTRA_MAX + " bytes");
                    }
                    byte[] content = extra(header.size());
                    switch (header.type()) {
                        case 'L' -> longName = untilZero(content);
                        case 'K' -> longLinkName = untilZero(content);
                        default -> records.add(content);
                    }
                }
                // What is said of all that follows; none of it is used.
                case 'g' -> skip(padded(header.size()));
                default -> {
                    return entry(header, records, longName, longLinkName);
                }
            }
        }
        throw new IOException("an entry has more than " + EXTRA_HEADERS_MAX + " headers");
    }

    private TarEntry entry(
            TarHeader header, PaxRecords records, byte @Nullable [] longName, byte @Nullable [] longLinkName)
            throws IOException {
        byte[] name = or(records.value("GNU.sparse.name"), or(records.value("path"), or(longName, header.name())));
        byte[] linkName = or(records.value("linkpath"), or(longLinkName, header.linkName()));
        refuseZeros(name);
        refuseZeros(linkName);
        char type = header.type();
        boolean sparse = type == 'S';
        if (type == '7' || sparse) {
            type = TarEntry.FILE;
        }
        if (type == TarEntry.FILE && name.length > 0 && name[name.length - 1] == '/') {
            // Before POSIX there was no other sign of a folder.
            type = TarEntry.FOLDER;
        }
        boolean file = type == TarEntry.FILE;
        long held = file ? records.number("size", header.size()) : 0;
        long size = held;
        List<Segment> segments = null;
        if (file && sparse) {
            segments = SparseMap.ofHeader(header, this::block);
            size = header.realSize();
        } else if (file && records.number("GNU.sparse.major", 0) == 1) {
            int[] blocks = new int[1];
            long limit = held / TarHeader.BLOCK;
            segments = SparseMap.ofContent(() -> blockWithin(blocks[0], limit), blocks);
            held -= (long) blocks[0] * TarHeader.BLOCK;
            size = records.number("GNU.sparse.realsize", -1);
        } else if (file && records.value("GNU.sparse.size") != null) {
            segments = SparseMap.ofRecords(records);
            size = records.number("GNU.sparse.size", -1);
        }
        if (segments != null) {
            segments = SparseMap.checked(segments, size, held);
        }
        stored = held;
        padding = (int) (padded(held) - held);
        long[] time = records.time("mtime");
        return new TarEntry(
                name,
                type,
                header.mode(),
                records.number("uid", header.user()),
                records.number("gid", header.group()),
                size,
                time == null ? header.seconds() : time[0],
                time == null ? 0 : (int) time[1],
                linkName,
                header.major(),
                header.minor(),
                records.attributes(),
                segments);
    }

    private static byte[] or(byte @Nullable [] preferred, byte[] otherwise) {
        return preferred == null ? otherwise : preferred;
    }

    private static void refuseZeros(byte[] name) throws IOException {
        for (byte b : name) {
            if (b == 0) {
                throw new IOException("a name has a zero in it");
            }
        }
    }

    private static byte[] untilZero(byte[] text) {
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return Arrays.copyOf(text, end);
    }

    private byte[] blockWithin(int read, long limit) throws IOException {
        if (read >= limit) {
            throw new IOException("the map of a sparse file is longer than the file");
        }
        return block();
    }

    /** A header, or null at the end: two blocks of zeros, or none at all. */
    private byte @Nullable [] headerBlock() throws IOException {
        byte[] block = in.readNBytes(TarHeader.BLOCK);
        position += block.length;
        if (block.length == 0) {
            ended = true;
            return null;
        }
        if (block.length < TarHeader.BLOCK) {
            throw new EOFException();
        }
        for (byte b : block) {
            if (b != 0) {
                return block;
            }
        }
        byte[] second = in.readNBytes(TarHeader.BLOCK);
        position += second.length;
        for (byte b : second) {
            if (b != 0) {
                throw new IOException("a block of zeros stands in the middle of the archive");
            }
        }
        ended = true;
        return null;
    }

    private byte[] block() throws IOException {
        byte[] block = in.readNBytes(TarHeader.BLOCK);
        position += block.length;
        if (block.length < TarHeader.BLOCK) {
            throw new EOFException();
        }
        return block;
    }

    private byte[] extra(long size) throws IOException {
        byte[] content = in.readNBytes((int) size);
        position += content.length;
        if (content.length < size) {
            throw new EOFException();
        }
        skip(-size & (TarHeader.BLOCK - 1));
        return content;
    }

    private static long padded(long size) {
        return size + (-size & (TarHeader.BLOCK - 1));
    }

    private void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
        position += bytes;
    }
}
