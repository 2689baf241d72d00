package io.keelson.agent.resources.placement;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.QosClass;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The kubelet's static policy of processors ({@code cpuManagerPolicy: static}). A container of a guaranteed pod that
 * asks for a whole number of processors has that many of its own, from the moment its pod begins to the moment it is
 * gone; init containers leave theirs to the containers after them. Any thread.
 */
public final class ExclusiveCpus {
    private static final String POLICY = "static";

    private final Path file;
    private final CpuTopology topology;
    private final CpuSet reserved;
    private final boolean wholeCores;
    private CpuAccount account;

    /**
     * Goes on with what the file says.
     *
     * @param file {@code cpu_manager_state} in the agent's root
     * @param reserved those that are for the system, and for containers that share; at least one
     * @param wholeCores whether containers get whole cores, or nothing ({@code full-pcpus-only})
     * @throws IOException if the file is damaged, or not of this machine as it is now; the message says what to do
     */
    public ExclusiveCpus(Path file, CpuTopology topology, CpuSet reserved, boolean wholeCores) throws IOException {
        if (reserved.isEmpty() || !topology.all().hasAll(reserved)) {
            throw new IllegalArgumentException(
                    "static policy requires systemreserved.cpu + kubereserved.cpu to be greater "
                            + "than zero, and processors that are there: reserved are \"" + reserved + "\" of \""
                            + topology.all() + '"');
        }
        this.file = file;
        this.topology = topology;
        this.reserved = reserved;
        this.wholeCores = wholeCores;
        account = opened();
    }

    /** Those that containers can have: all but those that are for the system. */
    public CpuSet allocatable() {
        return topology.all().minus(reserved);
    }

    /**
     * So many processors for the system as it takes to give it so many thousandths, those that lie closest together.
     */
    public static CpuSet reserve(CpuTopology topology, long milli) {
        return CpuChoice.choose(topology, topology.all(), (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(milli, 1000)));
    }

