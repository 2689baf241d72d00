package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.KvEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code WatchResponse} that is already encoded. Immutable; its event bytes are shared with other messages. */
public final class WatchMessage {
    /** The id in responses that belong to no watch, or to one that was not created. */
    public static final long NO_WATCH = -1;

    /**
     * The fields of a response other than its events; see {@code WatchResponse}.
     *
     * @param revision the revision in the header: every event up to it that the watch wants has been sent by the end of
     *     this response, or of its last fragment
     */
    public record Head(
            long revision,
            long watchId,
            boolean created,
            boolean canceled,
            long compactRevision,
            String cancelReason,
            boolean fragment) {
        static Head of(long revision, long watchId) {
            return new Head(revision, watchId, false, false, 0, "", false);
        }

        static Head created(long revision, long watchId) {
            return new Head(revision, watchId, true, false, 0, "", false);
        }

        static Head refused(long revision, String reason) {
            return new Head(revision, NO_WATCH, true, true, 0, reason, false);
        }

        static Head canceled(long revision, long watchId, String reason) {
            return new Head(revision, watchId, false, true, 0, reason, false);
        }

        /** A watch that compaction overtook: etcd's response has no revision in its header, and no reason. */
        static Head compacted(long watchId, long compactRevision) {
            return new Head(0, watchId, false, true, compactRevision, "", false);
        }

        static Head part(long revision, long watchId, boolean fragment) {
            return new Head(revision, watchId, false, false, 0, "", fragment);
        }
    }

    private final Head head;
    private final byte[] headBytes;
    private final @Nullable EventBatch batch;
    private final int from;
    private final int to;
    private final int size;

    private WatchMessage(Head head, byte[] headBytes, @Nullable EventBatch batch, int from, int to) {
        this.head = head;
        this.headBytes = headBytes;
        this.batch = batch;
        this.from = from;
        this.to = to;
        long length = headBytes.length;
        if (batch != null) {
            length += batch.bytes(from) - batch.bytesAfter(to);
        }
        this.size = Math.toIntExact(length);
    }

    static WatchMessage of(ResponseOrigin origin, Head head) {
        return new WatchMessage(head, WatchEncoding.head(origin, head), null, 0, 0);
    }

    static WatchMessage of(ResponseOrigin origin, Head head, EventBatch batch, int from, int to) {
        return new WatchMessage(head, WatchEncoding.head(origin, head), batch, from, to);
    }

    public Head head() {
        return head;
    }

    /** Number of events. */
    public int eventCount() {
        return to - from;
    }

    /** The events; they carry {@link KvEvent#previous} whether or not the watch asked for it. */
    public List<KvEvent> events() {
        EventBatch present = batch;
        if (present == null) {
            return List.of();
        }
        List<KvEvent> events = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            events.add(present.event(i));
        }
        return events;
    }

    /** Length of the encoded response in bytes. */
    public int size() {
        return size;
    }

    /** Writes the encoded response. */
    public void writeTo(OutputStream out) throws IOException {
        out.write(headBytes);
        EventBatch present = batch;
        if (present != null) {
            for (int i = from; i < to; i++) {
                out.write(present.encoded(i));
            }
        }
    }

    /** The encoded response. */
    public byte[] toByteArray() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(size);
        try {
            writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("a write into memory failed", e);
        }
        return out.toByteArray();
    }
}
