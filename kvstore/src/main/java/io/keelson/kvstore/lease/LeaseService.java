package io.keelson.kvstore.lease;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesRequest;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.LeaseRevokeResponse;
import io.keelson.kvstore.api.LeaseStatus;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.server.Answers;
import io.keelson.kvstore.server.Failures;
import io.keelson.kvstore.server.Headers;
import io.keelson.kvstore.server.Proposals;
import io.keelson.kvstore.server.ReadPoints;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The gRPC service {@code etcdserverpb.Lease}. */
public final class LeaseService extends LeaseGrpc.LeaseImplBase {
    /** Keys of a lease that are named in an answer, together. A lease with more is answered with {@code REQUEST_TOO_LARGE}. */
    static final long KEYS_BYTES_MAX = 64L << 20;

    private static final byte[] NOTHING = {};

    private final LeaseStore leases;
    private final LeaseKeys keys;
    private final LeaseRenewer renewer;
    private final LeaseAccess access;
    private final Proposals proposals;
    private final ReadPoints readPoints;
    private final Headers headers;
    private final LongSupplier clusterTimeMs;
    private final Rules rules;
    private final SecureRandom random = new SecureRandom();

    /**
     * What this member goes by.
     *
     * @param ttlSecondsMin shorter grants are raised to this (see {@link LeaseStore#ttlSecondsMin})
     * @param space whether the database has space for another lease; raises NOSPACE if not
     * @param corrupt whether the alarm CORRUPT is raised
     */
    public record Rules(long ttlSecondsMin, BooleanSupplier space, BooleanSupplier corrupt) {}

