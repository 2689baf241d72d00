package io.keelson.benchmarks.load;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Clients that keep a lease each alive, over a stream each, and send the next renewal when the last is answered. */
final class LeaseKeepAliveWorkload implements Workload {
    private static final long TTL_SECONDS = 600;

    private final EtcdConnections connections;
    private final int clients;
    private final long[] leases;
    private final StreamObserver<byte[]>[] streams;
    private final AtomicReferenceArray<ClosedLoop.@Nullable Done> waiting;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type cannot be made otherwise
    LeaseKeepAliveWorkload(EtcdConnections connections, int clients) {
        this.connections = connections;
        this.clients = clients;
        this.leases = new long[clients];
        this.streams = new StreamObserver[clients];
        this.waiting = new AtomicReferenceArray<>(clients);
    }

    @Override
    public void prepare(long warmUpOperations) throws InterruptedException {
        for (int client = 0; client < clients; client++) {
            byte[] granted = connections.callAndWait(
                    client,
                    EtcdConnections.LEASE_GRANT,
                    LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build().toByteArray());
            try {
                leases[client] = LeaseGrantResponse.parseFrom(granted).getID();
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("not a LeaseGrantResponse", e);
            }
            int number = client;
            streams[client] = connections.stream(client, EtcdConnections.LEASE_KEEP_ALIVE, new StreamObserver<>() {
                @Override
                public void onNext(byte[] response) {
                    ClosedLoop.Done done = waiting.getAndSet(number, null);
                    if (done != null && ttlSeconds(response) > 0) {
                        done.succeeded(1);
                    } else if (done != null) {
                        done.failed(new IllegalStateException("a lease has ended"));
                    }
                }

                @Override
                public void onError(Throwable error) {
                    ClosedLoop.Done done = waiting.getAndSet(number, null);
                    if (done != null) {
                        done.failed(error);
                    }
                }

                @Override
                public void onCompleted() {}
            });
        }
        ClosedLoop.run(this::start, clients, Long.MAX_VALUE / 4, warmUpOperations / 10);
    }

    @Override
    public ClosedLoop.Outcome run(long durationNanos) throws InterruptedException {
        return ClosedLoop.run(this::start, clients, durationNanos, Long.MAX_VALUE);
    }

    @Override
    public void finish() {
        for (int client = 0; client < clients; client++) {
            streams[client].onCompleted();
            connections.callAndWait(
                    client,
                    EtcdConnections.LEASE_REVOKE,
                    LeaseRevokeRequest.newBuilder()
                            .setID(leases[client])
                            .build()
                            .toByteArray());
        }
    }

    private static long ttlSeconds(byte[] keepAliveResponse) {
        try {
            return LeaseKeepAliveResponse.parseFrom(keepAliveResponse).getTTL();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("not a LeaseKeepAliveResponse", e);
        }
    }

    private void start(int client, ClosedLoop.Done done) {
        waiting.set(client, done);
        streams[client].onNext(
                LeaseKeepAliveRequest.newBuilder().setID(leases[client]).build().toByteArray());
    }
}
