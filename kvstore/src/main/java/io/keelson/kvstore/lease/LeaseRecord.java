package io.keelson.kvstore.lease;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A lease as {@link io.keelson.kvstore.storage.Table#LEASE} holds it: 16 bytes, both numbers big-endian.
 *
 * @param ttlSeconds what was granted, and what a renewal starts again
 * @param deadlineMs the cluster time, in milliseconds, from which on the lease is expired; -1 for one that {@link #isGoing}
 */
public record LeaseRecord(long ttlSeconds, long deadlineMs) {
    private static final int BYTES = 16;

    /** The deadline of a lease that is going: before any other, so that it is the first to be carried on with. */
    private static final long GOING_DEADLINE_MS = -1;

    /** A lease that was granted, or renewed, at a point of cluster time. */
    public static LeaseRecord startingAt(long clusterTimeMs, long ttlSeconds) {
        return new LeaseRecord(ttlSeconds, Math.addExact(clusterTimeMs, Math.multiplyExact(ttlSeconds, 1000)));
    }

    /** The key of a lease in its table: the id, big-endian. */
    public static byte[] key(long leaseId) {
        return ByteBuffer.allocate(Long.BYTES).putLong(leaseId).array();
    }

    /** The lease id of a key in the table. */
    public static long id(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    /** The key of an attachment in {@link io.keelson.kvstore.storage.Table#LEASE_KEY}: the id, big-endian, and the user key. */
    public static byte[] attachmentKey(long leaseId, byte[] userKey) {
        return ByteBuffer.allocate(Long.BYTES + userKey.length)
                .putLong(leaseId)
                .put(userKey)
                .array();
    }

    /** The user key of a key in {@link io.keelson.kvstore.storage.Table#LEASE_KEY}. */
    public static byte[] userKey(byte[] attachmentKey) {
        return Arrays.copyOfRange(attachmentKey, Long.BYTES, attachmentKey.length);
    }

    /** The first key after all attachments of a lease; null if there is none, because the table ends with them. */
    public static byte @Nullable [] attachmentsEnd(long leaseId) {
        // Ids sort as unsigned numbers here, so the one after -1 would be 0, at the front of the table.
        return leaseId == -1 ? null : key(leaseId + 1);
    }

    public static LeaseRecord decode(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalStateException("a lease is stored in " + bytes.length + " bytes instead of " + BYTES);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return new LeaseRecord(in.getLong(), in.getLong());
    }

    public byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(ttlSeconds)
                .putLong(deadlineMs)
                .array();
    }

    /**
     * The same once some of its keys have been deleted because it was revoked or expired: expired at any time, and no lease
     * any more but a list of keys that are still to go.
     */
    public LeaseRecord going() {
        return new LeaseRecord(ttlSeconds, GOING_DEADLINE_MS);
    }

    /** Whether it is only there for the keys that are still to go. */
    public boolean isGoing() {
        return deadlineMs == GOING_DEADLINE_MS;
    }

    /** Whether the lease is over at a point of cluster time. */
    public boolean expired(long clusterTimeMs) {
        return deadlineMs <= clusterTimeMs;
    }

    /** The seconds left at a point of cluster time, rounded down, never negative. */
    public long remainingSeconds(long clusterTimeMs) {
        return Math.max(0, deadlineMs - clusterTimeMs) / 1000;
    }
}
