package io.keelson.proxy.rules;

/** What becomes of a packet to a frontend. */
public enum Treatment {
    /** It comes by the cluster IP and may be sent anywhere. */
    INTERNAL("internal"),
    /** It comes by the cluster IP and stays on this node. */
    INTERNAL_LOCAL("internal-local"),
    /**
     * It comes from outside and may be sent anywhere, with the node's address as its source so that answers come back.
     */
    EXTERNAL("external"),
    /**
     * It comes from outside and stays on this node with its source; who is on this node already may be sent anywhere.
     */
    EXTERNAL_LOCAL("external-local");

    private final String label;

    Treatment(String label) {
        this.label = label;
    }

    /** What names of its chains in the kernel begin with. */
    public String label() {
        return label;
    }

    /** Whether it leads to endpoints of the whole cluster, or else to those of this node; it may lead to both. */
    boolean leadsTo(boolean isLocal) {
        return isLocal ? this == INTERNAL_LOCAL || this == EXTERNAL_LOCAL : this != INTERNAL_LOCAL;
    }
}
