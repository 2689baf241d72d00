package io.keelson.agent.stats;

import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.volumes.DiskUsage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a node and its pods use, from one look. What is not known is empty.
 *
 * @param name the node's
 * @param since when the machine began to run
 * @param figures of the machine: its limit of memory is all the memory it has
 * @param network of the machine's own interfaces
 * @param nodeDisk the file system of volumes and logs
 * @param imageDisk that of images; the same as the node's where they are on it
 * @param writableDisk that of what containers write
 * @param processes with threads, and how many the machine can have
 * @param groups cgroups of the system by their names: {@code pods} for all pods together, {@code kubelet}
 */
public record NodeUsage(
        String name,
        Instant since,
        Figures figures,
        Network network,
        Optional<Disk> nodeDisk,
        Optional<Disk> imageDisk,
        Optional<Disk> writableDisk,
        Processes processes,
        Map<String, Figures> groups,
        List<PodUsage> pods) {
    /** Keeps copies. */
    public NodeUsage {
        groups = Map.copyOf(groups);
        pods = List.copyOf(pods);
    }

    /**
     * What processes use.
     *
     * @param time when it was looked
     * @param rateNanos nanoseconds of processors per second, over the last seconds
     */
    public record Figures(Instant time, CgroupUsage usage, OptionalLong rateNanos) {}

    /**
     * A file system.
     *
     * @param mount where it is mounted; empty if that is not known, as of a storage plugin's volume
     * @param usedBytes of what is asked about: all that is on it, or all images
     */
    public record Disk(
            Instant time,
            String mount,
            String device,
            long capacityBytes,
            long availableBytes,
            long usedBytes,
            long inodes,
            long inodesFree,
            long inodesUsed) {}

    /** @param running how many there are now, each thread as one */
    public record Processes(Instant time, long running, long max) {}

    /** @param main the name of the interface to the outside; empty if there is none */
    public record Network(Instant time, String main, List<Interface> interfaces) {
        /** Keeps a copy. */
        public Network {
            interfaces = List.copyOf(interfaces);
        }
    }

    /** What went through an interface since it was made. */
    public record Interface(String name, Traffic received, Traffic sent) {}

    /** In one direction. */
    public record Traffic(long bytes, long packets, long errors, long dropped) {}

    /**
     * A pod.
     *
     * @param cgroup its path
     * @param figures of all its containers together
     * @param network empty if it is on the node's
     * @param disk what it takes of the node's disks: what its containers write, their logs, volumes that are on them
     */
    public record PodUsage(
            String namespace,
            String name,
            String uid,
            Instant since,
            String cgroup,
            Optional<Figures> figures,
            Optional<Network> network,
            List<ContainerUsage> containers,
            List<VolumeUsage> volumes,
            Optional<DiskUsage> disk) {
        /** Keeps copies. */
        public PodUsage {
            containers = List.copyOf(containers);
            volumes = List.copyOf(volumes);
        }
    }

    /**
     * A container that runs.
     *
     * @param id the runtime's
     * @param cgroup its path; empty if that is not known, and figures are the runtime's
     * @param written what it has written into its own file system
     * @param logs of all its runs
     */
    public record ContainerUsage(
            String name,
            String id,
            String image,
            Instant since,
            String cgroup,
            Optional<Figures> figures,
            Optional<DiskUsage> written,
            Optional<DiskUsage> logs) {}

    /**
     * A volume.
     *
     * @param name as the pod calls it
     * @param claim the name of its claim; empty if it has none
     * @param own whether it takes what it uses from the node's disk
     * @param abnormal whether its storage plugin says that something is wrong with it; empty if it does not say
     */
    public record VolumeUsage(String name, String claim, boolean own, Disk disk, Optional<Boolean> abnormal) {}
}
