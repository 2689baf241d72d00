package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.KvEvent;
import java.nio.charset.StandardCharsets;

/**
 * Writes the fields of {@code WatchResponse} as protobuf, so that an event's bytes can be made once and sent many times.
 * A response is a head (everything but events), followed by the bytes of its events, each with its own tag.
 */
final class WatchEncoding {
    private static final int TAG_HEADER = 1 << 3 | 2;
    private static final int TAG_WATCH_ID = 2 << 3;
    private static final int TAG_CREATED = 3 << 3;
    private static final int TAG_CANCELED = 4 << 3;
    private static final int TAG_COMPACT_REVISION = 5 << 3;
    private static final int TAG_CANCEL_REASON = 6 << 3 | 2;
    private static final int TAG_FRAGMENT = 7 << 3;
    private static final int TAG_EVENTS = 11 << 3 | 2;

    private static final int TAG_CLUSTER_ID = 1 << 3;
    private static final int TAG_MEMBER_ID = 2 << 3;
    private static final int TAG_REVISION = 3 << 3;
    private static final int TAG_RAFT_TERM = 4 << 3;

    private static final int TAG_EVENT_TYPE = 1 << 3;
    private static final int TAG_EVENT_KV = 2 << 3 | 2;
    private static final int TAG_EVENT_PREV_KV = 3 << 3 | 2;
    private static final int TYPE_DELETE = 1;

    private static final int TAG_KEY = 1 << 3 | 2;
    private static final int TAG_MOD_REVISION = 3 << 3;

    private WatchEncoding() {}

    /** One event as a field of a response, tag and length included. */
    static byte[] event(KvEvent event, boolean withPrevious) {
        byte[] key = event.key();
        byte[] record = event.record();
        int keyFieldLength = 1 + varintLength(key.length) + key.length;
        int kvLength = keyFieldLength + (record == null ? 1 + varintLength(event.modRevision()) : record.length);
        byte[] previous = withPrevious ? event.previous() : null;
        int previousLength = previous == null ? 0 : keyFieldLength + previous.length;

        int length = (record == null ? 2 : 0) + 1 + varintLength(kvLength) + kvLength;
        if (previous != null) {
            length += 1 + varintLength(previousLength) + previousLength;
        }
        byte[] out = new byte[1 + varintLength(length) + length];
        int at = tagged(out, 0, TAG_EVENTS, length);
        if (record == null) {
            at = tagged(out, at, TAG_EVENT_TYPE, TYPE_DELETE);
        }
        at = tagged(out, at, TAG_EVENT_KV, kvLength);
        at = bytes(out, at, TAG_KEY, key);
        if (record == null) {
            at = tagged(out, at, TAG_MOD_REVISION, event.modRevision());
        } else {
            System.arraycopy(record, 0, out, at, record.length);
            at += record.length;
        }
        if (previous != null) {
            at = tagged(out, at, TAG_EVENT_PREV_KV, previousLength);
            at = bytes(out, at, TAG_KEY, key);
            System.arraycopy(previous, 0, out, at, previous.length);
            at += previous.length;
        }
        if (at != out.length) {
            throw new IllegalStateException("encoded " + at + " bytes of an event of " + out.length);
        }
        return out;
    }

    /** Everything of a response except its events. */
    static byte[] head(ResponseOrigin origin, WatchMessage.Head head) {
        long term = origin.raftTerm().getAsLong();
        int headerLength = fieldLength(origin.clusterId())
                + fieldLength(origin.memberId())
                + fieldLength(head.revision())
                + fieldLength(term);
        byte[] reason = head.cancelReason().getBytes(StandardCharsets.UTF_8);
        int length = 1
                + varintLength(headerLength)
                + headerLength
                + fieldLength(head.watchId())
                + (head.created() ? 2 : 0)
                + (head.canceled() ? 2 : 0)
                + fieldLength(head.compactRevision())
                + (reason.length == 0 ? 0 : 1 + varintLength(reason.length) + reason.length)
                + (head.fragment() ? 2 : 0);
        byte[] out = new byte[length];
        int at = tagged(out, 0, TAG_HEADER, headerLength);
        at = field(out, at, TAG_CLUSTER_ID, origin.clusterId());
        at = field(out, at, TAG_MEMBER_ID, origin.memberId());
        at = field(out, at, TAG_REVISION, head.revision());
        at = field(out, at, TAG_RAFT_TERM, term);
        at = field(out, at, TAG_WATCH_ID, head.watchId());
        at = field(out, at, TAG_CREATED, head.created() ? 1 : 0);
        at = field(out, at, TAG_CANCELED, head.canceled() ? 1 : 0);
        at = field(out, at, TAG_COMPACT_REVISION, head.compactRevision());
        if (reason.length > 0) {
            at = bytes(out, at, TAG_CANCEL_REASON, reason);
        }
        at = field(out, at, TAG_FRAGMENT, head.fragment() ? 1 : 0);
        if (at != out.length) {
            throw new IllegalStateException("encoded " + at + " bytes of a head of " + out.length);
        }
        return out;
    }

    private static int fieldLength(long value) {
        return value == 0 ? 0 : 1 + varintLength(value);
    }

    private static int field(byte[] out, int at, int tag, long value) {
        return value == 0 ? at : tagged(out, at, tag, value);
    }

    private static int tagged(byte[] out, int at, int tag, long value) {
        out[at] = (byte) tag;
        return varint(out, at + 1, value);
    }

    private static int bytes(byte[] out, int at, int tag, byte[] value) {
        int start = tagged(out, at, tag, value.length);
        System.arraycopy(value, 0, out, start, value.length);
        return start + value.length;
    }

    private static int varintLength(long value) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(value | 1);
        return (bits + 6) / 7;
    }

    private static int varint(byte[] out, int at, long value) {
        int i = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out[i++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out[i++] = (byte) rest;
        return i;
    }
}
