package io.keelson.agent.eviction;

/** What a node can be under: each is a condition of its object. In the order of the alphabet, as messages list them. */
public enum Pressure {
    /** It is short of disk space, or of files. */
    DISK("DiskPressure"),
    /** It is short of memory. */
    MEMORY("MemoryPressure"),
    /** It is short of processes. */
    PID("PIDPressure");

    private final String condition;

    Pressure(String condition) {
        this.condition = condition;
    }

    /** The type of the node's condition. */
    public String condition() {
        return condition;
    }
}
