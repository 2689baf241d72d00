package io.keelson.kvstore.storage;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * Puts rows into the order of their keys, however many there are: what fits in memory is sorted there, and written to a
 * file as a run; in the end the runs are merged while they are read. Disk space: that of the rows, while it is in use.
 *
 * <p>Example, with room for three rows: {@code d b c | a e}. The first three are the run {@code b c d}; the other two stay
 * in memory as {@code a e}; reading takes {@code a} from memory, {@code b c d} from the file, and {@code e}.
 *
 * <p>At most {@value #RUNS_MERGED_MAX} runs of a size are kept; one more, and they become one of the next size. So files
 * that are open and buffers stay few, and a row is written once for each size: twice for some hundred times the memory.
 *
 * <p>Every run ends with the checksum it was written with, kept in memory: damage on the way is an {@link IOException}.
 * Keys differ. One thread.
 */
public final class RowSort implements AutoCloseable {
    private static final int RUNS_MERGED_MAX = 64;
    private static final int BUFFER_BYTES = 256 << 10;

    /** What an object, its two arrays and its place in the list take besides the bytes. */
    private static final int ROW_OVERHEAD_BYTES = 72;

    private final Path folder;
    private final long memoryBytes;
    private final List<Row> rows = new ArrayList<>();
    private final List<List<Run>> runsBySize = new ArrayList<>();
    private long bytes;
    private int files;
    private long count;

    private record Row(byte[] key, byte[] value) {}

    private record Run(Path file, long rows, long checksum) {}

    /** Takes rows in the order of their keys. */
    @FunctionalInterface
    public interface Visitor {
        void row(byte[] key, byte[] value) throws IOException;
    }

    /**
     * @param folder for runs, which exists and holds nothing else
     * @param memoryBytes what rows in memory may take
     */
    public RowSort(Path folder, long memoryBytes) {
        this.folder = folder;
        this.memoryBytes = memoryBytes;
    }

    /** Takes a row. The arrays must not be changed afterwards. */
    public void add(byte[] key, byte[] value) throws IOException {
        rows.add(new Row(key, value));
        bytes += key.length + value.length + ROW_OVERHEAD_BYTES;
        count++;
        if (bytes >= memoryBytes) {
            spill();
        }
    }

    /** How many rows were taken. */
    public long count() {
        return count;
    }

    private void spill() throws IOException {
        sortInMemory();
        keep(0, write(rows.iterator()));
        rows.clear();
        bytes = 0;
    }

    private void sortInMemory() {
        rows.sort((a, b) -> Arrays.compareUnsigned(a.key, b.key));
    }

    private void keep(int size, Run run) throws IOException {
        while (runsBySize.size() <= size) {
            runsBySize.add(new ArrayList<>());
        }
        List<Run> same = runsBySize.get(size);
        same.add(run);
        if (same.size() == RUNS_MERGED_MAX) {
            Run merged;
            try (Merge merge = new Merge(same, List.<Row>of().iterator())) {
                merged = write(merge);
            }
            for (Run old : same) {
                Files.delete(old.file);
            }
            same.clear();
            keep(size + 1, merged);
        }
    }

    private Run write(Iterator<Row> sorted) throws IOException {
        Path file = folder.resolve("run-" + files++);
        CRC32C checksum = new CRC32C();
        long written = 0;
        try (OutputStream raw = Files.newOutputStream(file);
                DataOutputStream out = new DataOutputStream(
                        new BufferedOutputStream(new CheckedOutputStream(raw, checksum), BUFFER_BYTES))) {
            while (sorted.hasNext()) {
                Row row = sorted.next();
                out.writeInt(row.key.length);
                out.writeInt(row.value.length);
                out.write(row.key);
                out.write(row.value);
                written++;
            }
        } catch (Unreadable e) {
            throw e.cause;
        }
        return new Run(file, written, checksum.getValue());
    }

    /**
     * Gives all rows, in order. To be called once, after the last was added.
     *
     * @throws IOException if a run cannot be read, or is not what was written, or from the visitor
     */
    public void each(Visitor visitor) throws IOException {
        sortInMemory();
        List<Run> runs = runsBySize.stream().flatMap(List::stream).toList();
        try (Merge merge = new Merge(runs, rows.iterator())) {
            while (merge.hasNext()) {
                Row row = merge.next();
                visitor.row(row.key, row.value);
            }
        } catch (Unreadable e) {
            throw e.cause;
        }
    }

    /** Lets the memory go, and removes the files. */
    @Override
    public void close() throws IOException {
        rows.clear();
        for (List<Run> runs : runsBySize) {
            for (Run run : runs) {
                Files.deleteIfExists(run.file);
            }
        }
        runsBySize.clear();
    }

    /** An {@link IOException} on its way through an iterator. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient IOException cause;

        Unreadable(IOException cause) {
            super(cause);
            this.cause = cause;
        }
    }

    /** Rows of several sorted sources, in order. */
    private static final class Merge implements Iterator<Row>, AutoCloseable {
        private final List<RunReader> open = new ArrayList<>();
        private final PriorityQueue<Head> heads =
                new PriorityQueue<>((a, b) -> Arrays.compareUnsigned(a.row.key, b.row.key));

        private static final class Head {
            private final Iterator<Row> rest;
            private Row row;

            Head(Row row, Iterator<Row> rest) {
                this.row = row;
                this.rest = rest;
            }
        }

        Merge(List<Run> runs, Iterator<Row> inMemory) throws IOException {
            try {
                for (Run run : runs) {
                    RunReader reader = new RunReader(run);
                    open.add(reader);
                    add(reader);
                }
                add(inMemory);
            } catch (IOException | Unreadable e) {
                close();
                throw e;
            }
        }

        private void add(Iterator<Row> source) {
            if (source.hasNext()) {
                heads.add(new Head(source.next(), source));
            }
        }

        @Override
        public boolean hasNext() {
            return !heads.isEmpty();
        }

        @Override
        public Row next() {
            Head least = heads.remove();
            Row row = least.row;
            if (least.rest.hasNext()) {
                least.row = least.rest.next();
                heads.add(least);
            }
            return row;
        }

        @Override
        public void close() throws IOException {
            for (RunReader each : open) {
                each.close();
            }
        }
    }

    private static final class RunReader implements Iterator<Row>, AutoCloseable {
        private final Run run;
        private final CRC32C checksum = new CRC32C();
        private final DataInputStream in;
        private final long sizeBytes;
        private long left;

        RunReader(Run run) throws IOException {
            this.run = run;
            this.sizeBytes = Files.size(run.file);
            this.left = run.rows;
            this.in = new DataInputStream(new BufferedInputStream(
                    new CheckedInputStream(Files.newInputStream(run.file), checksum), BUFFER_BYTES));
        }

        @Override
        public boolean hasNext() {
            if (left > 0) {
                return true;
            }
            if (checksum.getValue() != run.checksum) {
                throw damaged();
            }
            return false;
        }

        @Override
        public Row next() {
            try {
                int keyBytes = in.readInt();
                int valueBytes = in.readInt();
                if (keyBytes < 0 || valueBytes < 0 || (long) keyBytes + valueBytes > sizeBytes) {
                    throw damaged();
                }
                byte[] key = in.readNBytes(keyBytes);
                byte[] value = in.readNBytes(valueBytes);
                if (key.length < keyBytes || value.length < valueBytes) {
                    throw damaged();
                }
                left--;
                return new Row(key, value);
            } catch (IOException e) {
                throw new Unreadable(e);
            }
        }

        private Unreadable damaged() {
            return new Unreadable(new IOException(run.file + " is not what was written to it"));
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
