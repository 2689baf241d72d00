package io.keelson.kvstore.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmResponse;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.DefragmentRequest;
import io.keelson.kvstore.api.DefragmentResponse;
import io.keelson.kvstore.api.DowngradeRequest;
import io.keelson.kvstore.api.DowngradeResponse;
import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.HashRequest;
import io.keelson.kvstore.api.HashResponse;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MoveLeaderRequest;
import io.keelson.kvstore.api.MoveLeaderResponse;
import io.keelson.kvstore.api.SnapshotRequest;
import io.keelson.kvstore.api.SnapshotResponse;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.auth.Authorizer;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.Version;
import io.keelson.kvstore.metrics.StoreMetrics;
import io.keelson.kvstore.mvcc.KvHash;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.DatabaseSize;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftNode;
import io.keelson.raft.RaftStatus;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC service {@code etcdserverpb.Maintenance}. */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
    private static final Logger log = LoggerFactory.getLogger(MaintenanceService.class);

    private final Proposals proposals;
    private final ReadPoints readPoints;
    private final Executor hasher;
    private final MvccStore store;
    private final Database database;
    private final RaftNode raft;
    private final Headers headers;
    private final Authorizer authorizer;
    private final Supplier<Membership> membership;
    private final SpaceQuota quota;
    private final SpaceReclaimer space;
    private final SnapshotSender snapshots;
    private final StoreMetrics metrics;

    /** @param hasher where the store is hashed; bounded, what it rejects is answered with too many requests */
    MaintenanceService(
            Proposals proposals,
            ReadPoints readPoints,
            Executor hasher,
            MvccStore store,
            Database database,
            RaftNode raft,
            Headers headers,
            Authorizer authorizer,
            Supplier<Membership> membership,
            SpaceQuota quota,
            SpaceReclaimer space,
            SnapshotSender snapshots,
            StoreMetrics metrics) {
        this.proposals = proposals;
        this.readPoints = readPoints;
        this.hasher = hasher;
        this.store = store;
        this.database = database;
        this.raft = raft;
        this.headers = headers;
        this.authorizer = authorizer;
        this.membership = membership;
        this.quota = quota;
        this.space = space;
        this.snapshots = snapshots;
        this.metrics = metrics;
    }

    @Override
    public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> client) {
        Answers.send(client, () -> {
            if (request.getAction() == AlarmRequest.AlarmAction.UNRECOGNIZED
                    || request.getAlarm() == AlarmType.UNRECOGNIZED) {
                // Nothing that the log could carry out; an etcd ends when it meets one.
                throw Status.INVALID_ARGUMENT
                        .withDescription("etcdserver: unknown alarm type or action")
                        .asRuntimeException();
            }
            if (request.getAction() == AlarmRequest.AlarmAction.GET) {
                authorizer.checkUser(authorizer.user());
                return readPoints.linearizable().thenApply(_ -> {
                    AlarmResponse.Builder response = AlarmResponse.newBuilder().setHeader(headers.header());
                    for (AlarmMember alarm : membership.get().alarms()) {
                        if (request.getAlarm() == AlarmType.NONE || request.getAlarm() == alarm.getAlarm()) {
                            response.addAlarms(alarm);
                        }
                    }
                    return response.build();
                });
            }
            authorizer.checkAdmin(authorizer.user());
            return proposals
                    .proposeSystem(authorizer.command(CommandKind.ALARM, ByteBuffer.wrap(request.toByteArray())))
                    .thenApply(result -> {
                        try {
                            return AlarmResponse.parseFrom(result.body()).toBuilder()
                                    .setHeader(headers.header(result.revision()))
                                    .build();
                        } catch (InvalidProtocolBufferException e) {
                            throw new IllegalStateException("the answer to an alarm cannot be read", e);
                        }
                    });
        });
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            RaftStatus status = raft.status();
            DatabaseSize size = database.size();
            Membership now = membership.get();
            StatusResponse.Builder response = StatusResponse.newBuilder()
                    .setHeader(headers.header())
                    .setVersion(Version.ETCD.toString())
                    .setStorageVersion(now.clusterVersion() == null ? "" : now.clusterVersion())
                    .setDbSize(size.totalBytes())
                    .setDbSizeInUse(size.liveBytes())
                    .setDbSizeQuota(quota.quotaBytes() == Long.MAX_VALUE ? 0 : quota.quotaBytes())
                    .setLeader(status.leaderId())
                    .setRaftIndex(status.committedIndex())
                    .setRaftAppliedIndex(status.appliedIndex())
                    .setRaftTerm(status.term())
                    .setIsLearner(now.isLearner(headers.memberId()))
                    .setDowngradeInfo(now.downgrade());
            if (status.leaderId() == 0) {
                response.addErrors(EtcdError.NO_LEADER.text());
            }
            for (AlarmMember alarm : now.alarms()) {
                response.addErrors(
                        "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " alarm:" + alarm.getAlarm() + " ");
            }
            if (!status.failure().isEmpty()) {
                response.addErrors(status.failure());
            }
            return CompletableFuture.completedFuture(response.build());
        });
    }

    /**
     * Space is given back as it becomes free, so there is nothing to defragment unless there is no space left: then the
     * database is written anew, which takes its time (see {@link SpaceReclaimer}).
     */
    @Override
    public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> client) {
        long beganNs = System.nanoTime();
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            return space.defragment().thenApply(_ -> {
                metrics.defragmented(System.nanoTime() - beganNs);
                return DefragmentResponse.newBuilder()
                        .setHeader(headers.header())
                        .build();
            });
        });
    }

    @Override
    public void hash(HashRequest request, StreamObserver<HashResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            return CompletableFuture.supplyAsync(
                    () -> {
                        long beganNs = System.nanoTime();
                        KvHash hash = store.hashKv(0);
                        metrics.hashed(System.nanoTime() - beganNs);
                        return HashResponse.newBuilder()
                                .setHeader(headers.header(hash.currentRevision()))
                                .setHash(hash.hash())
                                .build();
                    },
                    hasher);
        });
    }

    @Override
    public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            return CompletableFuture.supplyAsync(
                    () -> {
                        long beganNs = System.nanoTime();
                        KvHash hash = store.hashKv(request.getRevision());
                        metrics.hashedToRevision(System.nanoTime() - beganNs);
                        return HashKVResponse.newBuilder()
                                .setHeader(headers.header(hash.currentRevision()))
                                .setHash(hash.hash())
                                .setHashRevision(hash.revision())
                                .setCompactRevision(hash.compactRevision())
                                .build();
                    },
                    hasher);
        });
    }

    @Override
    public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> client) {
        try {
            authorizer.checkAdmin(authorizer.user());
        } catch (RuntimeException e) {
            client.onError(Failures.status(e).asRuntimeException());
            return;
        }
        snapshots.send((ServerCallStreamObserver<SnapshotResponse>) client);
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            RaftStatus status = raft.status();
            if (!status.leading()) {
                throw EtcdError.NOT_LEADER.exception();
            }
            Member target = membership.get().member(request.getTargetID());
            if (target == null || target.getIsLearner()) {
                throw EtcdError.BAD_LEADER_TRANSFEREE.exception();
            }
            log.info("leadership goes to {} by request", Long.toHexString(request.getTargetID()));
            return raft.transferLeadership(request.getTargetID()).handle((_, failure) -> {
                if (failure != null) {
                    throw refusal(Failures.cause(failure));
                }
                return MoveLeaderResponse.newBuilder()
                        .setHeader(headers.header())
                        .build();
            });
        });
    }

    private static RuntimeException refusal(Throwable failure) {
        return switch (failure) {
            case RaftException.Timeout _ -> EtcdError.TIMEOUT_LEADER_FAILURE.exception();
            case RaftException.BadConfiguration _ -> EtcdError.BAD_LEADER_TRANSFEREE.exception();
            case RuntimeException other -> other;
            default -> new IllegalStateException(failure);
        };
    }

    @Override
    public void downgrade(DowngradeRequest request, StreamObserver<DowngradeResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            return switch (request.getAction()) {
                case VALIDATE -> validated(request).thenApply(_ -> downgradeAnswer());
                case ENABLE ->
                    validated(request)
                            .thenCompose(target -> proposals.propose(Command.of(
                                    CommandKind.DOWNGRADE,
                                    request.toBuilder()
                                            .setVersion(target.toString())
                                            .build()
                                            .toByteArray())))
                            .thenApply(_ -> downgradeAnswer());
                case CANCEL ->
                    readPoints
                            .linearizable()
                            .thenCompose(_ -> {
                                if (!membership.get().downgrade().getEnabled()) {
                                    throw EtcdError.NO_INFLIGHT_DOWNGRADE.exception();
                                }
                                return proposals.propose(Command.of(CommandKind.DOWNGRADE, request.toByteArray()));
                            })
                            .thenApply(_ -> downgradeAnswer());
                case UNRECOGNIZED ->
                    throw Status.UNKNOWN
                            .withDescription("etcdserver: unknown method")
                            .asRuntimeException();
            };
        });
    }

    private CompletableFuture<Version> validated(DowngradeRequest request) {
        Version target = Version.parse(request.getVersion());
        if (target == null) {
            throw EtcdError.WRONG_DOWNGRADE_VERSION_FORMAT.exception();
        }
        return readPoints.linearizable().thenApply(_ -> {
            Membership now = membership.get();
            Version cluster = clusterVersion(now);
            if (cluster == null) {
                throw EtcdError.CLUSTER_VERSION_UNAVAILABLE.exception();
            }
            if (!target.ofCluster().equals(cluster.downgradeTarget())) {
                throw EtcdError.INVALID_DOWNGRADE_TARGET_VERSION.exception();
            }
            if (now.downgrade().getEnabled()) {
                throw EtcdError.DOWNGRADE_IN_PROCESS.exception();
            }
            return target.ofCluster();
        });
    }

    private static @Nullable Version clusterVersion(Membership now) {
        String text = now.clusterVersion();
        return text == null ? null : Version.parse(text);
    }

    private DowngradeResponse downgradeAnswer() {
        Version version = clusterVersion(membership.get());
        return DowngradeResponse.newBuilder()
                .setHeader(headers.header())
                .setVersion(version == null ? "" : version.majorMinor())
                .build();
    }
}