    private CpuAccount opened() throws IOException {
        CpuAccount found;
        try {
            found = CpuAccount.parse(Files.readString(file));
            check(found);
        } catch (NoSuchFileException e) {
            found = new CpuAccount(POLICY, topology.all(), Map.of());
            write(found);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "could not restore state from checkpoint: " + e.getMessage()
                            + ", please drain this node and delete the CPU manager checkpoint file \"" + file
                            + "\" before restarting",
                    e);
        }
        return found;
    }

    private void check(CpuAccount found) {
        if (!found.policy().equals(POLICY)) {
            throw new IllegalArgumentException("configured policy \"" + POLICY
                    + "\" differs from state checkpoint policy \"" + found.policy() + '"');
        }
        if (!found.shared().hasAll(reserved)) {
            throw new IllegalArgumentException("not all reserved cpus: \"" + reserved
                    + "\" are present in defaultCpuSet: \"" + found.shared() + '"');
        }
        CpuSet all = found.shared();
        for (Map.Entry<String, Map<String, CpuSet>> pod : found.exclusive().entrySet()) {
            for (Map.Entry<String, CpuSet> container : pod.getValue().entrySet()) {
                if (!container.getValue().common(found.shared()).isEmpty()) {
                    throw new IllegalArgumentException("pod: " + pod.getKey() + ", container: " + container.getKey()
                            + " cpuset: \"" + container.getValue() + "\" overlaps with default cpuset \""
                            + found.shared()
                            + '"');
                }
                all = all.plus(container.getValue());
            }
        }
        if (!all.equals(topology.all())) {
            throw new IllegalArgumentException("current set of available CPUs \"" + topology.all()
                    + "\" doesn't match with CPUs in state \"" + all + '"');
        }
    }

    /** How many processors a container is to have alone; 0 if it shares. */
    static int wanted(Pod pod, Container container) {
        if (QosClass.of(pod) != QosClass.GUARANTEED || container.getResources() == null) {
            return 0;
        }
        Quantity request = OrEmpty.of(container.getResources().getRequests()).get("cpu");
        long milli = request == null ? 0 : Milli.of(request);
        return milli % 1000 == 0 ? (int) Math.min(Integer.MAX_VALUE, milli / 1000) : 0;
    }

    /**
     * Gives a pod's containers the processors that they are to have; right when repeated.
     *
     * @throws PodProblem {@code UnexpectedAdmissionError} if there are not enough, and then nothing is given
     */
    public synchronized void admit(Pod pod) throws PodProblem {
        String uid = pod.getMetadata().getUid();
        Map<String, CpuSet> own = new TreeMap<>(account.exclusive().getOrDefault(uid, Map.of()));
        CpuSet shared = account.shared();
        CpuSet left = CpuSet.NONE;
        CpuSet kept = CpuSet.NONE;
        for (Container container : inOrder(pod)) {
            int count = wanted(pod, container);
            if (count == 0) {
                continue;
            }
            CpuSet cpus = own.get(container.getName());
            if (cpus == null) {
                cpus = chosen(shared.minus(reserved).plus(left), left, count);
                own.put(container.getName(), cpus);
                shared = shared.minus(cpus);
            }
            boolean ends = OrEmpty.of(pod.getSpec().getInitContainers()).contains(container)
                    && !"Always".equals(container.getRestartPolicy());
            if (ends) {
                left = left.plus(cpus).minus(kept);
            } else {
                left = left.minus(cpus);
                kept = kept.plus(cpus);
            }
        }
        if (!own.equals(account.exclusive().getOrDefault(uid, Map.of()))) {
            Map<String, Map<String, CpuSet>> exclusive = new TreeMap<>(account.exclusive());
            exclusive.put(uid, own);
            change(new CpuAccount(POLICY, shared, exclusive));
        }
    }

    private static List<Container> inOrder(Pod pod) {
        List<Container> containers = new ArrayList<>(OrEmpty.of(pod.getSpec().getInitContainers()));
        containers.addAll(OrEmpty.of(pod.getSpec().getContainers()));
        return containers;
    }

    /** Those that an init container left, as far as they go, and others close to them. */
    private CpuSet chosen(CpuSet free, CpuSet left, int count) throws PodProblem {
        int threads = topology.threadsPerCore();
        if (wholeCores && count % threads != 0) {
            throw refused("SMT Alignment Error: requested " + count + " cpus not multiple cpus per core = " + threads);
        }
        try {
            CpuSet first = CpuChoice.choose(topology, left, Math.min(count, left.size()));
            return first.plus(CpuChoice.choose(topology, free.minus(first), count - first.size()));
        } catch (IllegalArgumentException e) {
            throw refused(OrEmpty.of(e.getMessage()));
        }
    }

    private static PodProblem refused(String why) {
        return new PodProblem(
                "UnexpectedAdmissionError",
                "UnexpectedAdmissionError",
                "Allocate failed due to " + why + ", which is unexpected");
    }

    /** What a container may run on: its own processors, or those that are shared now. */
    public synchronized CpuSet of(String podUid, String container) {
        CpuSet own = account.exclusive().getOrDefault(podUid, Map.of()).get(container);
        return own != null ? own : account.shared();
    }

    /** Those of a container alone, if it has such. */
    public synchronized Optional<CpuSet> own(String podUid, String container) {
        return Optional.ofNullable(
                account.exclusive().getOrDefault(podUid, Map.of()).get(container));
    }

    /** Whether a pod has a container with processors of its own. */
    public synchronized boolean hasOwn(String podUid) {
        return account.exclusive().containsKey(podUid);
    }

    /** The pods that have processors of their own. */
    public synchronized Set<String> pods() {
        return new TreeSet<>(account.exclusive().keySet());
    }

    /** Takes back what a pod has; right when repeated. */
    public synchronized void release(String podUid) throws PodProblem {
        Map<String, CpuSet> own = account.exclusive().get(podUid);
        if (own == null) {
            return;
        }
        Map<String, Map<String, CpuSet>> exclusive = new TreeMap<>(account.exclusive());
        exclusive.remove(podUid);
        CpuSet shared = account.shared();
        for (CpuSet cpus : own.values()) {
            shared = shared.plus(cpus);
        }
        change(new CpuAccount(POLICY, shared, exclusive));
    }

    /** Written first: after a crash, nobody has what is not in the file. */
    private void change(CpuAccount next) throws PodProblem {
        try {
            write(next);
        } catch (IOException e) {
            throw new PodProblem(
                    "ContainerCreating",
                    "FailedCreatePodContainer",
                    "cannot write who has which processors to " + file + ": " + e.getMessage(),
                    e);
        }
        account = next;
    }

    private void write(CpuAccount next) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(temporary, next.json());
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
