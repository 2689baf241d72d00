package io.keelson.kvstore.faults;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.LockRequest;
import io.keelson.kvstore.api.UnlockRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Clients that take one lock in turn through all members, each time with a lease of its own, and note when they held it. */
final class LockClients implements AutoCloseable {
    private static final int CLIENTS = 3;
    private static final long TTL_SECONDS = 4;

    /** Who waits behind a client that was lost waits for its lease. */
    private static final long DEADLINE_SECONDS = 8;

    private final ClusterProcesses cluster;
    private final ByteString name;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<LockJudge.Hold> holds = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    LockClients(ClusterProcesses cluster, String name, SplittableRandom random) {
        this.cluster = cluster;
        this.name = ByteString.copyFromUtf8(name);
        for (int i = 0; i < CLIENTS; i++) {
            int client = i;
            SplittableRandom own = random.split();
            threads.add(Thread.ofVirtual().unstarted(() -> work(client, own)));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    private void work(int client, SplittableRandom random) {
        try {
            while (!stopped) {
                int member = random.nextInt(cluster.members().size());
                try {
                    hold(client, member, random);
                } catch (StatusRuntimeException e) {
                    cluster.channel(member).resetConnectBackoff();
                }
                Thread.sleep(20 + random.nextInt(100));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void hold(int client, int member, SplittableRandom random) throws InterruptedException {
        long asked = System.nanoTime();
        LeaseGrantResponse lease = LeaseGrpc.newBlockingStub(cluster.channel(member))
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build());
        LockGrpc.LockBlockingStub locks = LockGrpc.newBlockingStub(cluster.channel(member));
        ByteString key = locks.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .lock(LockRequest.newBuilder()
                        .setName(name)
                        .setLease(lease.getID())
                        .build())
                .getKey();
        long held = System.nanoTime();
        Thread.sleep(random.nextInt(200));
        long unlocked = System.nanoTime();
        holds.add(new LockJudge.Hold(
                client,
                key.toStringUtf8(),
                held,
                Math.min(unlocked, asked + TimeUnit.SECONDS.toNanos(lease.getTTL()))));
        if (random.nextBoolean()) {
            var _ = locks.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .unlock(UnlockRequest.newBuilder().setKey(key).build());
        }
        var _ = LeaseGrpc.newBlockingStub(cluster.channel(member))
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .leaseRevoke(
                        LeaseRevokeRequest.newBuilder().setID(lease.getID()).build());
    }

    /** Stops them, waits for the last answers, and returns when each held the lock. */
    List<LockJudge.Hold> stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(holds);
    }

    /** Lets them stop after the answers they wait for. */
    @Override
    public void close() {
        stopped = true;
    }
}
