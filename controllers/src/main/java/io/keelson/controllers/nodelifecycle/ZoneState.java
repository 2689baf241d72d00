package io.keelson.controllers.nodelifecycle;

/** How the nodes of a zone are, taken together. */
enum ZoneState {
    /** It was not looked at yet. */
    INITIAL,
    /** Most of its nodes are ready. */
    NORMAL,
    /** Three or more of its nodes, and so large a part of them that it is likely not their own fault, are not ready. */
    PARTIAL_DISRUPTION,
    /** None of its nodes is ready. */
    FULL_DISRUPTION;

    /** The state of a zone of so many nodes. */
    static ZoneState of(int ready, int notReady, double unhealthyThreshold) {
        if (ready == 0 && notReady > 0) {
            return FULL_DISRUPTION;
        }
        if (notReady > 2 && (double) notReady / (notReady + ready) >= unhealthyThreshold) {
            return PARTIAL_DISRUPTION;
        }
        return NORMAL;
    }
}