    /** @param clusterTimeMs cluster time as this member knows it, in milliseconds */
    public LeaseService(
            LeaseStore leases,
            LeaseKeys keys,
            LeaseRenewer renewer,
            LeaseAccess access,
            Proposals proposals,
            ReadPoints readPoints,
            Headers headers,
            LongSupplier clusterTimeMs,
            Rules rules) {
        this.leases = leases;
        this.keys = keys;
        this.renewer = renewer;
        this.access = access;
        this.proposals = proposals;
        this.readPoints = readPoints;
        this.headers = headers;
        this.clusterTimeMs = clusterTimeMs;
        this.rules = rules;
    }

    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> client) {
        Answers.send(client, () -> {
            if (!rules.space.getAsBoolean()) {
                throw EtcdError.NO_SPACE.exception();
            }
            // Raised here and not where the command is carried out: members may be configured differently.
            LeaseGrantRequest chosen = LeaseGrantRequest.newBuilder()
                    .setTTL(Math.max(rules.ttlSecondsMin, request.getTTL()))
                    .setID(request.getID() == 0 ? newId() : request.getID())
                    .build();
            return proposals
                    .propose(access.command(CommandKind.LEASE_GRANT, chosen.toByteArray()))
                    .thenApply(this::granted);
        });
    }

    private long newId() {
        long id;
        do {
            id = random.nextLong() >>> 1;
        } while (id == 0);
        return id;
    }

    private LeaseGrantResponse granted(ApplyResult result) {
        try {
            return LeaseGrantResponse.parseFrom(result.body()).toBuilder()
                    .setHeader(headers.header(result.revision()))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the answer to a grant cannot be read", e);
        }
    }

    /** A lease with many or large keys goes in parts; it is answered when it is gone. */
    @Override
    public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> client) {
        Answers.send(client, () -> {
            Command command = access.command(CommandKind.LEASE_REVOKE, request.toByteArray());
            CompletableFuture<ApplyResult> gone = new CompletableFuture<>();
            revoke(command, null, gone);
            return gone.thenApply(result -> LeaseRevokeResponse.newBuilder()
                    .setHeader(headers.header(result.revision()))
                    .build());
        });
    }

    /** Should this come to nothing after the first part, the leader sees to the rest as it does for expired leases. */
    private void revoke(Command command, @Nullable ApplyResult before, CompletableFuture<ApplyResult> gone) {
        CompletableFuture<ApplyResult> part;
        try {
            part = proposals.propose(command);
        } catch (RuntimeException e) {
            part = CompletableFuture.failedFuture(e);
        }
        var _ = part.whenComplete((result, failure) -> {
            if (result != null && !LeaseStore.revoked(result)) {
                revoke(command, result, gone);
            } else if (result != null) {
                gone.complete(result);
            } else if (before != null
                    && Failures.cause(failure) instanceof EtcdException e
                    && e.error() == EtcdError.LEASE_NOT_FOUND) {
                // The leader was faster.
                gone.complete(before);
            } else {
                gone.completeExceptionally(failure);
            }
        });
    }

    /** A lease that does not exist is answered with a time to live of 0; any other failure ends the stream. */
    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> client) {
        KeepAliveStream stream = new KeepAliveStream(
                (ServerCallStreamObserver<LeaseKeepAliveResponse>) client, headers::header, this::renew);
        stream.open();
        return stream;
    }

    private CompletableFuture<Long> renew(long leaseId) {
        if (rules.corrupt.getAsBoolean() && expired(leaseId)) {
            // What the guard of the log would refuse, and with it the renewals of others in the same command.
            return CompletableFuture.failedFuture(EtcdError.CORRUPT.exception());
        }
        if (!access.restricted()) {
            return renewer.renew(leaseId);
        }
        try {
            return CompletableFuture.runAsync(
                            () -> access.checkRenew(leaseId),
                            Context.current().fixedContextExecutor(readPoints.readers()))
                    .thenCompose(_ -> renewer.renew(leaseId));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private boolean expired(long leaseId) {
        LeaseRecord lease = leases.lease(leaseId);
        return lease != null && lease.expired(clusterTimeMs.getAsLong());
    }

    /** A lease that does not exist is answered with a time to live of -1. */
    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> client) {
        Answers.send(client, () -> {
            access.checkUser();
            return readPoints.read(() -> timeToLive(request));
        });
    }

    private LeaseTimeToLiveResponse timeToLive(LeaseTimeToLiveRequest request) {
        LeaseTimeToLiveResponse.Builder answer =
                LeaseTimeToLiveResponse.newBuilder().setHeader(headers.header()).setID(request.getID());
        LeaseRecord lease = leases.lease(request.getID());
        if (lease == null) {
            return answer.setTTL(-1).build();
        }
        answer.setTTL(lease.remainingSeconds(clusterTimeMs.getAsLong())).setGrantedTTL(lease.ttlSeconds());
        if (request.getKeys()) {
            addKeys(answer);
        }
        return answer.build();
    }

    private void addKeys(LeaseTimeToLiveResponse.Builder answer) {
        long[] sizeBytes = {0};
        keys.visit(answer.getID(), NOTHING, key -> {
            sizeBytes[0] += key.length;
            if (sizeBytes[0] > KEYS_BYTES_MAX) {
                return false;
            }
            answer.addKeys(ByteString.copyFrom(key));
            return true;
        });
        if (sizeBytes[0] > KEYS_BYTES_MAX) {
            throw EtcdError.REQUEST_TOO_LARGE.exception();
        }
        access.checkKeys(answer.getKeysList());
    }

    /** Answers from what this member has applied, the lease that expires first in front, as etcd does. */
    @Override
    public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> client) {
        Answers.send(
                client,
                () -> CompletableFuture.supplyAsync(
                        this::list, Context.current().fixedContextExecutor(readPoints.readers())));
    }

    private LeaseLeasesResponse list() {
        LeaseLeasesResponse.Builder answer = LeaseLeasesResponse.newBuilder().setHeader(headers.header());
        long[] ids = leases.ids();
        access.checkList(ids);
        for (long id : ids) {
            answer.addLeases(LeaseStatus.newBuilder().setID(id));
        }
        return answer.build();
    }
}
