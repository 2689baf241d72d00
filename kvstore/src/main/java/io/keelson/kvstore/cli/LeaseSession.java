package io.keelson.kvstore.cli;

import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.client.LeaseKeepAlive;
import io.keelson.kvstore.client.OutcomeUnknownException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A lease that lives as long as its session: what locks and elections hold their keys by. Renewed from a thread of its
 * own, revoked when closed.
 */
final class LeaseSession implements AutoCloseable {
    private final KvClient client;
    private final long lease;
    private final Thread renewer;
    private final CountDownLatch expired = new CountDownLatch(1);
    private volatile Runnable onExpiry = () -> {};

    private LeaseSession(KvClient client, long lease) {
        this.client = client;
        this.lease = lease;
        this.renewer = Thread.ofVirtual().unstarted(this::renew);
    }

    static LeaseSession open(KvClient client, long ttlSeconds, Deadline deadline) {
        LeaseGrantResponse granted = client.write(
                LeaseGrpc.getLeaseGrantMethod(),
                LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build(),
                deadline);
        LeaseSession session = new LeaseSession(client, granted.getID());
        session.renewer.start();
        return session;
    }

    long lease() {
        return lease;
    }

    /** Has this run when the lease is lost (or has been), on another thread. */
    void whenExpired(Runnable reaction) {
        onExpiry = reaction;
        if (hasExpired()) {
            reaction.run();
        }
    }

    boolean hasExpired() {
        return expired.getCount() == 0;
    }

    private void renew() {
        try {
            new LeaseKeepAlive(client, lease).untilGone(renewed -> {});
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (StatusRuntimeException e) {
            // Whatever the server's reason, the lease will not be renewed any more: that is what expiry means here.
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
        expired.countDown();
        onExpiry.run();
    }

    @Override
    public void close() {
        renewer.interrupt();
        if (hasExpired()) {
            return;
        }
        try {
            var _ = client.write(
                    LeaseGrpc.getLeaseRevokeMethod(),
                    LeaseRevokeRequest.newBuilder().setID(lease).build(),
                    Deadline.after(1, TimeUnit.SECONDS));
        } catch (StatusRuntimeException | OutcomeUnknownException e) {
            // It ends by itself after its TTL.
            expired.countDown();
        }
    }
}
