package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import io.keelson.kvstore.storage.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is kept, in the order of revisions, as of one moment: for writing it down in a form in which the sizes
 * of all entries have to be known first. Holds a snapshot of the database until closed. One thread.
 */
public final class HistoryExport implements AutoCloseable {
    private static final byte[] FIRST = {};
    private static final int GROUP_ENTRIES_MAX = 64 << 10;
    private static final long GROUP_BYTES_MAX =
            Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 64);

    /** What an entry takes in memory besides the bytes of its key. */
    private static final int ENTRY_OVERHEAD_BYTES = 160;

    /** Records read at a time: calls into the database stay short, whatever thread makes them. */
    private static final int READ_AT_ONCE = 512;

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

    /**
     * Visits all entries in the same order, together with their records, until the visitor returns false. Records lie in
     * the order of keys, so a large group is read at a time, in that order: a block that holds many of them is read once.
     */
    public void records(RecordVisitor visitor) {
        List<RevisionEntry> group = new ArrayList<>();
        long[] groupBytes = {0};
        boolean[] goOn = {true};
        entries(entry -> {
            group.add(entry);
            groupBytes[0] += entry.valueLength() + entry.key().length + ENTRY_OVERHEAD_BYTES;
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
        byte[] @Nullable [] records = recordsOf(group);
        boolean goOn = true;
        for (int i = 0; goOn && i < group.size(); i++) {
            goOn = visitor.visit(group.get(i), records[i]);
        }
        group.clear();
        return goOn;
    }

    private byte[] @Nullable [] recordsOf(List<RevisionEntry> group) {
        List<Place> places = new ArrayList<>(group.size());
        for (int i = 0; i < group.size(); i++) {
            places.add(new Place(i, group.get(i)));
        }
        places.sort((a, b) -> Arrays.compareUnsigned(a.entry.key(), b.entry.key()));
        byte[] @Nullable [] records = new byte[group.size()][];
        for (int from = 0; from < places.size(); from += READ_AT_ONCE) {
            List<Place> some = places.subList(from, Math.min(places.size(), from + READ_AT_ONCE));
            List<byte @Nullable []> found =
                    ChangeRecords.of(view, some.stream().map(Place::entry).toList());
            for (int i = 0; i < some.size(); i++) {
                records[some.get(i).at] = found.get(i);
            }
        }
        return records;
    }

    /** An entry, and where in its group it stands. */
    private record Place(int at, RevisionEntry entry) {}

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
