package io.keelson.kvstore.bolt;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a file, by positional reads: unlike a mapping they turn a failing disk or a file that shrinks meanwhile
 * into an {@link IOException}. Thread-safe.
 */
final class PageFile implements AutoCloseable {
    private final FileChannel channel;
    private final BoltMeta meta;
    private final @Nullable String metaProblem;

    private PageFile(FileChannel channel, BoltMeta meta, @Nullable String metaProblem) {
        this.channel = channel;
        this.meta = meta;
        this.metaProblem = metaProblem;
    }

    static PageFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return open(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static PageFile open(FileChannel channel) throws IOException {
        MetaPage first = readMeta(channel, 0, 0);
        MetaPage second = null;
        if (first.meta != null) {
            second = readMeta(channel, 1, first.meta.pageSize());
        } else {
            // The page size is not known: page 1 can begin at any of the possible ones.
            for (int size = BoltFormat.PAGE_SIZE_MIN; size <= BoltFormat.PAGE_SIZE_MAX; size <<= 1) {
                second = readMeta(channel, 1, size);
                if (second.meta != null) {
                    break;
                }
            }
        }
        BoltMeta a = first.meta;
        BoltMeta b = second == null ? null : second.meta;
        BoltMeta newest;
        String problem = null;
        if (a != null && b != null) {
            newest = Long.compareUnsigned(a.transaction(), b.transaction()) >= 0 ? a : b;
        } else if (a != null) {
            newest = a;
            problem = second == null ? null : second.describeProblem();
        } else if (b != null) {
            newest = b;
            problem = first.describeProblem();
        } else {
            throw new BoltFormatException(
                    0, 0, first.problem + "; page 1, the other meta page, cannot stand in for it either");
        }
        checkMeta(newest, channel.size());
        return new PageFile(channel, newest, problem);
    }

    /**
     * What was found where a meta page should be.
     *
     * @param meta null if it is not one
     * @param problem why it is not one, else empty
     */
    private record MetaPage(
            int number, long offset, @Nullable BoltMeta meta, String problem) {
        String describeProblem() {
            return String.valueOf(new BoltFormatException(number, offset, problem).getMessage());
        }
    }

    private static MetaPage readMeta(FileChannel channel, int number, long offset) throws IOException {
        if (channel.size() < offset + BoltFormat.PAGE_SIZE_MIN) {
            return new MetaPage(
                    number,
                    offset,
                    null,
                    "not a bbolt file, which has a meta page here: it has " + channel.size() + " bytes");
        }
        byte[] page = new byte[BoltFormat.PAGE_SIZE_MIN];
        readFully(channel, page, 0, page.length, offset);
        String problem = BoltMeta.problem(page, number);
        if (problem != null) {
            return new MetaPage(number, offset, null, problem);
        }
        BoltMeta meta = BoltMeta.decode(page);
        if (number == 1 && meta.pageSize() != offset) {
            return new MetaPage(number, offset, null, "gives a page size of " + meta.pageSize());
        }
        return new MetaPage(number, offset, meta, "");
    }

    private static void checkMeta(BoltMeta meta, long fileBytes) throws BoltFormatException {
        long pages = fileBytes / meta.pageSize();
        if (meta.highWater() <= BoltFormat.PAGE_MIN || meta.highWater() > pages) {
            throw new BoltFormatException("the file is cut short: its meta page counts "
                    + Long.toUnsignedString(meta.highWater()) + " pages of " + meta.pageSize() + " bytes, the file has "
                    + pages + " (" + fileBytes + " bytes)");
        }
        if (meta.root() < BoltFormat.PAGE_MIN || meta.root() >= meta.highWater()) {
            throw new BoltFormatException("the meta page gives page " + Long.toUnsignedString(meta.root())
                    + " as root, which is not among pages 2 to " + (meta.highWater() - 1));
        }
    }

    private static void readFully(FileChannel channel, byte[] target, int at, int length, long offset)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(target, at, length);
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, offset + buffer.position() - at);
            if (read < 0) {
                throw new EOFException("the file ended at byte " + (offset + buffer.position() - at)
                        + " while it was read; something else is changing it");
            }
        }
    }

    BoltMeta meta() {
        return meta;
    }

    /** What is wrong with the meta page that is not used; null if nothing is. */
    @Nullable
    String metaProblem() {
        return metaProblem;
    }

    /** The page of a tree, checked in itself, with its overflow. */
    BoltPage tree(long id) throws IOException {
        int pageSize = meta.pageSize();
        long offset = id * pageSize;
        byte[] bytes = new byte[pageSize];
        long pages = header(id, bytes);
        int flags = Short.toUnsignedInt((short) BoltFormat.SHORT.get(bytes, BoltFormat.FLAGS_AT));
        if (pages > 1) {
            long size = pages * pageSize;
            long sizeMax = flags == BoltFormat.FLAG_LEAF ? BoltFormat.LEAF_BYTES_MAX : BoltFormat.BRANCH_BYTES_MAX;
            if (size > sizeMax) {
                throw new BoltFormatException(
                        id, offset, "takes " + size + " bytes with its overflow, at most " + sizeMax + " are read");
            }
            byte[] whole = Arrays.copyOf(bytes, (int) size);
            readFully(channel, whole, pageSize, (int) size - pageSize, offset + pageSize);
            bytes = whole;
        }
        return BoltPage.check(id, offset, bytes, meta.highWater());
    }

    /** Visits the page numbers in the list of free pages, without holding the list. */
    long free(FreePages visitor) throws IOException {
        long id = meta.freelist();
        byte[] bytes = new byte[meta.pageSize()];
        if (id < BoltFormat.PAGE_MIN || id >= meta.highWater()) {
            throw new BoltFormatException("the meta page gives page " + Long.toUnsignedString(id)
                    + " as list of free pages, which is not among pages 2 to " + (meta.highWater() - 1));
        }
        long offset = id * meta.pageSize();
        long pages = header(id, bytes);
        int flags = Short.toUnsignedInt((short) BoltFormat.SHORT.get(bytes, BoltFormat.FLAGS_AT));
        if (flags != BoltFormat.FLAG_FREELIST) {
            throw new BoltFormatException(
                    id, offset, "expected a list of free pages, found " + BoltPage.describeFlags(flags));
        }
        long at = BoltFormat.PAGE_HEADER_BYTES;
        long count = Short.toUnsignedLong((short) BoltFormat.SHORT.get(bytes, BoltFormat.COUNT_AT));
        if (count == 0xFFFF) {
            // Too many for the header: the first number in the list is their count.
            count = (long) BoltFormat.LONG.get(bytes, BoltFormat.PAGE_HEADER_BYTES);
            at += Long.BYTES;
        }
        long room = (pages * meta.pageSize() - at) / Long.BYTES;
        if (count < 0 || count > room) {
            throw new BoltFormatException(
                    id, offset, "counts " + Long.toUnsignedString(count) + " free pages, has room for " + room);
        }
        long last = 0;
        int chunk = 0;
        for (long i = 0; i < count; i++, at += Long.BYTES) {
            if (at / bytes.length != chunk) {
                chunk = (int) (at / bytes.length);
                readFully(channel, bytes, 0, bytes.length, offset + (long) chunk * bytes.length);
            }
            long free = (long) BoltFormat.LONG.get(bytes, (int) (at % bytes.length));
            if (free < BoltFormat.PAGE_MIN || free >= meta.highWater()) {
                throw new BoltFormatException(
                        id,
                        offset,
                        "lists page " + Long.toUnsignedString(free) + ", which is not among pages 2 to "
                                + (meta.highWater() - 1));
            }
            if (free <= last) {
                throw new BoltFormatException(id, offset, "lists page " + free + " after page " + last);
            }
            last = free;
            visitor.free(free);
        }
        return pages;
    }

    /** Reads the first page of what {@code id} holds, checks its number and extent, and returns how many pages it takes. */
    private long header(long id, byte[] bytes) throws IOException {
        long offset = id * meta.pageSize();
        readFully(channel, bytes, 0, bytes.length, offset);
        long named = (long) BoltFormat.LONG.get(bytes, 0);
        if (named != id) {
            throw new BoltFormatException(id, offset, "the page calls itself " + Long.toUnsignedString(named));
        }
        long overflow = Integer.toUnsignedLong((int) BoltFormat.INT.get(bytes, BoltFormat.OVERFLOW_AT));
        if (id + overflow >= meta.highWater()) {
            throw new BoltFormatException(
                    id,
                    offset,
                    "goes on over " + overflow + " more pages, beyond page " + (meta.highWater() - 1)
                            + ", the last one");
        }
        return overflow + 1;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Receives the free pages, ascending. */
    @FunctionalInterface
    interface FreePages {
        void free(long page) throws BoltFormatException;
    }
}
