package io.keelson.kvstore.server;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.auth.AuthInterceptor;
import io.keelson.kvstore.auth.AuthService;
import io.keelson.kvstore.auth.Authorizer;
import io.keelson.kvstore.auth.LeasePermissions;
import io.keelson.kvstore.auth.Passwords;
import io.keelson.kvstore.lease.LeaseKeys;
import io.keelson.kvstore.lease.LeaseRenewer;
import io.keelson.kvstore.lease.LeaseService;
import io.keelson.kvstore.lease.LeaseStore;
import io.keelson.kvstore.lease.StoredLeaseKeys;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.server.net.EventLoops;
import io.keelson.kvstore.server.net.UnreadAnswers;
import io.keelson.kvstore.watch.WatchService;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What is offered over gRPC, and what every call goes through, on whichever way it comes.
 *
 * @param definitions of all services
 * @param interceptors around every call, the first outermost
 * @param channel to the services without a network between
 */
record MemberServices(
        List<ServerServiceDefinition> definitions,
        List<ServerInterceptor> interceptors,
        LastingCalls lastingCalls,
        HealthStatusManager health,
        ManagedChannel channel,
        Server inProcess,
        Passwords passwords)
        implements AutoCloseable {
    private static final int HEADER_BYTES_MAX = 64 * 1024;
    private static final int STOP_TIMEOUT_S = 2;

    /** A lease on disk, as the quota counts it beside what it adds to every write. */
    private static final int LEASE_BYTES = 24;

    /** Makes the services; the health service says that they are not to be used yet. */
    static MemberServices start(
            ServerConfig config,
            Identity identity,
            Threads threads,
            EventLoops loops,
            MemberState state,
            MemberLog log,
            SpaceQuota quota,
            SpaceReclaimer space,
            UnreadAnswers unread)
            throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        Passwords passwords = new Passwords(config.tokens().bcryptCost(), 2);
        BooleanSupplier learner = () -> state.membership().current().isLearner(identity.memberId());
        LastingCalls lastingCalls = new LastingCalls();
        List<ServerInterceptor> interceptors = new ArrayList<>(List.of(
                lastingCalls,
                new CallRules(state.leader()::hasLeader, learner),
                new AuthInterceptor(
                        state.users(),
                        state.tokens(),
                        log.readPoints(),
                        config.clientTls() != null && config.clientTls().clientCertAuth())));
        if (!config.features().rangeStream()) {
            interceptors.addFirst(new WithoutMethod(KVGrpc.getRangeStreamMethod()));
        }

        // Unique in the process, where several servers may live, and one may be started twice.
        String name = "keelson-kv-" + Long.toHexString(identity.memberId()) + "-" + System.identityHashCode(state);
        ManagedChannel channel = InProcessChannelBuilder.forName(name)
                .directExecutor()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        List<ServerServiceDefinition> definitions = services(
                        config, identity, threads, loops, state, log, quota, space, unread, passwords, channel, learner,
                        health)
                .stream()
                .map(BindableService::bindService)
                .map(CheckedRequests::in)
                .toList();
        InProcessServerBuilder builder =
                InProcessServerBuilder.forName(name).directExecutor().maxInboundMetadataSize(HEADER_BYTES_MAX);
        for (ServerServiceDefinition definition : definitions) {
            builder.addService(ServerInterceptors.interceptForward(definition, interceptors));
        }
        Server inProcess = builder.build().start();
        return new MemberServices(
                definitions, List.copyOf(interceptors), lastingCalls, health, channel, inProcess, passwords);
    }

    private static List<BindableService> services(
            ServerConfig config,
            Identity identity,
            Threads threads,
            EventLoops loops,
            MemberState state,
            MemberLog log,
            SpaceQuota quota,
            SpaceReclaimer space,
            UnreadAnswers unread,
            Passwords passwords,
            ManagedChannel channel,
            BooleanSupplier learner,
            HealthStatusManager health) {
        LogProposals proposals = log.proposals();
        BatchedReadPoints readPoints = log.readPoints();
        Headers headers = new Headers(
                identity.clusterId(), identity.memberId(), state.store()::currentRevision, log.raft()::term);
        Authorizer authorizer = new Authorizer(state.users(), state.tokens());
        LeaseKeys leaseKeys = new StoredLeaseKeys(state.database());
        BlockingCalls blocking = new BlockingCalls(channel);
        return List.of(
                new KvService(
                        proposals,
                        readPoints,
                        loops::current,
                        threads.longReaders(),
                        unread,
                        state.store(),
                        headers,
                        authorizer,
                        quota,
                        learner,
                        config.limits().txnOpsMax()),
                new WatchService(
                        state.watches(),
                        (_, _) -> new WatchPermissions(authorizer, state.users(), Context.current()),
                        state.leader()::hasLeader),
                new LeaseService(
                        state.leases(),
                        leaseKeys,
                        new LeaseRenewer(
                                proposals, threads.timer(), RaftSettings.requestTimeoutMs(config), System::nanoTime),
                        new LeasePermissions(authorizer, leaseKeys),
                        proposals,
                        readPoints,
                        headers,
                        log.raft()::clusterTimeMs,
                        new LeaseService.Rules(
                                LeaseStore.ttlSecondsMin(
                                        config.timing().heartbeatIntervalMs(),
                                        config.timing().electionTimeoutMs()),
                                () -> quota.admits(LEASE_BYTES),
                                () -> state.membership().current().alarmed(AlarmType.CORRUPT))),
                new ClusterService(
                        proposals,
                        readPoints,
                        headers,
                        authorizer,
                        state.membership()::current,
                        log.peers(),
                        Clock.systemUTC(),
                        new ClusterService.Rules(
                                identity.token(),
                                config.cluster().strictReconfigCheck(),
                                config.cluster().maxLearners())),
                new MaintenanceService(
                        proposals,
                        readPoints,
                        threads.hasher(),
                        state.store(),
                        state.database(),
                        log.raft(),
                        headers,
                        authorizer,
                        state.membership()::current,
                        quota,
                        space,
                        new SnapshotSender(
                                state.store(),
                                headers,
                                new EtcdSnapshotFormat(log.raft()::clusterTimeMs),
                                state.metrics()),
                        state.metrics()),
                new AuthService(state.users(), authorizer, state.tokens(), passwords, proposals, readPoints, headers),
                new ElectionService(blocking),
                new LockService(blocking),
                health.getHealthService(),
                ProtoReflectionServiceV1.newInstance(),
                reflectionForOlderTools());
    }

    @SuppressWarnings("deprecation") // so is its protocol, and tools that know no other are still about
    private static BindableService reflectionForOlderTools() {
        return ProtoReflectionService.newInstance();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        inProcess.shutdownNow();
        try {
            boolean _ = inProcess.awaitTermination(STOP_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        passwords.close();
    }
}
