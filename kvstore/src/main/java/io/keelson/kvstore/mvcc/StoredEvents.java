package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads events out of {@code REVISION}, their records in groups of bounded size. For one reading; one thread. */
final class StoredEvents {
    private static final int GROUP_ENTRIES_MAX = 128;
    private static final int GROUP_BYTES_MAX = 1 << 20;

    private final View view;
    private final KeyRange range;
    private final boolean withPrevious;
    private final EventHistory.Visitor visitor;
    private final long compactRevision;
    private final List<RevisionEntry> group = new ArrayList<>();
    private long groupBytes;
    private boolean stopped;
    private long stoppedAt;

    StoredEvents(View view, KeyRange range, boolean withPrevious, EventHistory.Visitor visitor) {
        this.view = view;
        this.range = range;
        this.withPrevious = withPrevious;
        this.visitor = visitor;
        this.compactRevision = view.state().compactRevision();
    }

    long read(long fromRevision, long toRevision) {
        if (fromRevision < compactRevision) {
            throw EtcdError.COMPACTED.exception();
        }
        long last = Math.min(toRevision, view.state().revision());
        if (last < fromRevision) {
            return last;
        }
        Set<Integer> hidden = fromRevision == compactRevision ? supersededWithin(fromRevision) : Set.of();
        try (Cursor cursor = view.cursor(
                Table.REVISION, RevisionEntry.tableKey(fromRevision, 0), RevisionEntry.tableKey(last + 1, 0), true)) {
            for (; cursor.valid(); cursor.next()) {
                RevisionEntry entry = RevisionEntry.decode(cursor.key(), cursor.value());
                if (!range.contains(entry.key()) || (entry.main() == compactRevision && hidden.contains(entry.sub()))) {
                    continue;
                }
                if (group.size() >= GROUP_ENTRIES_MAX || groupBytes >= GROUP_BYTES_MAX) {
                    deliver();
                }
                if (stopped && entry.main() > stoppedAt) {
                    return stoppedAt;
                }
                group.add(entry);
                groupBytes += entry.valueLength();
            }
        }
        deliver();
        return stopped ? stoppedAt : last;
    }

    /**
     * Changes of a revision that later changes of the same revision put an end to. In the revision that was compacted to
     * they count as dropped, whether the compactor was there already or not.
     */
    private Set<Integer> supersededWithin(long revision) {
        Set<Integer> places = new HashSet<>();
        try (Cursor cursor = view.cursor(
                Table.REVISION, RevisionEntry.tableKey(revision, 0), RevisionEntry.tableKey(revision + 1, 0), true)) {
            for (; cursor.valid(); cursor.next()) {
                RevisionEntry entry = RevisionEntry.decode(cursor.key(), cursor.value());
                if (entry.supersededMain() == revision) {
                    places.add(entry.supersededSub());
                }
            }
        }
        return places;
    }

    /** Hands over the group; once the visitor has said stop, only what belongs to the same revision. */
    private void deliver() {
        List<byte @Nullable []> records = ChangeRecords.of(view, group);
        List<byte @Nullable []> before = withPrevious
                ? ChangeRecords.before(view, group, compactRevision)
                : Collections.nCopies(group.size(), null);
        for (int i = 0; i < group.size(); i++) {
            RevisionEntry entry = group.get(i);
            if (stopped && entry.main() > stoppedAt) {
                break;
            }
            boolean goOn =
                    visitor.visit(new KvEvent(entry.key(), entry.main(), entry.sub(), records.get(i), before.get(i)));
            if (!goOn && !stopped) {
                stopped = true;
                stoppedAt = entry.main();
            }
        }
        group.clear();
        groupBytes = 0;
    }
}
