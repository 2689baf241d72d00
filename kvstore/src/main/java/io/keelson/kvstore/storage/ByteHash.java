package io.keelson.kvstore.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * Hashes keys for tables in memory. Seeded at random, differently in each process, so that a client cannot choose keys
 * that collide; the hash never reaches the disk or the result of a command.
 */
final class ByteHash {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SEED = new SecureRandom().nextLong();
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final long SPREAD = 0xD6E8FEB86659FD93L;

    private ByteHash() {}

    static int of(byte[] bytes) {
        long hash = SEED ^ (bytes.length * MIX);
        int at = 0;
        for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            hash = absorb(hash, (long) LONGS.get(bytes, at));
        }
        long tail = 0;
        for (; at < bytes.length; at++) {
            tail = (tail << 8) | (bytes[at] & 0xff);
        }
        hash = absorb(hash, tail);
        return (int) (hash ^ (hash >>> 32));
    }

    private static long absorb(long hash, long word) {
        long mixed = (hash ^ word) * SPREAD;
        return (mixed ^ (mixed >>> 29)) * MIX;
    }
}
