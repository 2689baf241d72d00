package io.keelson.agent.eviction;

import java.util.List;
import java.util.Set;

/**
 * Which of a node's disks are one and the same: that of volumes and logs, that of images, and that of what containers
 * write. What helps against a lack depends on it, and what of a pod counts.
 */
public enum DiskLayout {
    /** There is one disk. */
    ONE,
    /** Images, and what containers write, have one of their own. */
    IMAGES_APART,
    /** Images have one of their own; what containers write is with volumes and logs. */
    ONLY_IMAGES_APART;

    /** What of a pod takes disk space. */
    enum Part {
        /** What its containers write into their own file systems. */
        ROOT,
        LOGS,
        VOLUMES
    }

    /** What a node can give up. */
    enum Waste {
        CONTAINERS,
        IMAGES
    }

    /** What of a pod is on the disk that a signal is of. */
    Set<Part> parts(Signal signal) {
        return switch (this) {
            case ONE -> Set.of(Part.ROOT, Part.LOGS, Part.VOLUMES);
            case IMAGES_APART -> isNode(signal) ? Set.of(Part.LOGS, Part.VOLUMES) : Set.of(Part.ROOT);
            case ONLY_IMAGES_APART -> isImages(signal) ? Set.of() : Set.of(Part.ROOT, Part.LOGS, Part.VOLUMES);
        };
    }

    /** What can be given up, in this order, when there is too little of what a signal is of. */
    List<Waste> wastes(Signal signal) {
        if (signal.pressure() != Pressure.DISK) {
            return List.of();
        }
        return switch (this) {
            case ONE -> List.of(Waste.CONTAINERS, Waste.IMAGES);
            case IMAGES_APART -> isNode(signal) ? List.of() : List.of(Waste.CONTAINERS, Waste.IMAGES);
            case ONLY_IMAGES_APART -> List.of(isImages(signal) ? Waste.IMAGES : Waste.CONTAINERS);
        };
    }

    private static boolean isNode(Signal signal) {
        return signal == Signal.NODEFS_AVAILABLE || signal == Signal.NODEFS_INODES_FREE;
    }

    private static boolean isImages(Signal signal) {
        return signal == Signal.IMAGEFS_AVAILABLE || signal == Signal.IMAGEFS_INODES_FREE;
    }
}
