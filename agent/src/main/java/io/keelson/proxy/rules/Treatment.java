package io.keelson.proxy.rules;

/** What becomes of a packet to a frontend. */
public enum Treatment {
    /** It comes by the cluster IP and may be sent anywhere. */
    INTERNAL(0),
    /** It comes by the cluster IP and stays on this node. */
    INTERNAL_LOCAL(1),
    /** It comes from outside and may be sent anywhere, with the node's address as its source so that answers come back. */
    EXTERNAL(2),
    /** It comes from outside and stays on this node with its source; who is on this node already may be sent anywhere. */
    EXTERNAL_LOCAL(3);

    private final int number;

    Treatment(int number) {
        this.number = number;
    }

    /** Its number among the flags of a frontend. */
    public int number() {
        return number;
    }
}
