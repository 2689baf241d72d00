package io.keelson.kvstore.server;

import io.keelson.kvstore.mvcc.EventSink;
import io.keelson.kvstore.mvcc.KvEvent;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts changes on their way to the watches. */
final class EventCounts implements EventSink {
    private final EventSink next;
    private final LongAdder puts = new LongAdder();
    private final LongAdder deletes = new LongAdder();
    private final LongAdder putBytes = new LongAdder();

    EventCounts(EventSink next) {
        this.next = next;
    }

    @Override
    public void committed(List<RevisionEvents> batch) {
        next.committed(batch);
        long put = 0;
        long deleted = 0;
        long bytes = 0;
        for (RevisionEvents revision : batch) {
            for (KvEvent event : revision.events()) {
                byte[] record = event.record();
                if (record == null) {
                    deleted++;
                } else {
                    put++;
                    bytes += event.key().length + record.length;
                }
            }
        }
        puts.add(put);
        deletes.add(deleted);
        putBytes.add(bytes);
    }

    @Override
    public void compacted(long revision) {
        next.compacted(revision);
    }

    @Override
    public void restored(long revision) {
        next.restored(revision);
    }

    long puts() {
        return puts.sum();
    }

    long deletes() {
        return deletes.sum();
    }

    long putBytes() {
        return putBytes.sum();
    }
}
