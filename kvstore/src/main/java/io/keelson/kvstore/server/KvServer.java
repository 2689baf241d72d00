package io.keelson.kvstore.server;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.gateway.HealthPages;
import io.keelson.kvstore.gateway.JsonGateway;
import io.keelson.kvstore.gateway.Router;
import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.membership.Version;
import io.keelson.kvstore.metrics.CallMetrics;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.server.config.ListenUrl;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.server.net.ClientListeners;
import io.keelson.kvstore.server.net.EventLoops;
import io.keelson.kvstore.server.net.HalfSentRequests;
import io.keelson.kvstore.server.net.UnreadAnswers;
import io.keelson.kvstore.storage.StorageException;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a store cluster: puts the parts together, starts them, and stops them in the opposite order.
 *
 * <p>To embed one, make a {@link ServerConfig} of flags, {@link #start} it, talk to it over {@link #channel} or at {@link
 * #clientUrls}, and {@link #close} it. Port 0 in a client URL takes a free one. {@link ServerConfig#embedded} makes one
 * that is reached over {@link #channel} only. Several servers live in one process as long as their data directories and
 * ports differ.
 */
public final class KvServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KvServer.class);

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
            MemberState state,
            MemberLog log,
            MemberServices services,
            ClientListeners listeners,
            CompletableFuture<Void> ready) {}

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

    /** Where clients are served, with the ports that were really taken; nowhere in an embedded member. */
    public List<ListenUrl> clientUrls() {
        return running().listeners().clientUrls();
    }

    /** Where only HTTP is served, with the ports that were really taken. */
    public List<ListenUrl> httpUrls() {
        return running().listeners().httpUrls();
    }

    /** A channel to this server's services that takes no network. Closed with the server. */
    public ManagedChannel channel() {
        return running().services().channel();
    }

    /** Whether this member leads and serves as the leader. */
    public boolean leading() {
        return running().log().raft().status().leading();
    }

    /**
     * Completes when this member has a leader and is known to the others. Where that takes longer than {@code
     * --wait-cluster-ready-timeout}, clients are served before.
     */
    CompletableFuture<Void> ready() {
        return running().ready().copy();
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
        PeerTls peerTls = RaftSettings.peerTls(config);
        Bootstrap.Start start = new Bootstrap(config, peerTls).identity();
        Identity identity = start.identity();
        Threads threads = part(Threads.start());

        // Who is told of changes of the state is there only after it.
        Wake wake = new Wake();
        MemberState state =
                part(MemberState.open(config, identity, metrics, this::term, now -> membersChanged(now, wake), wake));
        requireReachable(identity, state.membership().current());
        MemberLog memberLog = part(MemberLog.start(config, identity, peerTls, state, threads, metrics));
        raftReference.set(memberLog.raft());
        membersChanged(state.membership().current(), () -> {});

        SpaceReclaimer space = new SpaceReclaimer(state.database(), state.store(), state.membership()::current);
        SpaceQuota quota = new SpaceQuota(
                config.limits().quotaBackendBytes(),
                identity.memberId(),
                () -> state.database().size().totalBytes(),
                memberLog.proposals());
        EventLoops loops = part(new EventLoops());
        UnreadAnswers unread = new UnreadAnswers(UnreadAnswers.bytesMaxHere(), System::nanoTime);
        MemberServices services =
                part(MemberServices.start(config, identity, threads, loops, state, memberLog, quota, space, unread));
        var _ = state.leader().onLost(services.lastingCalls()::leaderLost);
        CallMetrics calls = new CallMetrics(
                metrics,
                services.definitions(),
                config.http().extensiveMetrics(),
                config.limits().warningUnaryRequest());
        ClientListeners listeners = part(new ClientListeners(
                config,
                loops,
                services.definitions(),
                services.interceptors(),
                List.of(calls),
                unread,
                new HalfSentRequests(HalfSentRequests.bytesMaxHere(), System::nanoTime)));

        HealthPages healthPages = new HealthPages(new MemberHealth(state, identity.memberId(), services.channel()));
        new ServerMetrics(metrics)
                .log(memberLog.raft(), state.leader(), memberLog.proposals(), memberLog.readPoints())
                .members(identity.memberId(), state.membership()::current, quota.quotaBytes())
                .store(state.store(), state.database(), state.events())
                .watches(state.watches())
                .leases(state.leases())
                .users(state.users())
                .features(config.checks())
                .health(healthPages);
        listeners.startMetrics(pages(healthPages, state.membership(), threads));

        CorruptionChecks corruption = new CorruptionChecks(
                new CorruptionChecks.Store(
                        () -> state.store().hashKv(0), threads.hasher(), state.store()::compactRevision),
                memberLog.peers(),
                state.membership()::current,
                memberLog.proposals(),
                identity.memberId());
        MembershipTasks tasks = part(membershipTasks(identity, state, memberLog));
        wake.becomes(tasks::wake);
        tasks.start();
        part(new PeriodicWork(threads.timer(), state, memberLog)).start(config, space, corruption, this::fail);
        if (!tasks.awaitReady(config.timing().waitClusterReady().toMillis())) {
            log.warn("serving clients although no leader has been found yet");
        }
        if (config.checks().initialCorruptCheck() && !start.fresh()) {
            requireSameData(corruption);
        }

        Router router = pages(healthPages, state.membership(), threads);
        if (config.http().gateway()) {
            JsonGateway gateway = new JsonGateway(services.channel(), threads.gateway());
            router.under("/v3/", gateway).under("/v3beta/", gateway);
        }
        listeners.startClients(router);
        services.health().setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        log.info(
                "ready to serve client requests: member {} of cluster {} at {}",
                ClusterIds.text(identity.memberId()),
                ClusterIds.text(identity.clusterId()),
                listeners.clientUrls().isEmpty() ? "no address" : listeners.clientUrls());
        return new Running(identity, state, memberLog, services, listeners, tasks.ready());
    }

    /** Who listens to no other member can have none: it would wait for votes that never come. */
    private void requireReachable(Identity identity, Membership now) throws StartFailure {
        List<Member> first = identity.initialMembers().isEmpty() ? identity.metMembers() : identity.initialMembers();
        List<Member> members = now.members().isEmpty() ? first : now.list();
        if (config.listeners().peer().isEmpty() && members.size() > 1) {
            throw new StartFailure("data directory " + config.dataDir() + " is that of one of " + members.size()
                    + " members, and this one would listen to none of the others");
        }
    }

    private void membersChanged(Membership now, Runnable then) {
        RaftNode raft = raftReference.get();
        if (raft != null && !now.members().isEmpty()) {
            raft.updateAddresses(now.peerUrlsById());
            raft.updateRemoved(now.removed());
        }
        then.run();
    }

    private MembershipTasks membershipTasks(Identity identity, MemberState state, MemberLog memberLog) {
        Member self = Member.newBuilder()
                .setID(identity.memberId())
                .setName(config.name())
                .addAllClientURLs(config.advertiseClientUrls())
                .build();
        return new MembershipTasks(
                memberLog.raft(),
                memberLog.proposals(),
                memberLog.peers(),
                state.membership()::current,
                identity,
                self,
                config.cluster().forceNewCluster(),
                state.leader()::leading,
                this::removed);
    }

    private static void requireSameData(CorruptionChecks corruption) throws StartFailure, InterruptedException {
        List<Long> differing = corruption.differing();
        if (!differing.isEmpty()) {
            throw new StartFailure("initial corruption check failed: data differs from that of "
                    + differing.stream().map(ClusterIds::text).toList());
        }
    }

    private Router pages(HealthPages health, MembershipStore membership, Threads threads) {
        Router router = new Router(config.http().cors(), config.http().hostWhitelist());
        health.addTo(router);
        InfoPages.addTo(router, metrics::text, () -> membership.current().clusterVersion(), threads.metrics());
        return router;
    }

    private long term() {
        RaftNode raft = raftReference.get();
        return raft == null ? 0 : raft.term();
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
            now.services().health().enterTerminalState();
            Handover.run(
                    now.log().raft(),
                    now.log().peers(),
                    now.state().membership().current(),
                    memberId());
            now.services().lastingCalls().stop();
            now.state().watches().close();
            // For longer no request waits for its answer.
            now.listeners().drain(Duration.ofMillis(RaftSettings.requestTimeoutMs(config)));
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

    /** The version of this server itself, beside the version of etcd whose behaviour it has. */
    public static String versionText() {
        String own = KvServer.class.getPackage().getImplementationVersion();
        return "etcd Version: " + Version.ETCD + "\nKeelson Version: " + (own == null ? "development" : own)
                + "\nJava Version: " + Runtime.version() + "\nOS/Arch: " + System.getProperty("os.name") + "/"
                + System.getProperty("os.arch") + "\n";
    }
}
