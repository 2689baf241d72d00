package io.keelson.kvstore.server;

import io.keelson.kvstore.apply.CommandHandler;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.apply.KvStateMachine;
import io.keelson.kvstore.auth.AuthGuard;
import io.keelson.kvstore.auth.AuthStore;
import io.keelson.kvstore.auth.Tokens;
import io.keelson.kvstore.lease.LeaseStore;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.StoreMetrics;
import io.keelson.kvstore.mvcc.Compactor;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.watch.ResponseOrigin;
import io.keelson.kvstore.watch.WatchConfig;
import io.keelson.kvstore.watch.WatchHub;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the commands of the log make: the database, what is kept in it, and those who are told of changes as they happen.
 * Knows nothing of the log itself; {@link #machine} is what the log feeds.
 */
record MemberState(
        Database database,
        Compactor compactor,
        MvccStore store,
        WatchHub watches,
        EventCounts events,
        LeaseStore leases,
        MembershipStore membership,
        Tokens tokens,
        AuthStore users,
        LeaderWatch leader,
        StoreMetrics metrics,
        KvStateMachine machine)
        implements AutoCloseable {
    private static final long ANSWER_BYTES_MAX = 512L << 20;

    /** Answers to reads that are under way may take this part of the heap together, and so may each of them alone. */
    private static final int READ_ANSWERS_PART = 4;

    /**
     * The same for the answers to commands. With that, {@link io.keelson.kvstore.mvcc.MvccWriter#COMMAND_BYTES_MAX} for the
     * command under way and 64 MiB for the latest events, the smallest heap, of 512 MiB, has 96 MiB left for the rest.
     */
    private static final int COMMAND_ANSWERS_PART = 8;

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

    /**
     * Opens the database and loads what is in it.
     *
     * @param term the log's term now
     * @param onMembers told of every change of the table of members
     * @param onLeader told of every change of the leader
     */
    static MemberState open(
            ServerConfig config,
            Identity identity,
            Metrics metrics,
            LongSupplier term,
            Consumer<Membership> onMembers,
            Runnable onLeader)
            throws IOException {
        Tokens tokens = Tokens.of(
                config.tokens().authToken(), config.tokens().simpleTokenSeconds(), System::nanoTime, Clock.systemUTC());
        Database database = Database.open(config.dataDir().resolve("db"), config.storage());
        Compactor compactor = new Compactor(
                database,
                config.limits().compactionBatch(),
                Math.max(1, config.limits().compactionPause().toMillis()));
        long heapBytes = Runtime.getRuntime().maxMemory();
        MvccStore store = new MvccStore(database, compactor, Math.min(ANSWER_BYTES_MAX, heapBytes / READ_ANSWERS_PART));
        WatchHub watches = WatchHub.start(
                store,
                WatchConfig.defaults()
                        .withProgressNotifyIntervalMs(
                                config.limits().watchProgressInterval().toMillis())
                        .withWindowBytes(config.limits().watchWindowBytes())
                        .withRequestBytesMax(config.limits().requestBytesMax()),
                new ResponseOrigin(identity.clusterId(), identity.memberId(), term));
        EventCounts events = new EventCounts(watches);

        LeaseStore leases = new LeaseStore(database::session);
        MembershipStore membership = new MembershipStore(database::session);
        AuthStore users = new AuthStore(database::session, tokens);
        LeaderWatch leader = new LeaderWatch(onLeader).onLost(watches::leaderLost);
        StoreMetrics storeMetrics = new StoreMetrics(metrics, Clock.systemUTC(), leader::leading);
        compactor.observer(storeMetrics);
        store.observer(storeMetrics);
        leases.observer(storeMetrics);
        membership.onChange(onMembers);

        KvStateMachine machine = new KvStateMachine(
                        database,
                        leases,
                        events,
                        compactor,
                        config.storage().batchBytesMax(),
                        Math.min(ANSWER_BYTES_MAX, heapBytes / COMMAND_ANSWERS_PART))
                .guard(membership.guard())
                .guard(new AuthGuard(users))
                .leadershipListener(leader::set)
                .observer(storeMetrics);
        WatchedAuth watchedUsers = new WatchedAuth(users, watches);
        for (CommandKind kind : CommandKind.values()) {
            CommandHandler handler = handler(kind, leases, membership, watchedUsers);
            if (handler != null) {
                var _ = machine.handler(kind, handler);
            }
        }
        MemberState state = new MemberState(
                database,
                compactor,
                store,
                watches,
                events,
                leases,
                membership,
                tokens,
                users,
                leader,
                storeMetrics,
                machine);
        try {
            machine.reload();
            return state;
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    /** Who carries a command out; null for those of keys and values, which the machine does itself. */
    private static @Nullable CommandHandler handler(
            CommandKind kind, CommandHandler leases, CommandHandler membership, CommandHandler users) {
        if (LEASE_COMMANDS.contains(kind)) {
            return leases;
        }
        if (MEMBER_COMMANDS.contains(kind)) {
            return membership;
        }
        return kind.name().startsWith("AUTH_") ? users : null;
    }

    @Override
    public void close() {
        watches.close();
        compactor.close();
        database.close();
    }
}
