package io.keelson.proxy.rules;

/** What becomes of a packet to a frontend that leads nowhere. */
public enum Denial {
    /** It leads somewhere. */
    NONE(0),
    /** There is no endpoint at all: the sender is told. */
    REJECT(1),
    /** There are some but none here: as if the node were not one of those that answer, so that a balancer tries another. */
    DROP(2);

    private final int number;

    Denial(int number) {
        this.number = number;
    }

    /** Its number among the flags of a frontend. */
    public int number() {
        return number;
    }
}
