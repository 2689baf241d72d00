package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.core.State;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.util.RepeatedTimer;
import java.lang.reflect.Field;

/**
 * Starts the election timer of a member that was a learner when it started and has become a voter since. jraft starts
 * that timer at the start of a voter and at a change of term, but not at a promotion: if all voters but the leader were
 * promoted in one term, after a restart as learners, nobody would stand for election when the leader is lost. The timer
 * has no access from outside, so it is reached by reflection; starting one that runs does nothing.
 */
final class VoterTimer {
    private final NodeImpl node;
    private final PeerId self;
    private boolean wasLearner;

    VoterTimer(NodeImpl node) {
        this.node = node;
        this.self = node.getServerId();
    }

    /** Looks whether this member has been promoted; called now and then by one thread. */
    void check() {
        Configuration configuration = node.getCurrentConf();
        if (configuration == null) {
            return;
        }
        if (configuration.getLearners().contains(self)) {
            wasLearner = true;
        } else if (wasLearner && configuration.contains(self) && node.getNodeState() == State.STATE_FOLLOWER) {
            wasLearner = false;
            start();
        }
    }

    private void start() {
        try {
            Field timer = NodeImpl.class.getDeclaredField("electionTimer");
            timer.setAccessible(true);
            ((RepeatedTimer) timer.get(node)).start();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of jraft has no election timer where it used to be", e);
        }
    }
}
