package io.keelson.agent.eviction;

import java.util.Optional;

/** What is observed of a node. */
public enum Signal {
    /** Memory that is left of all the node has. */
    MEMORY_AVAILABLE("memory.available", Scarce.MEMORY, Pressure.MEMORY),
    /** Memory that is left of what pods may have together. */
    ALLOCATABLE_MEMORY_AVAILABLE("allocatableMemory.available", Scarce.MEMORY, Pressure.MEMORY),
    /** Space on the disk of volumes and logs. */
    NODEFS_AVAILABLE("nodefs.available", Scarce.EPHEMERAL_STORAGE, Pressure.DISK),
    /** Inodes of that. */
    NODEFS_INODES_FREE("nodefs.inodesFree", Scarce.INODES, Pressure.DISK),
    /** Space on the disk of images. */
    IMAGEFS_AVAILABLE("imagefs.available", Scarce.EPHEMERAL_STORAGE, Pressure.DISK),
    /** Inodes of that. */
    IMAGEFS_INODES_FREE("imagefs.inodesFree", Scarce.INODES, Pressure.DISK),
    /** Space on the disk of what containers write. */
    CONTAINERFS_AVAILABLE("containerfs.available", Scarce.EPHEMERAL_STORAGE, Pressure.DISK),
    /** Inodes of that. */
    CONTAINERFS_INODES_FREE("containerfs.inodesFree", Scarce.INODES, Pressure.DISK),
    /** Processes and threads that can still be made. */
    PID_AVAILABLE("pid.available", Scarce.PIDS, Pressure.PID);

    private final String text;
    private final Scarce scarce;
    private final Pressure pressure;

    Signal(String text, Scarce scarce, Pressure pressure) {
        this.text = text;
        this.scarce = scarce;
        this.pressure = pressure;
    }

    /** As configuration and metrics call it: {@code memory.available}. */
    public String text() {
        return text;
    }

    /** What the node is short of when there is too little. */
    Scarce scarce() {
        return scarce;
    }

    /** What the node is under when there is too little. */
    Pressure pressure() {
        return pressure;
    }

    /** The signal of a name; empty if there is none. */
    static Optional<Signal> of(String text) {
        for (Signal signal : values()) {
            if (signal.text.equals(text)) {
                return Optional.of(signal);
            }
        }
        return Optional.empty();
    }
}
