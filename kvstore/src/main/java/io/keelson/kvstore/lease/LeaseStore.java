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
import java.util.List;
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
 * <p>In memory, an index of ids and deadlines, which answers what has expired, what time is left and which leases exist.
 * It follows the tables when a batch is committed, so readers on other threads see committed leases only; commands
 * themselves read the session. Attached keys are never held in memory.
 *
 * <p>{@link CommandHandler} and {@link LeaseAttachments} are for the apply thread, everything else for any thread.
 */
public final class LeaseStore implements CommandHandler, LeaseAttachments {
    /** The longest time to live that may be granted: etcd's limit, beyond which its clock arithmetic would overflow. */
    public static final long TTL_SECONDS_MAX = 9_000_000_000L;

    /**
     * Once a command has expired so many keys, it leaves its other leases to the next one: what a command writes is held
     * in memory until it is done.
     */
    static final int EXPIRED_KEYS_MAX = 10_000;

    private static final byte[] NOTHING = {};

    private final Supplier<Session> session;
    private final Object indexLock = new Object();
    private final DeadlineIndex index =
            new DeadlineIndex(ThreadLocalRandom.current().nextLong());
    /** What the commands of the current batch did. Bounded by the size of a batch. Apply thread only. */
    private final List<Change> uncommitted = new ArrayList<>();

    private final LongAdder granted = new LongAdder();
    private final LongAdder renewed = new LongAdder();
    private final LongAdder revoked = new LongAdder();

    /** @param lease null if the lease is gone */
    private record Change(long id, @Nullable LeaseRecord lease) {}

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
        if (exists(context.session(), id)) {
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
        if (!exists(context.session(), request.getID())) {
            return ApplyResult.failure(context.revision(), EtcdError.LEASE_NOT_FOUND);
        }
        remove(context, request.getID());
        return ApplyResult.success(context.revision());
    }

    private ApplyResult renew(CommandContext context, long[] ids) {
        long[] ttls = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            LeaseRecord lease = read(context.session(), ids[i]);
            if (lease == null) {
                continue;
            }
            if (lease.expired(context.clusterTimeMs())) {
                // The answer "no such lease" is true only once its keys are gone, so they go now.
                remove(context, ids[i]);
                continue;
            }
            write(context.session(), ids[i], LeaseRecord.startingAt(context.clusterTimeMs(), lease.ttlSeconds()));
            ttls[i] = lease.ttlSeconds();
            renewed.increment();
        }
        return ApplyResult.success(context.revision(), context.local() ? LeaseIds.encode(ttls) : NOTHING);
    }

    private ApplyResult expire(CommandContext context, long[] ids) {
        int keys = 0;
        for (long id : ids) {
            LeaseRecord lease = read(context.session(), id);
            if (lease != null && lease.expired(context.clusterTimeMs())) {
                keys += remove(context, id);
                observer.expired();
            }
            if (keys >= EXPIRED_KEYS_MAX) {
                break;
            }
        }
        return ApplyResult.success(context.revision());
    }

    /** Removes a lease with its keys, and returns how many there were. */
    private int remove(CommandContext context, long id) {
        List<byte[]> keys = attachedKeys(context.session(), id);
        context.deleteKeys(keys);
        for (byte[] key : keys) {
            // Deleting a key detaches it; done here too, so that no attachment can outlive its lease.
            detach(context.session(), id, key);
        }
        context.session().delete(Table.LEASE, LeaseRecord.key(id));
        uncommitted.add(new Change(id, null));
        revoked.increment();
        return keys.size();
    }

    private void write(Session session, long id, LeaseRecord lease) {
        session.put(Table.LEASE, LeaseRecord.key(id), lease.encode());
        uncommitted.add(new Change(id, lease));
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
        return session.get(Table.LEASE, LeaseRecord.key(leaseId)) != null;
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
        uncommitted.clear();
    }

    @Override
    public void reload() {
        uncommitted.clear();
        synchronized (indexLock) {
            index.clear();
            session.get().scan(Table.LEASE, NOTHING, null, (key, value) -> {
                index.put(LeaseRecord.id(key), LeaseRecord.decode(value));
                return true;
            });
        }
    }

    /** The committed lease of an id; null if there is none. */
    public @Nullable LeaseRecord lease(long leaseId) {
        synchronized (indexLock) {
            return index.get(leaseId);
        }
    }

    /** How many leases there are. */
    public int count() {
        synchronized (indexLock) {
            return index.size();
        }
    }

    /** The ids of all leases, those that expire first in front. */
    public long[] ids() {
        long[] pairs = committed();
        Integer[] order = new Integer[pairs.length / 2];
        Arrays.setAll(order, i -> i);
        Arrays.sort(
                order, Comparator.<Integer>comparingLong(i -> pairs[2 * i + 1]).thenComparingLong(i -> pairs[2 * i]));
        return Arrays.stream(order).mapToLong(i -> pairs[2 * i]).toArray();
    }

    private long[] committed() {
        synchronized (indexLock) {
            return index.copy();
        }
    }

    /** Ids of leases that are expired at a point of cluster time, at most {@code countMax}. */
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
