package io.keelson.scheduler.devices;

/**
 * How long the devices for a pod may be looked for: steps, of which each tries one device, for one node and for all nodes
 * together. Claims can be written so that all combinations of devices have to be tried, and there are more of them than
 * anybody can wait for.
 */
final class StepLimit {
    /** Thrown when no step is left. */
    static final class ReachedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private ReachedException() {
            super("no step is left", null, false, false);
        }
    }

    private static final int ONE_NODE = 100_000;
    private static final int ALL_NODES = 1_000_000;

    private final int perNode;
    private int total;
    private int left;

    /** For one decision. */
    StepLimit() {
        this(ONE_NODE, ALL_NODES);
    }

    StepLimit(int perNode, int total) {
        this.perNode = perNode;
        this.total = total;
        left = perNode;
    }

    /** Begins with another node. */
    void nextNode() {
        left = perNode;
    }

    /** Takes a step. */
    void step() {
        if (left <= 0 || total <= 0) {
            throw new ReachedException();
        }
        left--;
        total--;
    }
}
