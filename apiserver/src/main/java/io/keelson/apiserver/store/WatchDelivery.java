package io.keelson.apiserver.store;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.WatchResponse;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watch: a buffer between the stream and a thread of its own, which turns responses into events and calls the
 * consumer.
 *
 * <p>The buffer is bounded by bytes. When it is full, because the consumer is slow, the watch is taken off its stream, so
 * that the other watches there go on, and what still arrives is dropped; once the consumer has seen all that was
 * buffered, the watch is created again with the revision behind it. Nothing is lost or repeated by that, unless the
 * store has compacted that revision meanwhile, and then the watch ends as expired.
 */
final class WatchDelivery implements StoreWatch {
    private final WatchStreams streams;
    private final EtcdStore.Values values;
    private final long bufferBytes;
    private final ByteString from;
    private final ByteString end;
    private final Consumer<StoreEvent> events;
    private final Consumer<@Nullable Throwable> ended;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<WatchResponse> buffer = new ArrayDeque<>();
    private long bufferedBytes;
    /** The first revision that has not been buffered. */
    private long next;

    private boolean overflowed;
    private boolean closed;
    private @Nullable Throwable failure;
    private volatile @Nullable Attachment attachment;

    WatchDelivery(
            WatchStreams streams,
            EtcdStore.Values values,
            long bufferBytes,
            ByteString from,
            ByteString end,
            long revision,
            Consumer<StoreEvent> events,
            Consumer<@Nullable Throwable> ended) {
        this.streams = streams;
        this.values = values;
        this.bufferBytes = bufferBytes;
        this.from = from;
        this.end = end;
        this.next = revision;
        this.events = events;
        this.ended = ended;
    }

    void start() {
        Thread.ofVirtual().name("store-watch " + from.toStringUtf8()).start(this::run);
    }

    /** This watch's place on a stream; it has another one after it was created again. */
    final class Attachment {
        private volatile @Nullable WatchStream stream;
        private volatile long id;
        /** Whether the store has confirmed it: reports about all watches of the stream are about this one, too. */
        private boolean created;

        void placed(WatchStream on, long withId) {
            id = withId;
            stream = on;
        }

        void leave() {
            WatchStream on = stream;
            if (on != null) {
                on.cancel(id);
            }
        }

        void requestProgress() {
            WatchStream on = stream;
            if (on != null) {
                on.requestProgress();
            }
        }

        /** Called by the thread that reads the stream. */
        void received(WatchResponse response) {
            lock.lock();
            try {
                if (attachment == this && !closed && failure == null && !overflowed) {
                    take(response);
                }
            } finally {
                lock.unlock();
            }
        }

        private void take(WatchResponse response) {
            if (response.getCanceled()) {
                end(
                        response.getCompactRevision() != 0
                                ? StoreErrors.watchExpired()
                                : StoreErrors.unavailable("the watch was canceled: " + response.getCancelReason()));
                return;
            }
            if (response.getCreated()) {
                created = true;
                return;
            }
            if (!created) {
                return;
            }
            long size = response.getSerializedSize();
            if (bufferedBytes > 0 && bufferedBytes + size > bufferBytes) {
                overflowed = true;
                return;
            }
            int count = response.getEventsCount();
            long last = count == 0
                    ? response.getHeader().getRevision()
                    : response.getEvents(count - 1).getKv().getModRevision();
            next = Math.max(next, last + 1);
            buffer.add(response);
            bufferedBytes += size;
            changed.signal();
        }

        /** The stream is no more. */
        void broken(Status status) {
            lock.lock();
            try {
                if (attachment == this) {
                    end(
                            StoreErrors.isCompacted(status)
                                    ? StoreErrors.watchExpired()
                                    : StoreErrors.unavailable(StoreErrors.text(status)));
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void end(Throwable why) {
        if (failure == null) {
            failure = why;
            changed.signal();
        }
    }

    private void run() {
        Throwable why = null;
        try {
            attach();
            for (WatchResponse response = poll(); response != null; response = poll()) {
                deliver(response);
            }
            lock.lock();
            try {
                why = closed ? null : failure;
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but whoever calls the consumer's code; it is the watch's end.
            why = e;
        } catch (RuntimeException | Error e) {
            // No memory at this moment, for example: who follows begins again, and must be told so.
            why = e;
        }
        try {
            leave();
            if (why != null) {
                streams.reconnect();
            }
        } finally {
            ended.accept(why);
        }
    }

    private void attach() {
        long revision;
        Attachment fresh = new Attachment();
        lock.lock();
        try {
            overflowed = false;
            revision = next;
            attachment = fresh;
        } finally {
            lock.unlock();
        }
        streams.stream().create(fresh, from, end, revision);
    }

    /** The next response; null when the watch is over and all that came before its end was taken. */
    private @Nullable WatchResponse poll() throws InterruptedException {
        while (true) {
            lock.lock();
            try {
                while (buffer.isEmpty() && !overflowed && !closed && failure == null) {
                    changed.await();
                }
                if (closed) {
                    return null;
                }
                WatchResponse response = buffer.poll();
                if (response != null) {
                    bufferedBytes -= response.getSerializedSize();
                    return response;
                }
                if (failure != null) {
                    return null;
                }
            } finally {
                lock.unlock();
            }
            leave();
            attach();
        }
    }

    private void deliver(WatchResponse response) {
        if (response.getEventsCount() == 0) {
            events.accept(new StoreEvent.Progress(response.getHeader().getRevision()));
            return;
        }
        // A response holds whole revisions, as parts of them would have to be asked for.
        int count = response.getEventsCount();
        for (int i = 0; i < count; i++) {
            Event event = response.getEvents(i);
            boolean last = i + 1 == count
                    || response.getEvents(i + 1).getKv().getModRevision()
                            != event.getKv().getModRevision();
            events.accept(event(event, last));
        }
    }

    private StoreEvent event(Event event, boolean last) {
        KeyValue keyValue = event.getKv();
        return switch (event.getType()) {
            case PUT ->
                new StoreEvent.Put(
                        values.of(keyValue), keyValue.getCreateRevision() == keyValue.getModRevision(), last);
            case DELETE -> new StoreEvent.Deleted(keyValue.getKey().toStringUtf8(), keyValue.getModRevision(), last);
            case UNRECOGNIZED -> throw StoreErrors.unavailable("the store tells of an event of unknown type");
        };
    }

    private void leave() {
        Attachment left = attachment;
        attachment = null;
        if (left != null) {
            left.leave();
        }
    }

    @Override
    public void requestProgress() {
        Attachment now = attachment;
        if (now != null) {
            now.requestProgress();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
