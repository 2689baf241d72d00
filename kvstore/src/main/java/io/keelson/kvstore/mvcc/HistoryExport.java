package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import io.keelson.kvstore.storage.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is kept, in the order of revisions, as of one moment: for writing it down in a form in which the sizes
 * of all entries have to be known first. Holds a snapshot of the database until closed. One thread.
 */
public final class HistoryExport implements AutoCloseable {
    private static final byte[] FIRST = {};
    private static final int GROUP_ENTRIES_MAX = 256;
    private static final long GROUP_BYTES_MAX = 4L << 20;

    private final View view;
    private final long finishedCompactRevision;

    HistoryExport(View view) {
        this.view = view;
        this.finishedCompactRevision = Compactor.finishedRevision(view);
    }

    /** Applied index and term, current and compacted revision. */
    public AppliedState state() {
        return view.state();
    }

    /**
     * The last compaction whose dropping was finished, -1 for none; where it is less than the compacted revision, entries
     * that a compaction made unreadable are among those visited.
     */
    public long finishedCompactRevision() {
        return finishedCompactRevision;
    }

    /** The other tables, at the same moment. */
    public Tables tables() {
        return view;
    }

    /** Visits all entries without their values, until the visitor returns false. */
    public void entries(EntryVisitor visitor) {
        try (Cursor cursor = view.cursor(Table.REVISION, FIRST, null, true)) {
            while (cursor.valid() && visitor.visit(RevisionEntry.decode(cursor.key(), cursor.value()))) {
                cursor.next();
            }
        }
    }

    /** Visits all entries in the same order, together with their records, until the visitor returns false. */
    public void records(RecordVisitor visitor) {
        List<RevisionEntry> group = new ArrayList<>();
        long[] groupBytes = {0};
        boolean[] goOn = {true};
        entries(entry -> {
            group.add(entry);
            groupBytes[0] += entry.valueLength();
            if (group.size() >= GROUP_ENTRIES_MAX || groupBytes[0] >= GROUP_BYTES_MAX) {
                goOn[0] = deliver(group, visitor);
                groupBytes[0] = 0;
            }
            return goOn[0];
        });
        if (goOn[0]) {
            deliver(group, visitor);
        }
    }

    private boolean deliver(List<RevisionEntry> group, RecordVisitor visitor) {
        List<byte @Nullable []> records = ChangeRecords.of(view, group);
        boolean goOn = true;
        for (int i = 0; goOn && i < group.size(); i++) {
            goOn = visitor.visit(group.get(i), records.get(i));
        }
        group.clear();
        return goOn;
    }

    @Override
    public void close() {
        view.close();
    }

    /** Receives entries in order. */
    @FunctionalInterface
    public interface EntryVisitor {
        /** Returns whether to go on. */
        boolean visit(RevisionEntry entry);
    }

    /** Receives entries in order, with the record of each put (see {@link KvEvent}); null for a deletion. */
    @FunctionalInterface
    public interface RecordVisitor {
        /** Returns whether to go on. */
        boolean visit(RevisionEntry entry, byte @Nullable [] record);
    }
}
