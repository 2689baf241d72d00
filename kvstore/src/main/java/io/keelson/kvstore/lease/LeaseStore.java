package io.keelson.kvstore.lease;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.apply.CommandHandler;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The leases of a member.
 *
 * <p>On disk, {@link Table#LEASE} holds a {@link LeaseRecord} per lease and {@link Table#LEASE_KEY} an empty entry per
 * attached key. Example: lease 7 of 60 s granted at cluster time 1,000 ms, with two keys put under it, renewed at 31,000:
 *
 * <pre>
 * grant    LEASE     7     → ttl 60, deadline  61000
 * put a    LEASE_KEY 7 "a" →
 * put b    LEASE_KEY 7 "b" →
 * renew    LEASE     7     → ttl 60, deadline  91000
 * expire   at 91000 or later: all three entries go, and "a" and "b" are deleted as one revision
 * </pre>
 *
 * <p>A lease with very many or very large keys goes in parts, whether it expired or was revoked: one command deletes a
 * bounded part of its keys, the next ones the others, and the last one the lease. In between, the lease is {@link
 * LeaseRecord#isGoing going}: for everybody but those commands, and those who would grant its id again, it is no more. With
 * room for one key in a command:
 *
 * <pre>
 * expire   LEASE     7     → ttl 60, deadline  -1    "a" is deleted
 * expire   "b" is deleted, and the lease goes
 * </pre>
 *
 * <p>In memory, an index of ids and deadlines, which answers what has expired, what time is left and which leases exist.
 * It follows the tables when a batch is committed, so readers on other threads see committed leases only; commands
 * themselves read the session. Attached keys are never held in memory.
 *
 * <p>{@link CommandHandler} and {@link LeaseAttachments} are for the apply thread, everything else for any thread.
 */
public final class LeaseStore implements CommandHandler, LeaseAttachments {
    /** The longest time to live that may be granted: etcd's limit, beyond which its clock arithmetic would overflow. */
    public static final long TTL_SECONDS_MAX = 9_000_000_000L;

    /** Keys that one command deletes because leases end; what is beyond is left to the next one. */
    static final int PART_KEYS_MAX = 10_000;

    /** The same in bytes that the changes of the command take in memory. */
    static final long PART_BYTES_MAX = 16L << 20;

    /** What a renewal answers of a lease that is over while keys of it are left: ask again. */
    static final long STILL_GOING = -1;

    /** Leases of which it is remembered where their keys that are left begin, and the longest key that is remembered. */
    private static final int REMEMBERED_MAX = 256;

    private static final int REMEMBERED_KEY_BYTES_MAX = 4 << 10;

    private static final byte[] NOTHING = {};
    private static final byte[] KEYS_ARE_LEFT = {1};

    private final Supplier<Session> session;
    private final Object indexLock = new Object();
    private final DeadlineIndex index =
            new DeadlineIndex(ThreadLocalRandom.current().nextLong());
    /** What the commands of the current batch did. Bounded by the size of a batch. Apply thread only. */
    private final List<Change> uncommitted = new ArrayList<>();

    private final LongAdder granted = new LongAdder();
    private final LongAdder renewed = new LongAdder();
    private final LongAdder revoked = new LongAdder();

    /**
     * By id of a lease that is going: the last key deleted, so that nobody walks over all that were deleted to find the
     * first that was not. What is not known is looked for from the front. Apply thread only.
     */
    private final Map<Long, byte[]> deletedUpTo = new HashMap<>();

    /**
     * @param lease null if the lease is gone
     * @param deletedUpTo the last key that was deleted of a lease that is going; null for others
     */
    private record Change(long id, @Nullable LeaseRecord lease, byte @Nullable [] deletedUpTo) {}

    /** What one command may still delete. */
    private static final class Part {
        int keysLeft = PART_KEYS_MAX;
        boolean full;
    }

    private volatile LeaseObserver observer = LeaseObserver.NONE;

    /** @param session the session of the apply thread, asked for when the whole state is read anew */
    public LeaseStore(Supplier<Session> session) {
        this.session = session;
    }

    /** Sets who hears of leases that come and expire. */
    public void observer(LeaseObserver newObserver) {
        observer = newObserver;
    }

    /**
     * The shortest time to live that a cluster grants: one and a half election timeouts, so that a change of leader does
     * not expire a lease, in whole seconds.
     */
    public static long ttlSecondsMin(int heartbeatIntervalMs, int electionTimeoutMs) {
        long electionTicks = electionTimeoutMs / heartbeatIntervalMs;
        long minMs = 3 * electionTicks / 2 * heartbeatIntervalMs;
        return Math.ceilDiv(minMs, 1000L);
    }

    @Override
    public ApplyResult apply(CommandContext context, Command command) {
        int before = uncommitted.size();
        try {
            return carryOut(context, command);
        } catch (RuntimeException e) {
            // What the command wrote is taken back, so the index must not follow it.
            uncommitted.subList(before, uncommitted.size()).clear();
            throw e;
        }
    }

    private ApplyResult carryOut(CommandContext context, Command command) {
        return switch (command.kind()) {
            case LEASE_GRANT -> grant(context, command);
            case LEASE_REVOKE -> revoke(context, command);
            case LEASE_RENEW -> renew(context, LeaseIds.decode(command.payload()));
            case LEASE_EXPIRE -> expire(context, LeaseIds.decode(command.payload()));
            default -> throw new IllegalArgumentException("not a command for leases: " + command.kind());
        };
    }

    private ApplyResult grant(CommandContext context, Command command) {
        LeaseGrantRequest request;
        try {
            request = LeaseGrantRequest.parseFrom(command.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a grant in the log cannot be read", e);
        }
        long id = request.getID();
        if (id == 0) {
            return ApplyResult.failure(context.revision(), EtcdError.LEASE_NOT_FOUND);
        }
        if (request.getTTL() > TTL_SECONDS_MAX) {
            return ApplyResult.failure(context.revision(), EtcdError.LEASE_TTL_TOO_LARGE);
        }
        if (read(context.session(), id) != null) {
            return ApplyResult.failure(context.revision(), EtcdError.LEASE_EXIST);
        }
        long ttlSeconds = Math.max(1, request.getTTL());
        write(context.session(), id, LeaseRecord.startingAt(context.clusterTimeMs(), ttlSeconds));
        granted.increment();
        observer.granted(ttlSeconds);
        byte[] body = context.local()
                ? LeaseGrantResponse.newBuilder()
                        .setID(id)
                        .setTTL(ttlSeconds)
                        .build()
                        .toByteArray()
                : NOTHING;
        return ApplyResult.success(context.revision(), body);
    }

    private ApplyResult revoke(CommandContext context, Command command) {
        LeaseRevokeRequest request;
        try {
            request = LeaseRevokeRequest.parseFrom(command.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a revocation in the log cannot be read", e);
        }
        LeaseRecord lease = read(context.session(), request.getID());
        if (lease == null) {
            return ApplyResult.failure(context.revision(), EtcdError.LEASE_NOT_FOUND);
        }
        boolean gone = remove(context, request.getID(), lease, new Part());
        return ApplyResult.success(context.revision(), gone ? NOTHING : KEYS_ARE_LEFT);
    }

    /** Whether a revocation has deleted all keys of the lease; otherwise it is to be proposed again. */
    static boolean revoked(ApplyResult result) {
        return result.body().length == 0;
    }

    private ApplyResult renew(CommandContext context, long[] ids) {
        long[] ttls = new long[ids.length];
        Part part = new Part();
        for (int i = 0; i < ids.length; i++) {
            LeaseRecord lease = read(context.session(), ids[i]);
            if (lease == null) {
                continue;
            }
            if (lease.expired(context.clusterTimeMs())) {
                // The answer "no such lease" is true only once its keys are gone, so they go now.
                ttls[i] = remove(context, ids[i], lease, part) ? 0 : STILL_GOING;
                continue;
            }
            write(context.session(), ids[i], LeaseRecord.startingAt(context.clusterTimeMs(), lease.ttlSeconds()));
            ttls[i] = lease.ttlSeconds();
            renewed.increment();
        }
        return ApplyResult.success(context.revision(), context.local() ? LeaseIds.encode(ttls) : NOTHING);
    }

    private ApplyResult expire(CommandContext context, long[] ids) {
        Part part = new Part();
        for (long id : ids) {
            LeaseRecord lease = read(context.session(), id);
            if (lease != null && lease.expired(context.clusterTimeMs()) && remove(context, id, lease, part)) {
                observer.expired();
            }
            if (part.full) {
                break;
            }
        }
        return ApplyResult.success(context.revision());
    }

    /**
     * Removes a lease with its keys, or as many of the keys as the command may still delete; returns whether all are gone,
     * and so the lease.
     */
    private boolean remove(CommandContext context, long id, LeaseRecord lease, Part part) {
        if (part.full) {
            return false;
        }
        List<byte[]> keys = new ArrayList<>();
        byte[] from = lease.isGoing() ? deletedUpTo.getOrDefault(id, NOTHING) : NOTHING;
        boolean all = nextKeys(context.session(), id, from, part, keys);
        int deleted = keys.isEmpty() ? 0 : context.deleteKeys(keys, PART_BYTES_MAX);
        for (byte[] key : keys.subList(0, deleted)) {
            // Deleting a key detaches it; done here too, so that no attachment can outlive its lease.
            detach(context.session(), id, key);
        }
        part.keysLeft -= deleted;
        if (!all || deleted < keys.size()) {
            part.full = true;
            if (deleted > 0) {
                LeaseRecord going = lease.going();
                context.session().put(Table.LEASE, LeaseRecord.key(id), going.encode());
                uncommitted.add(new Change(id, going, keys.get(deleted - 1)));
            }
            return false;
        }
        context.session().delete(Table.LEASE, LeaseRecord.key(id));
        uncommitted.add(new Change(id, null, null));
        // Now and not when the batch is written: the same id may be granted anew, and end, before that.
        deletedUpTo.remove(id);
        revoked.increment();
        return true;
    }

    /** Finds keys attached to a lease, as many as may be deleted; returns whether these are all. */
    private static boolean nextKeys(Session session, long id, byte[] from, Part part, List<byte[]> keys) {
        boolean[] all = {true};
        long[] bytes = {0};
        visitAttachedKeys(session, id, from, key -> {
            if (keys.size() == part.keysLeft || bytes[0] >= PART_BYTES_MAX) {
                all[0] = false;
                return false;
            }
            keys.add(key);
            bytes[0] += key.length;
            return true;
        });
        return all[0];
    }

    private void write(Session session, long id, LeaseRecord lease) {
        session.put(Table.LEASE, LeaseRecord.key(id), lease.encode());
        uncommitted.add(new Change(id, lease, null));
    }

    private static @Nullable LeaseRecord read(Session session, long id) {
        byte[] stored = session.get(Table.LEASE, LeaseRecord.key(id));
        return stored == null ? null : LeaseRecord.decode(stored);
    }

    /** The keys attached to a lease, in their order, as the batch has them so far. Apply thread only. */
    public static List<byte[]> attachedKeys(Session session, long leaseId) {
        List<byte[]> keys = new ArrayList<>();
        visitAttachedKeys(session, leaseId, NOTHING, key -> {
            keys.add(key);
            return true;
        });
        return keys;
    }

    /**
     * Visits the keys attached to a lease, in their order, as the batch has them so far, until the visitor returns false.
     * Apply thread only.
     *
     * @param from the first key that is of interest; empty for all
     */
    public static void visitAttachedKeys(Session session, long leaseId, byte[] from, Predicate<byte[]> visitor) {
        session.scan(
                Table.LEASE_KEY,
                LeaseRecord.attachmentKey(leaseId, from),
                LeaseRecord.attachmentsEnd(leaseId),
                (key, _) -> visitor.test(LeaseRecord.userKey(key)));
    }

    @Override
    public boolean exists(Session session, long leaseId) {
        LeaseRecord lease = read(session, leaseId);
        return lease != null && !lease.isGoing();
    }

    @Override
    public void attach(Session session, long leaseId, byte[] key) {
        session.put(Table.LEASE_KEY, LeaseRecord.attachmentKey(leaseId, key), NOTHING);
    }

    @Override
    public void detach(Session session, long leaseId, byte[] key) {
        session.delete(Table.LEASE_KEY, LeaseRecord.attachmentKey(leaseId, key));
    }

    @Override
    public void batchCommitted() {
        if (uncommitted.isEmpty()) {
            return;
        }
        synchronized (indexLock) {
            for (Change change : uncommitted) {
                if (change.lease == null) {
                    index.remove(change.id);
                } else {
                    index.put(change.id, change.lease);
                }
            }
        }
        uncommitted.forEach(this::remember);
        uncommitted.clear();
    }

    private void remember(Change change) {
        if (change.lease == null) {
            deletedUpTo.remove(change.id);
        } else if (change.deletedUpTo != null
                && change.deletedUpTo.length <= REMEMBERED_KEY_BYTES_MAX
                && (deletedUpTo.size() < REMEMBERED_MAX || deletedUpTo.containsKey(change.id))) {
            deletedUpTo.put(change.id, change.deletedUpTo);
        }
    }

    @Override
    public void reload() {
        uncommitted.clear();
        deletedUpTo.clear();
        synchronized (indexLock) {
            index.clear();
            session.get().scan(Table.LEASE, NOTHING, null, (key, value) -> {
                index.put(LeaseRecord.id(key), LeaseRecord.decode(value));
                return true;
            });
        }
    }

    /** The committed lease of an id; null if there is none, or none but a lease that is going. */
    public @Nullable LeaseRecord lease(long leaseId) {
        synchronized (indexLock) {
            LeaseRecord lease = index.get(leaseId);
            return lease == null || lease.isGoing() ? null : lease;
        }
    }

    /** How many leases there are, those that are going among them. */
    public int count() {
        synchronized (indexLock) {
            return index.size();
        }
    }

    /** The ids of all leases, those that expire first in front, without those that are going. */
    public long[] ids() {
        long[] pairs = committed();
        Integer[] order = new Integer[pairs.length / 2];
        Arrays.setAll(order, i -> i);
        Arrays.sort(
                order, Comparator.<Integer>comparingLong(i -> pairs[2 * i + 1]).thenComparingLong(i -> pairs[2 * i]));
        return Arrays.stream(order)
                .filter(i -> !new LeaseRecord(0, pairs[2 * i + 1]).isGoing())
                .mapToLong(i -> pairs[2 * i])
                .toArray();
    }

    private long[] committed() {
        synchronized (indexLock) {
            return index.copy();
        }
    }

    /** Ids of leases that are going, or are expired at a point of cluster time, at most {@code countMax}. */
    public long[] expired(long clusterTimeMs, int countMax) {
        synchronized (indexLock) {
            return index.expired(clusterTimeMs, countMax);
        }
    }

    /** Leases granted on this member since it started. */
    public long grantedTotal() {
        return granted.sum();
    }

    /** Renewals carried out on this member since it started. */
    public long renewedTotal() {
        return renewed.sum();
    }

    /** Leases revoked or expired on this member since it started. */
    public long revokedTotal() {
        return revoked.sum();
    }
}
