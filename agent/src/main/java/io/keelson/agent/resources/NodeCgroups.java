package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.resources.placement.ExclusiveCpus;
import io.keelson.agent.resources.placement.ExclusiveMemory;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The cgroups of the node's pods. Each pod's by its own thread, different ones side by side; the share of all burstable
 * pods together follows what they ask for. When a pod is resized, {@link #cgroup} is called before its containers get
 * more, and after they have less.
 */
public final class NodeCgroups implements PodResources {
    private static final String POD = "pod";
    private static final long MILLI = 1000;
    private static final long SHARES_PER_PROCESSOR = 1024;

    private final CgroupTree tree;
    private final ResourceSettings settings;
    private final Machine machine;
    private final Optional<ExclusiveCpus> exclusive;
    private final Optional<ExclusiveMemory> memory;
    private final String base;
    /** What was written last for each pod, so that nothing is written for nothing. */
    private final Map<String, Written> written = new ConcurrentHashMap<>();
    /** Thousandths of processors that burstable pods ask for, by their uids. */
    private final Map<String, Long> burstable = new HashMap<>();

    private long burstableSum;

    private record Written(String path, CgroupLimits limits) {}

    /**
     * What all pods together may use.
     *
     * @param cpuMilli thousandths of processors, as a share; 0 for as it is
     * @param memoryBytes 0 for no limit
     * @param pids 0 for no limit
     */
    public record Allocatable(long cpuMilli, long memoryBytes, long pids) {}

    NodeCgroups(CgroupTree tree, ResourceSettings settings, Machine machine, Optional<ExclusiveCpus> exclusive) {
        this(tree, settings, machine, exclusive, Optional.empty());
    }

    NodeCgroups(
            CgroupTree tree,
            ResourceSettings settings,
            Machine machine,
            Optional<ExclusiveCpus> exclusive,
            Optional<ExclusiveMemory> memory) {
        this.tree = tree;
        this.exclusive = exclusive;
        this.memory = memory;
        this.settings = settings;
        this.machine = machine;
        base = settings.podsCgroup();
    }

    /** Of this machine, where nobody has memory in certain NUMA nodes. */
    public static NodeCgroups ofMachine(
            ResourceSettings settings, long memoryBytes, long allocatableMemoryBytes, Optional<ExclusiveCpus> exclusive)
            throws IOException {
        return ofMachine(settings, memoryBytes, allocatableMemoryBytes, exclusive, Optional.empty());
    }

    /**
     * Of this machine.
     *
     * @param memoryBytes its memory
     * @param allocatableMemoryBytes what is left of it for pods
     * @param exclusive who has processors alone; empty if nobody shall
     * @param memory who has memory in certain NUMA nodes; empty if nobody shall
     * @throws IOException if it has no cgroups, or lacks controllers that pods need; the message says which
     */
    public static NodeCgroups ofMachine(
            ResourceSettings settings,
            long memoryBytes,
            long allocatableMemoryBytes,
            Optional<ExclusiveCpus> exclusive,
            Optional<ExclusiveMemory> memory)
            throws IOException {
        CgroupMounts mounts = CgroupMounts.ofMachine();
        if (mounts.roots().isEmpty()) {
            throw new IOException("no cgroups are mounted: mount -t cgroup2 none /sys/fs/cgroup");
        }
        CgroupTree tree = new CgroupTree(mounts, CgroupFiles.KERNEL);
        List<String> lacks = tree.lacks();
        if (!lacks.isEmpty()) {
            throw new IOException("the kernel's cgroups lack " + String.join(", ", lacks)
                    + ": mount them, or boot with cgroup_enable=" + String.join(",", lacks));
        }
        boolean swap = tree.unified()
                ? Files.exists(Path.of("/proc/swaps"))
                : mounts.of("memory")
                        .map(root -> Files.exists(root.resolve("memory.memsw.limit_in_bytes")))
                        .orElse(false);
        Machine machine = new Machine(
                memoryBytes,
                allocatableMemoryBytes,
                tree.unified(),
                swap,
                Hugepages.ofMachine(Path.of("/sys/kernel/mm/hugepages")));
        return new NodeCgroups(tree, settings, machine, exclusive, memory);
    }

    /**
     * Makes the cgroups that pods are put under, and finds what is there from before; once, and before all else.
     *
     * @throws IOException if they cannot be made
     */
    public synchronized void start() throws IOException {
        for (QosClass qos : QosClass.values()) {
            tree.create(path(qos));
        }
        tree.apply(path(QosClass.BEST_EFFORT), CgroupLimits.NONE.withShares(CpuShares.SHARES_MIN));
        for (String name : tree.children(path(QosClass.BURSTABLE))) {
            if (name.startsWith(POD)) {
                long shares = tree.cpuShares(path(QosClass.BURSTABLE) + "/" + name);
                long milli = shares <= CpuShares.SHARES_MIN ? 0 : Math.ceilDiv(shares * MILLI, SHARES_PER_PROCESSOR);
                burstable.put(name.substring(POD.length()), milli);
                burstableSum += milli;
            }
        }
        shareOut();
    }

    /**
     * Limits all pods together ({@code enforceNodeAllocatable: pods}). The event of success is {@code
     * NodeAllocatableEnforced}, of failure {@code FailedNodeAllocatableEnforcement}; telling it is left to the caller.
     */
    public void enforce(Allocatable allocatable) throws IOException {
        CgroupLimits limits = CgroupLimits.NONE
                .withMemory(allocatable.memoryBytes() > 0 ? allocatable.memoryBytes() : CgroupLimits.UNLIMITED)
                .withPids(allocatable.pids() > 0 ? allocatable.pids() : CgroupLimits.UNLIMITED);
        tree.apply(
                base,
                allocatable.cpuMilli() > 0 ? limits.withShares(CpuShares.shares(allocatable.cpuMilli())) : limits);
    }

    /** The cgroup of all pods. */
    public String path() {
        return base;
    }

    private String path(QosClass qos) {
        return qos.cgroup().isEmpty() ? base : base + "/" + qos.cgroup();
    }

    @Override
    public String cgroup(Pod pod) throws PodProblem {
        String uid = checked(pod.getMetadata().getUid());
        QosClass qos = QosClass.of(pod);
        String path = path(qos) + "/" + POD + uid;
        if (exclusive.isPresent()) {
            exclusive.get().admit(pod);
        }
        Written wanted = new Written(path, limits(pod));
        try {
            boolean exists = tree.exists(path);
            if (!exists || !wanted.equals(written.get(uid))) {
                if (!exists) {
                    tree.create(path);
                }
                tree.apply(path, wanted.limits());
                written.put(uid, wanted);
            }
            if (qos == QosClass.BURSTABLE) {
                burstable(uid, PodSums.requests(pod).getOrDefault("cpu", 0L));
            }
        } catch (IOException e) {
            throw new PodProblem(
                    "ContainerCreating",
                    "FailedCreatePodContainer",
                    "unable to ensure pod container exists: failed to create container for " + path + ": "
                            + e.getMessage(),
                    e);
        }
        return path;
    }

    /** Who has processors alone needs no quota besides, which would only hold him up. */
    private CgroupLimits limits(Pod pod) {
        CgroupLimits limits = PodLimits.of(pod, settings, machine);
        return exclusive.map(cpus -> cpus.hasOwn(pod.getMetadata().getUid())).orElse(false)
                ? limits.withQuota(CgroupLimits.UNLIMITED, settings.cpuPeriodMicros())
                : limits;
    }

    /** A uid becomes the name of a folder, so it must be one. */
    private static String checked(String uid) throws PodProblem {
        if (uid.isEmpty() || uid.length() > 200 || !uid.matches("[A-Za-z0-9._-]+")) {
            throw new PodProblem(
                    "ContainerCreating",
                    "FailedCreatePodContainer",
                    "unable to ensure pod container exists: the pod's uid \"" + uid
                            + "\" cannot be the name of a cgroup");
        }
        return uid;
    }

    private synchronized void burstable(String uid, long milli) throws IOException {
        Long before = burstable.put(uid, milli);
        if (before == null || before != milli) {
            burstableSum += milli - (before == null ? 0 : before);
            shareOut();
        }
    }

    private synchronized void shareOut() throws IOException {
        tree.apply(path(QosClass.BURSTABLE), CgroupLimits.NONE.withShares(CpuShares.shares(burstableSum)));
    }

    @Override
    public boolean hasExclusiveCpus() {
        return exclusive.isPresent();
    }

    @Override
    public LinuxContainerResources ofContainer(Pod pod, Container container) {
        LinuxContainerResources.Builder placed = ContainerLimits.of(pod, container, settings, machine).toBuilder();
        String uid = pod.getMetadata().getUid();
        if (exclusive.isPresent()) {
            placed.setCpusetCpus(exclusive.get().of(uid, container.getName()).toString());
            if (exclusive.get().own(uid, container.getName()).isPresent()) {
                placed.clearCpuQuota().clearCpuPeriod();
            }
        }
        memory.flatMap(account -> account.nodes(uid, container.getName())).ifPresent(placed::setCpusetMems);
        return placed.build();
    }

    @Override
    public LinuxContainerResources ofPod(Pod pod) {
        return ContainerLimits.ofPod(pod, settings, machine);
    }

    @Override
    public LinuxContainerResources overhead(Pod pod) {
        return ContainerLimits.overhead(pod, settings, machine);
    }

    @Override
    public void release(String podUid) throws PodProblem {
        String uid = checked(podUid);
        try {
            for (QosClass qos : QosClass.values()) {
                tree.remove(path(qos) + "/" + POD + uid);
            }
            written.remove(uid);
            if (exclusive.isPresent()) {
                exclusive.get().release(uid);
            }
            if (memory.isPresent()) {
                memory.get().release(uid);
            }
            synchronized (this) {
                Long milli = burstable.remove(uid);
                if (milli != null && milli != 0) {
                    burstableSum -= milli;
                    shareOut();
                }
            }
        } catch (IOException e) {
            throw new PodProblem("", "", "failed to remove the cgroup of pod " + uid + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PodProblem("", "", "interrupted while the cgroup of pod " + uid + " was removed", e);
        }
    }

    /** Removes the cgroups of all pods, with what is in them, as when the node is given up. */
    public void removeAll() throws IOException, InterruptedException {
        tree.remove(settings.root().equals("/") ? base : settings.root());
    }

    @Override
    public Set<String> podsWithCgroups() {
        Set<String> uids = new HashSet<>(exclusive.map(ExclusiveCpus::pods).orElse(Set.of()));
        uids.addAll(memory.map(ExclusiveMemory::pods).orElse(Set.of()));
        for (QosClass qos : QosClass.values()) {
            try {
                for (String name : tree.children(path(qos))) {
                    if (name.startsWith(POD)) {
                        uids.add(name.substring(POD.length()));
                    }
                }
            } catch (IOException e) {
                // What cannot be listed now is listed the next time; nothing is removed because it is not in here.
            }
        }
        return uids;
    }
}
