package io.keelson.kvstore.lease;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/** The payload of commands that name many leases: their ids, 8 bytes each, big-endian. */
final class LeaseIds {
    private LeaseIds() {}

    static byte[] encode(long[] ids) {
        ByteBuffer out = ByteBuffer.allocate(ids.length * Long.BYTES);
        out.asLongBuffer().put(ids);
        return out.array();
    }

    static long[] decode(ByteBuffer payload) {
        if (payload.remaining() % Long.BYTES != 0) {
            throw new IllegalArgumentException("lease ids in " + payload.remaining() + " bytes");
        }
        LongBuffer in = payload.slice().asLongBuffer();
        long[] ids = new long[in.remaining()];
        in.get(ids);
        return ids;
    }
}
