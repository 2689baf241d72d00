package io.keelson.kvstore.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.Event.EventType;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.EventHistory;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.KvEvent;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A store that is nothing but the list of its events. Revision 1 is empty, as in etcd. Safe for several threads. */
final class EventLog implements EventHistory {
    private final List<RevisionEvents> revisions = new ArrayList<>();
    private final Map<String, KeyValue> current = new HashMap<>();
    private long compacted = -1;
    private int reads;

    @Override
    public synchronized long currentRevision() {
        return revisions.size() + 1L;
    }

    @Override
    public synchronized long compactRevision() {
        return compacted;
    }

    synchronized void compact(long revision) {
        compacted = Math.max(compacted, revision);
    }

    /** How often the past was read. */
    synchronized int reads() {
        return reads;
    }

    /** A transaction under way. */
    final class Change {
        private final long revision = currentRevision() + 1;
        private final List<KvEvent> events = new ArrayList<>();

        Change put(String key, String value) {
            return put(key, value.getBytes(StandardCharsets.UTF_8));
        }

        Change put(String key, byte[] value) {
            KeyValue before = current.get(key);
            KeyValue after = KeyValue.newBuilder()
                    .setCreateRevision(before == null ? revision : before.getCreateRevision())
                    .setModRevision(revision)
                    .setVersion(before == null ? 1 : before.getVersion() + 1)
                    .setValue(ByteString.copyFrom(value))
                    .build();
            current.put(key, after);
            events.add(event(key, after, before));
            return this;
        }

        Change delete(String key) {
            KeyValue before = current.remove(key);
            if (before == null) {
                throw new IllegalArgumentException("no such key: " + key);
            }
            events.add(event(key, null, before));
            return this;
        }

        private KvEvent event(String key, @Nullable KeyValue after, @Nullable KeyValue before) {
            return new KvEvent(
                    key.getBytes(StandardCharsets.UTF_8),
                    revision,
                    events.size(),
                    after == null ? null : after.toByteArray(),
                    before == null ? null : before.toByteArray());
        }

        /** The changes as one revision, which is now part of the log. */
        RevisionEvents done() {
            RevisionEvents made = new RevisionEvents(revision, List.copyOf(events));
            synchronized (EventLog.this) {
                revisions.add(made);
            }
            return made;
        }
    }

    /** Begins the next revision. One thread writes. */
    Change change() {
        return new Change();
    }

    RevisionEvents put(String key, String value) {
        return change().put(key, value).done();
    }

    Set<String> keys() {
        return new TreeSet<>(current.keySet());
    }

    @Override
    public long read(long fromRevision, long toRevision, KeyRange range, boolean withPrevious, Visitor visitor) {
        List<RevisionEvents> copy;
        synchronized (this) {
            reads++;
            if (fromRevision < compacted) {
                throw EtcdError.COMPACTED.exception();
            }
            int from = Math.clamp(fromRevision - 2, 0, revisions.size());
            int to = Math.clamp(toRevision - 1, from, revisions.size());
            copy = List.copyOf(revisions.subList(from, to));
        }
        for (RevisionEvents revision : copy) {
            boolean goOn = true;
            for (KvEvent event : revision.events()) {
                if (range.contains(event.key())) {
                    KvEvent seen = withPrevious
                            ? event
                            : new KvEvent(event.key(), event.modRevision(), event.sub(), event.record(), null);
                    goOn &= visitor.visit(seen);
                }
            }
            if (!goOn) {
                return revision.revision();
            }
        }
        return toRevision;
    }

    /** Everything that happened, as a watch of everything with previous values would see it. */
    synchronized List<Event> events() {
        List<Event> all = new ArrayList<>();
        for (RevisionEvents revision : revisions) {
            for (KvEvent event : revision.events()) {
                all.add(proto(event));
            }
        }
        return all;
    }

    private static Event proto(KvEvent event) {
        ByteString key = ByteString.copyFrom(event.key());
        Event.Builder built = Event.newBuilder();
        try {
            byte[] record = event.record();
            if (record == null) {
                built.setType(EventType.DELETE)
                        .setKv(KeyValue.newBuilder().setKey(key).setModRevision(event.modRevision()));
            } else {
                built.setKv(KeyValue.parseFrom(record).toBuilder().setKey(key));
            }
            byte[] previous = event.previous();
            if (previous != null) {
                built.setPrevKv(KeyValue.parseFrom(previous).toBuilder().setKey(key));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        return built.build();
    }
}
