package io.keelson.kvstore.server;

import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.lease.LeaseExpirer;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a member looks after now and then, most of it only while it leads. Ends with the timer it is given. */
final class PeriodicWork implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PeriodicWork.class);
    /** How often is looked whether the log or the database can not go on. */
    private static final Duration FAILURE_LOOK = Duration.ofMillis(500);

    private static final Duration SPACE_LOOK = Duration.ofSeconds(1);
    private static final Duration PACE_LOOK = Duration.ofMillis(250);

    private final ScheduledExecutorService timer;
    private final MemberState state;
    private final MemberLog memberLog;
    private final LeaseExpirer expirer;
    private final AtomicBoolean comparing = new AtomicBoolean();

    PeriodicWork(ScheduledExecutorService timer, MemberState state, MemberLog memberLog) {
        this.timer = timer;
        this.state = state;
        this.memberLog = memberLog;
        this.expirer = new LeaseExpirer(
                state.leases(), memberLog.proposals(), this::expires, memberLog.raft()::clusterTimeMs, timer);
    }

    /**
     * Begins.
     *
     * @param failed told when the log or the database is out of service, with the reason
     */
    void start(ServerConfig config, SpaceReclaimer space, CorruptionChecks corruption, Consumer<String> failed) {
        expirer.start();
        every(Duration.ofMillis(config.timing().electionTimeoutMs()), state.leader()::check);
        every(SPACE_LOOK, space::look);
        every(PACE_LOOK, state.database()::adjustPace);
        every(FAILURE_LOOK, () -> {
            String failure = memberLog.raft().status().failure();
            if (!failure.isEmpty()) {
                failed.accept(failure);
            }
            // A reader may be the first to meet damage; the log knows nothing of it then.
            StorageException damage = state.database().failure();
            if (damage != null) {
                failed.accept(String.valueOf(damage.getMessage()));
            }
        });
        AutoCompactor compactor = new AutoCompactor(
                config.autoCompaction(),
                memberLog.proposals(),
                state.store()::currentRevision,
                state.leader()::leading,
                System::nanoTime);
        if (compactor.on()) {
            every(Duration.ofMillis(compactor.intervalMs()), compactor::look);
        }
        ServerConfig.Checks checks = config.checks();
        if (!checks.corruptCheckInterval().isZero()) {
            every(checks.corruptCheckInterval(), () -> compare(corruption::checkAndAlarm));
        }
        if (checks.compactHashCheck() && !checks.compactHashCheckInterval().isZero()) {
            every(checks.compactHashCheckInterval(), () -> compare(corruption::checkAfterCompaction));
        }
    }

    /** Whether leases end here when their time is over: on the leader, and not while nothing may be changed. */
    private boolean expires() {
        return state.leader().leading() && !state.membership().current().alarmed(AlarmType.CORRUPT);
    }

    private interface Check {
        void run() throws InterruptedException;
    }

    /** Compares members' data; one comparison at a time. The thread waits for hashes, which others make. */
    private void compare(Check check) {
        if (!state.leader().leading() || !comparing.compareAndSet(false, true)) {
            return;
        }
        var _ = Thread.ofVirtual().name("corruption-check").start(() -> {
            try {
                check.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                log.warn("the data of members could not be compared", e);
            } finally {
                comparing.set(false);
            }
        });
    }

    private void every(Duration interval, Runnable action) {
        var _ = timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        action.run();
                    } catch (RuntimeException e) {
                        // The next round must come whatever happened in this one.
                        log.error("a periodic task failed", e);
                    }
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        expirer.close();
    }
}
