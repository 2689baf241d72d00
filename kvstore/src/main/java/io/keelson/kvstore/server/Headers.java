package io.keelson.kvstore.server;

import com.google.protobuf.CodedOutputStream;
import io.keelson.kvstore.api.ResponseHeader;
import java.util.function.LongSupplier;

/** Makes the header that every response of the API carries. Any thread. */
public final class Headers {
    private static final int HEADER_TAG = (1 << 3) | 2;

    private final long clusterId;
    private final long memberId;
    private final LongSupplier currentRevision;
    private final LongSupplier currentTerm;

    /**
     * @param currentRevision the newest revision that readers of this member can see
     * @param currentTerm the raft term as this member knows it
     */
    public Headers(long clusterId, long memberId, LongSupplier currentRevision, LongSupplier currentTerm) {
        this.clusterId = clusterId;
        this.memberId = memberId;
        this.currentRevision = currentRevision;
        this.currentTerm = currentTerm;
    }

    public long clusterId() {
        return clusterId;
    }

    public long memberId() {
        return memberId;
    }

    /** A header with the newest revision that readers can see. */
    public ResponseHeader header() {
        return header(currentRevision.getAsLong());
    }

    public ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setMemberId(memberId)
                .setRevision(revision)
                .setRaftTerm(currentTerm.getAsLong())
                .build();
    }

    /** The header as field 1 of a response, tag and length included: in front of an encoded body it completes a response. */
    public byte[] encoded(long revision) {
        return encoded(revision, currentTerm.getAsLong());
    }

    private byte[] encoded(long revision, long term) {
        int length = field(1, clusterId) + field(2, memberId) + field(3, revision) + field(4, term);
        byte[] bytes = new byte[2 + length];
        bytes[0] = HEADER_TAG;
        // Four fields of at most 11 bytes: the length always fits the one byte it gets.
        bytes[1] = (byte) length;
        int at = write(bytes, 2, 1, clusterId);
        at = write(bytes, at, 2, memberId);
        at = write(bytes, at, 3, revision);
        write(bytes, at, 4, term);
        return bytes;
    }

    private static int field(int number, long value) {
        return value == 0 ? 0 : CodedOutputStream.computeUInt64Size(number, value);
    }

    private static int write(byte[] out, int at, int number, long value) {
        if (value == 0) {
            return at;
        }
        int next = at;
        out[next++] = (byte) (number << 3);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[next++] = (byte) rest;
        return next;
    }
}
