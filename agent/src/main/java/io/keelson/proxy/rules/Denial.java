package io.keelson.proxy.rules;

/** What becomes of a packet to a frontend that leads nowhere. */
public enum Denial {
    /** It leads somewhere. */
    NONE(""),
    /** There is no endpoint at all: the sender is told. */
    REJECT("refused"),
    /**
     * There are some but none here: as if the node were not one of those that answer, so that a balancer tries another.
     */
    DROP("dropped");

    private final String label;

    Denial(String label) {
        this.label = label;
    }

    /** The name of its chain in the kernel; empty if it has none. */
    public String label() {
        return label;
    }
}
