package io.keelson.kvstore.mvcc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.StorageException;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * All versions and deletions that can be read, in the order of revisions, as {@code mvccpb.KeyValue}: what a compaction
 * made unreadable is left out, whether or not it is dropped from disk yet. So what comes out is the same on every member
 * at the same revision, and the same each time it is asked of one {@link HistoryExport}. One thread.
 */
public final class VersionExport {
    private final HistoryExport history;
    private final Tables tables;
    private final long compactRevision;
    private final boolean allDropped;

    /** @param history open as long as the export is used */
    public VersionExport(HistoryExport history) {
        this.history = history;
        this.tables = history.tables();
        this.compactRevision = history.state().compactRevision();
        this.allDropped = history.finishedCompactRevision() >= compactRevision;
    }

    /** Receives versions and deletions. */
    @FunctionalInterface
    public interface Versions {
        /**
         * @param sub place among the changes of the revision
         * @param keyValue a {@code KeyValue} in protobuf, its fields in the order of their numbers; of a deletion the key only
         */
        void version(long main, int sub, boolean delete, byte[] keyValue) throws IOException;
    }

    /** Receives the lengths of versions and deletions. */
    @FunctionalInterface
    public interface Lengths {
        void version(boolean delete, int keyValueBytes) throws IOException;
    }

    /** Goes through the lengths only, which takes no value into memory. */
    public void eachLength(Lengths lengths) throws IOException {
        IOException[] failure = {null};
        history.entries(entry -> {
            try {
                if (kept(entry)) {
                    lengths.version(entry.delete(), sizeBytes(entry));
                }
                return true;
            } catch (IOException e) {
                failure[0] = e;
                return false;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    /** Goes through everything. */
    public void each(Versions versions) throws IOException {
        IOException[] failure = {null};
        history.records((entry, record) -> {
            try {
                if (kept(entry)) {
                    versions.version(entry.main(), entry.sub(), entry.delete(), encode(entry, record));
                }
                return true;
            } catch (IOException e) {
                failure[0] = e;
                return false;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    private boolean kept(RevisionEntry entry) {
        return entry.main() > compactRevision || allDropped || survives(entry);
    }

    /** Whether a change at or before the compacted revision is what a key was at that revision. */
    private boolean survives(RevisionEntry entry) {
        if (entry.delete()) {
            return entry.main() == compactRevision;
        }
        byte[] newest = tables.get(Table.CURRENT, entry.key());
        if (newest != null) {
            StoredRecord record = StoredRecord.parse(newest);
            if (record.modRevision() <= compactRevision) {
                return record.modRevision() == entry.main() && record.sub() == entry.sub();
            }
        }
        try (Cursor versions = tables.cursor(
                Table.HISTORY,
                HistoryKey.atOrBefore(entry.key(), compactRevision),
                HistoryKey.after(entry.key()),
                true)) {
            return versions.valid()
                    && HistoryKey.main(versions.key()) == entry.main()
                    && HistoryKey.sub(versions.key()) == entry.sub();
        }
    }

    private static int sizeBytes(RevisionEntry entry) {
        int size = bytesField(1, entry.key().length);
        if (entry.delete()) {
            return size;
        }
        return size
                + numberField(2, entry.createRevision())
                + numberField(3, entry.main())
                + numberField(4, entry.version())
                + bytesField(5, entry.valueLength())
                + numberField(6, entry.lease());
    }

    private static int bytesField(int field, int length) {
        return length == 0
                ? 0
                : CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(length) + length;
    }

    private static int numberField(int field, long value) {
        return value == 0 ? 0 : CodedOutputStream.computeInt64Size(field, value);
    }

    /** The fields in the order of their numbers, as etcd writes them; a record has the lease before the value. */
    private static byte[] encode(RevisionEntry entry, byte @Nullable [] record) {
        byte[] bytes = new byte[sizeBytes(entry)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            if (entry.key().length > 0) {
                out.writeByteArray(1, entry.key());
            }
            if (record != null) {
                writeNumber(out, 2, entry.createRevision());
                writeNumber(out, 3, entry.main());
                writeNumber(out, 4, entry.version());
                writeValue(out, entry, record);
                writeNumber(out, 6, entry.lease());
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("an array of the computed size is too small", e);
        }
        return bytes;
    }

    private static void writeValue(CodedOutputStream out, RevisionEntry entry, byte[] record) throws IOException {
        StoredRecord stored = StoredRecord.parse(record);
        if (stored.valueLength() != entry.valueLength()) {
            throw new StorageException(
                    StorageException.Kind.CORRUPT,
                    "the version of revision " + entry.main() + "." + entry.sub() + " has a value of "
                            + stored.valueLength() + " bytes, and is listed with " + entry.valueLength());
        }
        if (stored.valueLength() > 0) {
            out.writeTag(5, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(stored.valueLength());
            out.write(record, stored.valueOffset(), stored.valueLength());
        }
    }

    private static void writeNumber(CodedOutputStream out, int field, long value) throws IOException {
        if (value != 0) {
            out.writeInt64(field, value);
        }
    }
}
