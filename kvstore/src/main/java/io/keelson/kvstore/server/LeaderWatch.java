package io.keelson.kvstore.server;

import io.keelson.raft.Leadership;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who leads, as the apply thread was last told; and since when nobody does. */
final class LeaderWatch {
    private static final Logger log = LoggerFactory.getLogger(LeaderWatch.class);

    /** After so many election timeouts without a leader, streams that want one are ended; etcd's figure. */
    private static final int ELECTIONS_WITHOUT_LEADER = 3;

    private final Runnable changed;
    private final List<Runnable> lost = new CopyOnWriteArrayList<>();
    private final LongAdder changes = new LongAdder();
    private volatile Leadership now = new Leadership(0, 0, false);
    private int checksWithoutLeader;

    /** @param changed runs on the apply thread after every change */
    LeaderWatch(Runnable changed) {
        this.changed = changed;
    }

    /** Has something run once each time that there has been no leader for too long. */
    LeaderWatch onLost(Runnable action) {
        lost.add(action);
        return this;
    }

    /** Apply thread. */
    void set(Leadership leadership) {
        Leadership before = now;
        now = leadership;
        if (leadership.leaderId() != before.leaderId()) {
            if (leadership.leaderId() == 0) {
                log.info("lost leader {} at term {}", Long.toHexString(before.leaderId()), leadership.term());
            } else {
                changes.increment();
                log.info("leader is {} at term {}", Long.toHexString(leadership.leaderId()), leadership.term());
            }
        }
        changed.run();
    }

    boolean hasLeader() {
        return now.leaderId() != 0;
    }

    /** Whether this member leads and has applied what earlier leaders have committed. */
    boolean leading() {
        return now.leading();
    }

    long leaderId() {
        return now.leaderId();
    }

    long term() {
        return now.term();
    }

    /** Leaders seen so far. */
    long changes() {
        return changes.sum();
    }

    /** To be called once per election timeout, by one thread. */
    void check() {
        if (hasLeader()) {
            checksWithoutLeader = 0;
        } else if (++checksWithoutLeader == ELECTIONS_WITHOUT_LEADER) {
            lost.forEach(Runnable::run);
        }
    }
}
