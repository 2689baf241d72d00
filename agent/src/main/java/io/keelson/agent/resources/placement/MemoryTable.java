package io.keelson.agent.resources.placement;

/**
 * What becomes of one sort of memory of a node, in bytes.
 *
 * @param total all of it
 * @param system what is for the system
 * @param allocatable what containers can have
 * @param reserved of that, what they have
 */
record MemoryTable(long total, long system, long allocatable, long reserved) {
    /** Nothing of a sort that the node does not have. */
    static final MemoryTable NONE = new MemoryTable(0, 0, 0, 0);

    long free() {
        return allocatable - reserved;
    }

    MemoryTable with(long moreReserved) {
        return new MemoryTable(total, system, allocatable, reserved + moreReserved);
    }
}
