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
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.apply.CommandHandler;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.apply.KvStateMachine;
import io.keelson.kvstore.auth.AuthGuard;
import io.keelson.kvstore.auth.AuthInterceptor;
import io.keelson.kvstore.auth.AuthService;
import io.keelson.kvstore.auth.AuthStore;
import io.keelson.kvstore.auth.Authorizer;
import io.keelson.kvstore.auth.LeasePermissions;
import io.keelson.kvstore.auth.Passwords;
import io.keelson.kvstore.auth.Tokens;
import io.keelson.kvstore.gateway.HealthPages;
import io.keelson.kvstore.gateway.HealthSource;
import io.keelson.kvstore.gateway.JsonGateway;
import io.keelson.kvstore.gateway.Router;
import io.keelson.kvstore.lease.LeaseExpirer;
import io.keelson.kvstore.lease.LeaseKeys;
import io.keelson.kvstore.lease.LeaseRenewer;
import io.keelson.kvstore.lease.LeaseService;
import io.keelson.kvstore.lease.LeaseStore;
import io.keelson.kvstore.lease.StoredLeaseKeys;
import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.membership.Version;
import io.keelson.kvstore.metrics.CallMetrics;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.PeerMetrics;
import io.keelson.kvstore.metrics.StoreMetrics;
import io.keelson.kvstore.mvcc.Compactor;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.server.config.ListenUrl;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.server.net.ClientListeners;
import io.keelson.kvstore.server.net.EventLoops;
import io.keelson.kvstore.server.net.SelfSigned;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.StorageConfig;
import io.keelson.kvstore.storage.StorageException;
import io.keelson.kvstore.watch.ResponseOrigin;
import io.keelson.kvstore.watch.WatchConfig;
import io.keelson.kvstore.watch.WatchHub;
import io.keelson.kvstore.watch.WatchService;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftConfig;
import io.keelson.raft.RaftMember;
import io.keelson.raft.RaftNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a store cluster: puts the parts together, starts them, and stops them in the opposite order.
 *
 * <p>To embed one, make a {@link ServerConfig} of flags, {@link #start} it, talk to it over {@link #channel} or at {@link
 * #clientUrls}, and {@link #close} it. Port 0 in a client URL takes a free one. Several servers live in one process as long
 * as their data directories and ports differ.
 */
public final class KvServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KvServer.class);

    /** What a request's way through log and state machine may take, besides two elections; etcd's figure. */
    private static final int REQUEST_TIMEOUT_MS = 5_000;

    private static final int COMMAND_OVERHEAD_BYTES = 64 * 1024;
    private static final int WAITING_COMMANDS_MAX = 50_000;
    private static final long SNAPSHOT_BYTES_PER_SECOND_MAX = 100L << 20;
    private static final long ANSWER_BYTES_MAX = 512L << 20;
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);
    /** How often is looked whether the log or the database can not go on. */
    private static final int FAILURE_LOOK_MS = 500;

    private static final int TRANSFER_TIMEOUT_MS = 3_000;

    private static final Set<CommandKind> LEASE_COMMANDS = Set.of(
            CommandKind.LEASE_GRANT, CommandKind.LEASE_REVOKE, CommandKind.LEASE_RENEW, CommandKind.LEASE_EXPIRE);
    private static final Set<CommandKind> MEMBER_COMMANDS = Set.of(
            CommandKind.ALARM,
            CommandKind.MEMBER_ADD,
            CommandKind.MEMBER_REMOVE,
            CommandKind.MEMBER_UPDATE,
            CommandKind.MEMBER_PROMOTE,
            CommandKind.MEMBER_PUBLISH,
            CommandKind.CLUSTER_VERSION,
            CommandKind.DOWNGRADE);

    private final ServerConfig config;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final AtomicReference<@Nullable RaftNode> raftReference = new AtomicReference<>();
    private final Metrics metrics = new Metrics();

    private @Nullable Running running;

    /** What is to be looked after when the leader or the members change; nothing until there is somebody to do it. */
    private static final class Wake implements Runnable {
        private volatile Runnable action = () -> {};

        void becomes(Runnable newAction) {
            action = newAction;
        }

        @Override
        public void run() {
            action.run();
        }
    }

    /** What there is once the server has started. */
    private record Running(
            Identity identity,
            RaftNode raft,
            MembershipStore membership,
            WatchHub watches,
            ClientListeners listeners,
            LastingCalls lastingCalls,
            HealthStatusManager health,
            ManagedChannel channel) {}

    private KvServer(ServerConfig config) {
        this.config = config;
    }

    /**
     * Starts a server, and returns when it serves.
     *
     * @throws StartFailure if it cannot start; nothing is left running then
     */
    public static KvServer start(ServerConfig config) throws StartFailure {
        KvServer server = new KvServer(config);
        try {
            server.running = server.open();
            return server;
        } catch (IOException | StorageException | IllegalStateException | IllegalArgumentException e) {
            server.close();
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        } catch (StartFailure | RuntimeException e) {
            server.close();
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            server.close();
            throw new StartFailure("interrupted while starting", e);
        }
    }

    private Running running() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the server has not started");
        }
        return now;
    }

    public long clusterId() {
        return running().identity().clusterId();
    }

    public long memberId() {
        return running().identity().memberId();
    }

    /** Where clients are served, with the ports that were really taken. */
    public List<ListenUrl> clientUrls() {
        return running().listeners().clientUrls();
    }

    /** Where only HTTP is served, with the ports that were really taken. */
    public List<ListenUrl> httpUrls() {
        return running().listeners().httpUrls();
    }

    /** A channel to this server's services that takes no network. Closed with the server. */
    public ManagedChannel channel() {
        return running().channel();
    }

    /** Whether this member leads and serves as the leader. */
    public boolean leading() {
        return running().raft().status().leading();
    }

    /**
     * Completes when the server has left service: normally after {@link #close}, or when it was removed from the cluster;
     * with an exception when a failure has stopped it.
     */
    public CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private Running open() throws IOException, StartFailure, InterruptedException {
        config.notices().forEach(log::warn);
        part(DataDirLock.take(config.dataDir()));
        PeerTls peerTls = peerTls();
        Bootstrap.Start start = new Bootstrap(config, peerTls).identity();
        Identity identity = start.identity();

        Threads threads = part(Threads.start());
        Database database = part(Database.open(config.dataDir().resolve("db"), StorageConfig.defaults()));
        Compactor compactor = part(new Compactor(
                database,
                config.limits().compactionBatch(),
                Math.max(1, config.limits().compactionPause().toMillis())));
        long answerBytesMax = Math.min(ANSWER_BYTES_MAX, Runtime.getRuntime().maxMemory() / 4);
        MvccStore store = new MvccStore(database, compactor, answerBytesMax);
        WatchHub watches = part(WatchHub.start(
                store,
                WatchConfig.defaults()
                        .withProgressNotifyIntervalMs(
                                config.limits().watchProgressInterval().toMillis())
                        .withRequestBytesMax(config.limits().requestBytesMax()),
                new ResponseOrigin(identity.clusterId(), identity.memberId(), this::term)));
        EventCounts events = new EventCounts(watches);

        LeaseStore leases = new LeaseStore(database::session);
        MembershipStore membership = new MembershipStore(database::session);
        Tokens tokens = tokens();
        AuthStore users = new AuthStore(database::session, tokens);
        WatchedAuth watchedUsers = new WatchedAuth(users, watches);
        Wake wake = new Wake();
        LeaderWatch leader = new LeaderWatch(wake, watches::leaderLost);
        StoreMetrics storeMetrics = new StoreMetrics(metrics, Clock.systemUTC(), leader::leading);
        compactor.observer(storeMetrics);
        leases.observer(storeMetrics);
        membership.onChange(now -> {
            RaftNode raft = raftReference.get();
            if (raft != null && !now.members().isEmpty()) {
                raft.updateAddresses(now.peerUrlsById());
            }
            wake.run();
        });

        KvStateMachine machine = new KvStateMachine(
                        database,
                        leases,
                        events,
                        compactor,
                        StorageConfig.defaults().batchBytesMax(),
                        answerBytesMax)
                .guard(membership.guard())
                .guard(new AuthGuard(users))
                .leadershipListener(leader::set)
                .observer(storeMetrics);
        for (CommandKind kind : CommandKind.values()) {
            CommandHandler handler = LEASE_COMMANDS.contains(kind)
                    ? leases
                    : MEMBER_COMMANDS.contains(kind)
                            ? membership
                            : kind.name().startsWith("AUTH_") ? watchedUsers : null;
            if (handler != null) {
                var _ = machine.handler(kind, handler);
            }
        }
        machine.reload();

        boolean snapshotFirst = identity.seeded() && identity.initialMembers().isEmpty();
        RaftNode raft = part(RaftNode.start(
                raftConfig(identity, membership.current(), peerTls),
                new MeteredStateMachine(machine, snapshotFirst, config.limits().warningApply(), metrics),
                new PeerMetrics(
                        metrics,
                        identity.memberId(),
                        () -> membership.current().members().keySet())));
        raftReference.set(raft);
        if (!membership.current().members().isEmpty()) {
            raft.updateAddresses(membership.current().peerUrlsById());
        }

        LogProposals proposals = new LogProposals(raft, config.limits().requestBytesMax());
        BatchedReadPoints readPoints = new BatchedReadPoints(raft, threads.readers(), threads.timer());
        PeerService peers = new PeerService(raft);
        peers.serve(
                identity.clusterId(),
                identity.seeded(),
                () -> known(identity, membership.current()),
                store::hashKv,
                threads.longReaders());
        Headers headers = new Headers(identity.clusterId(), identity.memberId(), store::currentRevision, this::term);
        Authorizer authorizer = new Authorizer(users, tokens);
        SpaceReclaimer space = new SpaceReclaimer(database, store, membership::current);
        SpaceQuota quota = new SpaceQuota(
                config.limits().quotaBackendBytes(),
                identity.memberId(),
                () -> database.size().totalBytes(),
                proposals);

        Member self = Member.newBuilder()
                .setID(identity.memberId())
                .setName(config.name())
                .addAllClientURLs(config.advertiseClientUrls())
                .build();
        MembershipTasks tasks = new MembershipTasks(
                raft,
                proposals,
                peers,
                membership::current,
                identity,
                self,
                config.cluster().forceNewCluster(),
                leader::leading,
                this::removed);
        wake.becomes(tasks::wake);

        EventLoops loops = part(new EventLoops());
        Parts services = services(
                threads,
                loops,
                database,
                store,
                watches,
                leases,
                membership,
                users,
                tokens,
                leader,
                raft,
                proposals,
                readPoints,
                peers,
                headers,
                authorizer,
                quota,
                space,
                identity,
                storeMetrics);
        CallMetrics calls = new CallMetrics(
                metrics,
                services.definitions(),
                config.http().extensiveMetrics(),
                config.limits().warningUnaryRequest());
        ClientListeners listeners = part(
                new ClientListeners(config, loops, services.definitions(), services.interceptors(), List.of(calls)));

        HealthPages healthPages = new HealthPages(health(membership, leader, identity, services.channel()));
        new ServerMetrics(metrics)
                .log(raft, leader, proposals, readPoints)
                .members(identity.memberId(), membership::current, quota.quotaBytes())
                .store(store, database, events)
                .watches(watches)
                .leases(leases)
                .users(users)
                .health(healthPages);
        Router pages = new Router(config.http().cors(), config.http().hostWhitelist());
        addPages(pages, healthPages, membership);
        listeners.startMetrics(pages);

        part(tasks);
        tasks.start();
        schedule(threads, raft, leader, store, space, proposals, peers, membership, leases, identity);
        every(threads, FAILURE_LOOK_MS, () -> {
            // A reader may be the first to meet damage; the log knows nothing of it then.
            StorageException failure = database.failure();
            if (failure != null) {
                fail(String.valueOf(failure.getMessage()));
            }
        });
        if (!tasks.awaitReady(config.timing().waitClusterReady().toMillis())) {
            log.warn("serving clients although no leader has been found yet");
        }
        if (config.checks().initialCorruptCheck() && !start.fresh()) {
            List<Long> differing =
                    new CorruptionChecks(store, peers, membership::current, proposals, identity.memberId()).differing();
            if (!differing.isEmpty()) {
                throw new StartFailure("initial corruption check failed: data differs from that of "
                        + differing.stream().map(ClusterIds::text).toList());
            }
        }

        Router router = new Router(config.http().cors(), config.http().hostWhitelist());
        addPages(router, healthPages, membership);
        if (config.http().gateway()) {
            router.under("/v3/", new JsonGateway(services.channel(), threads.gateway()));
        }
        listeners.startClients(router);
        services.health().setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        log.info(
                "ready to serve client requests: member {} of cluster {} at {}",
                ClusterIds.text(identity.memberId()),
                ClusterIds.text(identity.clusterId()),
                listeners.clientUrls());
        return new Running(
                identity,
                raft,
                membership,
                watches,
                listeners,
                services.lastingCalls(),
                services.health(),
                services.channel());
    }

    private long term() {
        RaftNode raft = raftReference.get();
        return raft == null ? 0 : raft.term();
    }

    /** What the services are made of. */
    private record Parts(
            List<ServerServiceDefinition> definitions,
            List<ServerInterceptor> interceptors,
            LastingCalls lastingCalls,
            HealthStatusManager health,
            ManagedChannel channel) {}

    private Parts services(
            Threads threads,
            EventLoops loops,
            Database database,
            MvccStore store,
            WatchHub watches,
            LeaseStore leases,
            MembershipStore membership,
            AuthStore users,
            Tokens tokens,
            LeaderWatch leader,
            RaftNode raft,
            LogProposals proposals,
            BatchedReadPoints readPoints,
            PeerService peers,
            Headers headers,
            Authorizer authorizer,
            SpaceQuota quota,
            SpaceReclaimer space,
            Identity identity,
            StoreMetrics storeMetrics)
            throws IOException {
        String name = "keelson-kv-" + Long.toHexString(identity.memberId()) + "-" + System.identityHashCode(this);
        ManagedChannel channel = InProcessChannelBuilder.forName(name)
                .directExecutor()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        LeaseKeys leaseKeys = new StoredLeaseKeys(database);
        LeaseRenewer renewer = new LeaseRenewer(proposals, threads.timer(), requestTimeoutMs(), System::nanoTime);
        Passwords passwords = part(new Passwords(config.tokens().bcryptCost(), 2));
        BlockingCalls blocking = new BlockingCalls(channel);
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        List<BindableService> all = new ArrayList<>();
        all.add(new KvService(
                proposals,
                readPoints,
                loops::current,
                threads.longReaders(),
                store,
                headers,
                authorizer,
                quota,
                () -> membership.current().isLearner(identity.memberId()),
                config.limits().txnOpsMax()));
        all.add(new WatchService(
                watches, (_, _) -> new WatchPermissions(authorizer, users, Context.current()), leader::hasLeader));
        all.add(new LeaseService(
                leases,
                leaseKeys,
                renewer,
                new LeasePermissions(authorizer, leaseKeys),
                proposals,
                readPoints,
                headers,
                raft::clusterTimeMs,
                LeaseStore.ttlSecondsMin(
                        config.timing().heartbeatIntervalMs(), config.timing().electionTimeoutMs())));
        all.add(new ClusterService(
                proposals,
                readPoints,
                headers,
                authorizer,
                membership::current,
                peers,
                Clock.systemUTC(),
                new ClusterService.Rules(
                        identity.token(),
                        config.cluster().strictReconfigCheck(),
                        config.cluster().maxLearners())));
        all.add(new MaintenanceService(
                proposals,
                readPoints,
                threads.longReaders(),
                store,
                database,
                raft,
                headers,
                authorizer,
                membership::current,
                quota,
                space,
                new SnapshotSender(store, headers, new EtcdSnapshotFormat(raft::clusterTimeMs), storeMetrics),
                storeMetrics));
        all.add(new AuthService(users, authorizer, tokens, passwords, proposals, readPoints, headers));
        all.add(new ElectionService(blocking));
        all.add(new LockService(blocking));
        all.add(health.getHealthService());
        all.add(ProtoReflectionServiceV1.newInstance());
        List<ServerServiceDefinition> definitions =
                all.stream().map(BindableService::bindService).toList();
        boolean clientCertAuth =
                config.clientTls() != null && config.clientTls().clientCertAuth();
        LastingCalls lastingCalls = new LastingCalls();
        List<ServerInterceptor> interceptors = List.of(
                lastingCalls,
                new CallRules(leader::hasLeader, () -> membership.current().isLearner(identity.memberId())),
                new CallerMetadata(),
                new AuthInterceptor(users, tokens, readPoints, clientCertAuth));
        InProcessServerBuilder builder =
                InProcessServerBuilder.forName(name).directExecutor().maxInboundMetadataSize(64 * 1024);
        for (ServerServiceDefinition definition : definitions) {
            builder.addService(ServerInterceptors.interceptForward(definition, interceptors));
        }
        Server inProcess = builder.build().start();
        part(() -> {
            channel.shutdownNow();
            inProcess.shutdownNow();
            boolean _ = inProcess.awaitTermination(2, TimeUnit.SECONDS);
        });
        return new Parts(definitions, interceptors, lastingCalls, health, channel);
    }

    private void schedule(
            Threads threads,
            RaftNode raft,
            LeaderWatch leader,
            MvccStore store,
            SpaceReclaimer space,
            LogProposals proposals,
            PeerService peers,
            MembershipStore membership,
            LeaseStore leases,
            Identity identity) {
        LeaseExpirer expirer =
                part(new LeaseExpirer(leases, proposals, leader::leading, raft::clusterTimeMs, threads.timer()));
        expirer.start();
        every(threads, config.timing().electionTimeoutMs(), leader::check);
        every(threads, 1_000, space::look);
        every(threads, FAILURE_LOOK_MS, () -> {
            String failure = raft.status().failure();
            if (!failure.isEmpty()) {
                fail(failure);
            }
        });
        AutoCompactor compactor = new AutoCompactor(
                config.autoCompaction(), proposals, store::currentRevision, leader::leading, System::nanoTime);
        if (compactor.on()) {
            every(threads, compactor.intervalMs(), compactor::look);
        }
        CorruptionChecks checks =
                new CorruptionChecks(store, peers, membership::current, proposals, identity.memberId());
        AtomicBoolean checking = new AtomicBoolean();
        Runnable check = () -> {
            if (leader.leading() && checking.compareAndSet(false, true)) {
                var _ = Thread.ofVirtual().name("corruption-check").start(() -> {
                    try {
                        checks.checkAndAlarm();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        checking.set(false);
                    }
                });
            }
        };
        if (!config.checks().corruptCheckInterval().isZero()) {
            every(threads, config.checks().corruptCheckInterval().toMillis(), check);
        }
        if (config.checks().compactHashCheck()
                && !config.checks().compactHashCheckInterval().isZero()) {
            every(threads, config.checks().compactHashCheckInterval().toMillis(), check);
        }
    }

    private static void every(Threads threads, long intervalMs, Runnable action) {
        var _ = threads.timer()
                .scheduleWithFixedDelay(
                        () -> {
                            try {
                                action.run();
                            } catch (RuntimeException e) {
                                // The next round must come whatever happened in this one.
                                log.error("a periodic task failed", e);
                            }
                        },
                        intervalMs,
                        intervalMs,
                        TimeUnit.MILLISECONDS);
    }

    /** The members, or those the cluster is to begin with while the table is still empty. */
    private static Membership known(Identity identity, Membership now) {
        if (!now.members().isEmpty()) {
            return now;
        }
        var members = new java.util.TreeMap<Long, Member>(Long::compareUnsigned);
        identity.initialMembers()
                .forEach(member -> members.put(
                        member.getID(), member.toBuilder().clearName().build()));
        return new Membership(members, now.removed(), now.alarms(), now.clusterVersion(), now.downgrade());
    }

    private @Nullable PeerTls peerTls() throws IOException {
        ServerConfig.PeerTlsFiles files = config.peerTls();
        if (files == null) {
            return null;
        }
        Path cert = files.certFile();
        Path key = files.keyFile();
        boolean generated = cert == null || key == null;
        if (cert == null || key == null) {
            SelfSigned own = SelfSigned.in(
                    config.dataDir().resolve("fixtures").resolve("peer"),
                    config.listeners().peer().stream().map(ListenUrl::host).toList(),
                    files.selfSignedYears());
            cert = own.certFile();
            key = own.keyFile();
        }
        return new PeerTls(
                cert,
                key,
                files.clientCertFile(),
                files.clientKeyFile(),
                files.trustedCaFile(),
                files.clientCertAuth(),
                files.allowedCommonNames(),
                files.allowedHostnames(),
                null,
                generated);
    }

    private Tokens tokens() throws IOException {
        return Tokens.of(
                config.tokens().authToken(), config.tokens().simpleTokenSeconds(), System::nanoTime, Clock.systemUTC());
    }

    private int requestTimeoutMs() {
        return REQUEST_TIMEOUT_MS + 2 * config.timing().electionTimeoutMs();
    }

    private RaftConfig raftConfig(Identity identity, Membership known, @Nullable PeerTls tls) {
        Map<Long, List<String>> urls = new HashMap<>();
        for (Member member : identity.initialMembers().isEmpty() ? identity.metMembers() : identity.initialMembers()) {
            urls.put(member.getID(), List.copyOf(member.getPeerURLsList()));
        }
        urls.putAll(known.peerUrlsById());
        List<RaftMember> initial = identity.initialMembers().stream()
                .map(member -> new RaftMember(member.getID(), member.getIsLearner()))
                .toList();
        Path logDir = config.logDir();
        return new RaftConfig(
                identity.clusterId(),
                identity.memberId(),
                logDir == null ? config.dataDir().resolve("raft") : logDir,
                initial,
                urls,
                config.listeners().peer().stream().map(ListenUrl::toString).toList(),
                tls,
                config.timing().heartbeatIntervalMs(),
                config.timing().electionTimeoutMs(),
                requestTimeoutMs(),
                config.limits().requestBytesMax() + COMMAND_OVERHEAD_BYTES,
                WAITING_COMMANDS_MAX,
                Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 8),
                config.timing().snapshotEveryCommands(),
                // What a restored cluster began with is not in its log, so its log must not reach back to the
                // beginning.
                identity.seeded() ? 0 : config.timing().snapshotKeepEntries(),
                SNAPSHOT_BYTES_PER_SECOND_MAX,
                config.timing().unsafeNoFsync(),
                config.cluster().forceNewCluster());
    }

    private static HealthSource health(
            MembershipStore membership, LeaderWatch leader, Identity identity, ManagedChannel channel) {
        return new HealthSource() {
            @Override
            public List<String> alarms() {
                return membership.current().alarms().stream()
                        .map(AlarmMember::getAlarm)
                        .map(Enum::name)
                        .distinct()
                        .toList();
            }

            @Override
            public boolean hasLeader() {
                return leader.hasLeader();
            }

            @Override
            public boolean learner() {
                return membership.current().isLearner(identity.memberId());
            }

            @Override
            public CompletableFuture<Void> read(boolean serializable) {
                return OneCall.unary(
                        channel,
                        KVGrpc.getRangeMethod(),
                        RangeRequest.newBuilder()
                                .setKey(com.google.protobuf.ByteString.copyFrom("health", StandardCharsets.UTF_8))
                                .setKeysOnly(true)
                                .setLimit(1)
                                .setSerializable(serializable)
                                .build());
            }
        };
    }

    private void addPages(Router router, HealthPages health, MembershipStore membership) {
        health.addTo(router);
        InfoPages.addTo(router, metrics, () -> membership.current().clusterVersion());
    }

    private void removed() {
        log.warn(
                "the member has been permanently removed from the cluster; the data directory {} may be removed",
                config.dataDir());
        stopped.complete(null);
    }

    private void fail(String reason) {
        if (!closing.get() && stopped.completeExceptionally(new IllegalStateException(reason))) {
            log.error("the member has left service: {}", reason);
        }
    }

    /**
     * Leaves service: hands the leadership over if this member has it, lets calls under way finish, and closes everything.
     * Does not leave the cluster.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        Running now = running;
        if (now != null) {
            now.health().enterTerminalState();
            handOver(now);
            now.lastingCalls().stop();
            now.watches().close();
            now.listeners().drain(DRAIN_PATIENCE);
        }
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("a part of the server did not close properly", e);
            }
        }
        stopped.complete(null);
    }

    private static void handOver(Running now) {
        if (!now.raft().status().leading()) {
            return;
        }
        Map<Long, Long> indexes = now.raft().replicatedIndexes();
        Membership members = now.membership().current();
        Long target = indexes.entrySet().stream()
                .filter(entry -> entry.getKey() != now.identity().memberId()
                        && members.member(entry.getKey()) != null
                        && !members.isLearner(entry.getKey()))
                .max(Comparator.comparingLong(Map.Entry::getValue))
                .map(Map.Entry::getKey)
                .orElse(null);
        if (target == null) {
            return;
        }
        try {
            now.raft().transferLeadership(target).get(TRANSFER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            log.info("leadership handed over to {}", ClusterIds.text(target));
        } catch (ExecutionException | TimeoutException e) {
            log.warn("leadership was not handed over: {}", Failures.cause(e).toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The version of this server itself, beside the version of etcd whose behaviour it has. */
    public static String versionText() {
        String own = KvServer.class.getPackage().getImplementationVersion();
        return "etcd Version: " + Version.ETCD + "\nKeelson Version: " + (own == null ? "development" : own)
                + "\nJava Version: " + Runtime.version() + "\nOS/Arch: " + System.getProperty("os.name") + "/"
                + System.getProperty("os.arch") + "\n";
    }
}
