package io.keelson.kvstore.bolt;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A lease in etcd's file: {@code leasepb.Lease}, three integers, under its id.
 *
 * @param id positive
 * @param ttlSeconds the time to live that was granted
 * @param remainingTtlSeconds what was left of it at etcd's latest checkpoint, 0 if there was none
 */
public record EtcdLease(long id, long ttlSeconds, long remainingTtlSeconds) {
    private static final int ID_FIELD = 1;
    private static final int TTL_FIELD = 2;
    private static final int REMAINING_TTL_FIELD = 3;

    /** The key of a lease. */
    public static byte[] key(long id) {
        return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    }

    /** How many bytes {@link #encode} gives. */
    public int encodedBytes() {
        return sizeBytes(ID_FIELD, id)
                + sizeBytes(TTL_FIELD, ttlSeconds)
                + sizeBytes(REMAINING_TTL_FIELD, remainingTtlSeconds);
    }

    private static int sizeBytes(int field, long value) {
        return value == 0 ? 0 : CodedOutputStream.computeInt64Size(field, value);
    }

    public byte[] encode() {
        byte[] bytes = new byte[encodedBytes()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            write(out, ID_FIELD, id);
            write(out, TTL_FIELD, ttlSeconds);
            write(out, REMAINING_TTL_FIELD, remainingTtlSeconds);
        } catch (IOException e) {
            throw new UncheckedIOException("an array of the computed size is too small", e);
        }
        return bytes;
    }

    private static void write(CodedOutputStream out, int field, long value) throws IOException {
        if (value != 0) {
            out.writeInt64(field, value);
        }
    }

    /**
     * @throws IOException if the bytes are not a lease
     */
    public static EtcdLease decode(byte[] bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        long id = 0;
        long ttl = 0;
        long remainingTtl = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case ID_FIELD << 3 -> id = in.readInt64();
                case TTL_FIELD << 3 -> ttl = in.readInt64();
                case REMAINING_TTL_FIELD << 3 -> remainingTtl = in.readInt64();
                default -> in.skipField(tag);
            }
        }
        return new EtcdLease(id, ttl, remainingTtl);
    }
}
