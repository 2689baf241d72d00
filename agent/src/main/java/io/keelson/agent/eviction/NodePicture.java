package io.keelson.agent.eviction;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a node and its pods use, at one time.
 *
 * @param observed what there is; signals of which nothing is known are not in it
 * @param pods what pods use, by their uids
 */
public record NodePicture(Map<Signal, Observation> observed, Map<String, PodUse> pods) {
    /** Keeps copies. */
    public NodePicture {
        observed = Map.copyOf(observed);
        pods = Map.copyOf(pods);
    }

    /**
     * What a pod uses. Empty is what is not known.
     *
     * @param memoryBytes its working set
     * @param processes with threads
     * @param storageBytes all that it takes of the node's disks: what its containers write, logs, volumes
     * @param volumes by their names
     */
    public record PodUse(
            OptionalLong memoryBytes,
            OptionalLong processes,
            OptionalLong storageBytes,
            List<ContainerUse> containers,
            Map<String, Disk> volumes) {
        /** Keeps copies. */
        public PodUse {
            containers = List.copyOf(containers);
            volumes = Map.copyOf(volumes);
        }
    }

    /**
     * What a container uses. Empty is what is not known.
     *
     * @param memoryBytes its working set
     * @param root what it has written into its own file system
     * @param logs of all its runs
     */
    public record ContainerUse(String name, OptionalLong memoryBytes, Optional<Disk> root, Optional<Disk> logs) {}

    /** What something takes of a disk. */
    public record Disk(long bytes, long inodes) {}
}
