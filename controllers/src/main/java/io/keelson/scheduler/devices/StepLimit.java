package io.keelson.scheduler.devices;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long the devices for a pod may be looked for: steps, of which each tries one device, for one node and for all nodes
 * together, and time for each node. Claims can be written so that all combinations of devices have to be tried, and there
 * are more of them than anybody can wait for.
 */
final class StepLimit {
    /** Thrown when no step or no time is left. */
    static final class ReachedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private ReachedException() {
            super("no step is left", null, false, false);
        }
    }

    private static final int ONE_NODE = 100_000;
    /** A time that is longer than usual is for more steps. */
    private static final int PER_SECOND = 10_000;
    /** Even without a limit for one node: all other pods wait for a decision. */
    private static final int ONE_NODE_MAX = 10_000_000;

    private static final int ALL_NODES = 10;
    /** The clock is asked once in so many steps. */
    private static final int STEPS_A_LOOK = 16;

    private final long perNode;
    private final long nanosPerNode;
    private final LongSupplier nanos;
    private long total;
    private long left;
    private long since;

    /**
     * For one decision.
     *
     * @param perNode how long one node may take; zero for no limit
     * @param nanos a clock that does not jump
     */
    StepLimit(Duration perNode, LongSupplier nanos) {
        this(steps(perNode), ALL_NODES * steps(perNode), perNode, nanos);
    }

    StepLimit(long perNode, long total, Duration timePerNode, LongSupplier nanos) {
        this.perNode = perNode;
        this.total = total;
        this.nanosPerNode = timePerNode.isZero() ? Long.MAX_VALUE : timePerNode.toNanos();
        this.nanos = nanos;
        nextNode();
    }

    private static long steps(Duration perNode) {
        return perNode.isZero() || perNode.toSeconds() > ONE_NODE_MAX / PER_SECOND
                ? ONE_NODE_MAX
                : Math.max(ONE_NODE, PER_SECOND * perNode.toSeconds());
    }

    /** Begins with another node. */
    final void nextNode() {
        left = perNode;
        since = nanos.getAsLong();
    }

    /** Takes a step. */
    void step() {
        if (left <= 0 || total <= 0) {
            throw new ReachedException();
        }
        left--;
        total--;
        if (left % STEPS_A_LOOK == 0) {
            look();
        }
    }

    /** Sees whether there is time left, between steps that take some. */
    void look() {
        if (nanos.getAsLong() - since > nanosPerNode) {
            throw new ReachedException();
        }
    }
}
