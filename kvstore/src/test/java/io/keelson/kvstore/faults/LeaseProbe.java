package io.keelson.kvstore.faults;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import java.util.concurrent.TimeUnit;

/**
 * Two leases with a key each that go through a round: a long one must still be there at its end, with no more time gone
 * than has passed, whatever leaders and clocks did; a short one must be gone, and its key with it.
 */
final class LeaseProbe {
    private static final long LONG_TTL_SECONDS = 3_600;
    private static final long SHORT_TTL_SECONDS = 3;

    /** Rounding to seconds, and what the calls themselves take. */
    private static final long SLACK_SECONDS = 3;

    private final ClusterProcesses cluster;
    private final String prefix;
    private final long longLease;
    private final long shortLease;
    private final long grantedNanos;

    /** Grants both, while all is healthy. */
    LeaseProbe(ClusterProcesses cluster, String prefix) {
        this.cluster = cluster;
        this.prefix = prefix;
        grantedNanos = System.nanoTime();
        longLease = grant("long", LONG_TTL_SECONDS);
        shortLease = grant("short", SHORT_TTL_SECONDS);
    }

    private long grant(String name, long ttlSeconds) {
        long id = lease(0).leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build())
                .getID();
        KVGrpc.newBlockingStub(cluster.channel(0))
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(prefix + name))
                        .setLease(id)
                        .build());
        return id;
    }

    private LeaseGrpc.LeaseBlockingStub lease(int member) {
        return LeaseGrpc.newBlockingStub(cluster.channel(member)).withDeadlineAfter(10, TimeUnit.SECONDS);
    }

    private long ttlSeconds(int member, long id) {
        return lease(member)
                .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(id).build())
                .getTTL();
    }

    private boolean present(String name) {
        return KVGrpc.newBlockingStub(cluster.channel(0))
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .range(RangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8(prefix + name))
                                .setCountOnly(true)
                                .build())
                        .getCount()
                == 1;
    }

    /** Judges, when all is healthy again. */
    void judge(String context) throws InterruptedException {
        for (int member = 0; member < cluster.members().size(); member++) {
            long left = ttlSeconds(member, longLease);
            long passedSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - grantedNanos);
            // Time stands still while nobody leads, so more may be left.
            if (left < LONG_TTL_SECONDS - passedSeconds - SLACK_SECONDS || left > LONG_TTL_SECONDS) {
                throw new AssertionError("after " + passedSeconds + " s a lease of " + LONG_TTL_SECONDS + " s has "
                        + left + " s left at member " + member + context);
            }
        }
        if (!present("long")) {
            throw new AssertionError("the key of a lease that lives is gone" + context);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SHORT_TTL_SECONDS + 10);
        while (present("short")) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the key of a lease that has expired is still there" + context);
            }
            Thread.sleep(100);
        }
        try {
            if (ttlSeconds(0, shortLease) != -1) {
                throw new AssertionError("a lease that has expired is still there" + context);
            }
        } catch (StatusRuntimeException e) {
            throw new AssertionError("a lease that has expired is answered with " + e.getStatus() + context, e);
        }
    }
}
