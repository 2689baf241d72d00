package io.keelson.agent.resources.placement;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.QosClass;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.HintSource;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Path;
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
public final class ExclusiveCpus implements HintSource {
    private static final String POLICY = "static";

    private final CheckpointFile file;
    private final NumaNodes nodes;
    private final CpuTopology topology;
    private final CpuSet reserved;
    private final boolean wholeCores;
    private CpuAccount account;

    /** On a machine of which it does not matter in which NUMA nodes processors are. */
    public ExclusiveCpus(Path path, CpuTopology topology, CpuSet reserved, boolean wholeCores) throws IOException {
        this(path, topology, NumaNodes.one(topology.all(), 0), reserved, wholeCores);
    }

    /**
     * Goes on with what the file says.
     *
     * @param path {@code cpu_manager_state} in the agent's root
     * @param reserved those that are for the system, and for containers that share; at least one
     * @param wholeCores whether containers get whole cores, or nothing ({@code full-pcpus-only})
     * @throws IOException if the file is damaged, or not of this machine as it is now; the message says what to do
     */
    public ExclusiveCpus(Path path, CpuTopology topology, NumaNodes nodes, CpuSet reserved, boolean wholeCores)
            throws IOException {
        if (reserved.isEmpty() || !topology.all().hasAll(reserved)) {
            throw new IllegalArgumentException(
                    "static policy requires systemreserved.cpu + kubereserved.cpu to be greater "
                            + "than zero, and processors that are there: reserved are \"" + reserved + "\" of \""
                            + topology.all() + '"');
        }
        file = new CheckpointFile(path);
        this.nodes = nodes;
        this.topology = topology;
        this.reserved = reserved;
        this.wholeCores = wholeCores;
        account = opened();
    }

    /**
     * So many processors for the system as it takes to give it so many thousandths, those that lie closest together.
     */
    public static CpuSet reserve(CpuTopology topology, long milli) {
        return CpuChoice.choose(topology, topology.all(), (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(milli, 1000)));
    }

    private CpuAccount opened() throws IOException {
        Optional<String> text = file.read();
        if (text.isEmpty()) {
            CpuAccount none = new CpuAccount(POLICY, topology.all(), Map.of());
            file.write(none.json());
            return none;
        }
        try {
            CpuAccount found = CpuAccount.parse(text.get());
            check(found);
            return found;
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "could not restore state from checkpoint: " + e.getMessage()
                            + ", please drain this node and delete the CPU manager checkpoint file \"" + file.path()
                            + "\" before restarting",
                    e);
        }
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
        CpuAccount next = account;
        for (Container container : inOrder(pod)) {
            next = given(next, pod, container, Hint.ANY);
        }
        if (!next.equals(account)) {
            change(next);
        }
    }

    @Override
    public synchronized void allocate(Pod pod, Container container, Hint where) throws PodProblem {
        CpuAccount next = given(account, pod, container, where);
        if (!next.equals(account)) {
            change(next);
        }
    }

    private CpuAccount given(CpuAccount before, Pod pod, Container container, Hint where) throws PodProblem {
        String uid = pod.getMetadata().getUid();
        Map<String, CpuSet> own = new TreeMap<>(before.exclusive().getOrDefault(uid, Map.of()));
        int count = wanted(pod, container);
        if (count == 0 || own.containsKey(container.getName())) {
            return before;
        }
        CpuSet left = left(pod, container, own);
        CpuSet cpus = chosen(before.shared().minus(reserved).plus(left), left, count, where);
        own.put(container.getName(), cpus);
        Map<String, Map<String, CpuSet>> exclusive = new TreeMap<>(before.exclusive());
        exclusive.put(uid, own);
        return new CpuAccount(POLICY, before.shared().minus(cpus), exclusive);
    }

    /** What those of a pod that have ended before a container starts have left to it. */
    private static CpuSet left(Pod pod, Container before, Map<String, CpuSet> own) {
        CpuSet left = CpuSet.NONE;
        CpuSet kept = CpuSet.NONE;
        for (Container container : inOrder(pod)) {
            if (container.getName().equals(before.getName())) {
                break;
            }
            CpuSet cpus = own.getOrDefault(container.getName(), CpuSet.NONE);
            boolean ends = OrEmpty.of(pod.getSpec().getInitContainers()).contains(container)
                    && !"Always".equals(container.getRestartPolicy());
            if (ends) {
                left = left.plus(cpus).minus(kept);
            } else {
                left = left.minus(cpus);
                kept = kept.plus(cpus);
            }
        }
        return left;
    }

    @Override
    public synchronized Map<String, List<Hint>> hints(Pod pod, Container container) {
        int count = wanted(pod, container);
        if (count == 0) {
            return Map.of();
        }
        Map<String, CpuSet> own =
                account.exclusive().getOrDefault(pod.getMetadata().getUid(), Map.of());
        CpuSet has = own.get(container.getName());
        return Map.of(
                "cpu",
                has != null
                        ? known(has, count)
                        : CpuHints.of(nodes, account.shared().minus(reserved), left(pod, container, own), count));
    }

    @Override
    public synchronized Map<String, List<Hint>> hints(Pod pod) {
        long lasting = 0;
        long sidecars = 0;
        long starting = 0;
        for (Container container : inOrder(pod)) {
            int count = wanted(pod, container);
            if (!OrEmpty.of(pod.getSpec().getInitContainers()).contains(container)) {
                lasting += count;
            } else if ("Always".equals(container.getRestartPolicy())) {
                sidecars += count;
            } else {
                starting = Math.max(starting, sidecars + count);
            }
        }
        int count = (int) Math.min(Integer.MAX_VALUE, Math.max(lasting + sidecars, starting));
        if (count == 0) {
            return Map.of();
        }
        CpuSet has = CpuSet.NONE;
        for (CpuSet cpus : account.exclusive()
                .getOrDefault(pod.getMetadata().getUid(), Map.of())
                .values()) {
            has = has.plus(cpus);
        }
        return Map.of(
                "cpu",
                has.isEmpty()
                        ? CpuHints.of(nodes, account.shared().minus(reserved), CpuSet.NONE, count)
                        : known(has, count));
    }

    /** From where one has been served. */
    private List<Hint> known(CpuSet has, int count) {
        return has.size() == count ? CpuHints.of(nodes, CpuSet.NONE, has, count) : List.of();
    }

    private static List<Container> inOrder(Pod pod) {
        List<Container> containers = new ArrayList<>(OrEmpty.of(pod.getSpec().getInitContainers()));
        containers.addAll(OrEmpty.of(pod.getSpec().getContainers()));
        return containers;
    }

    /** Those that an init container left, as far as they go, then others where they are to be, then others. */
    private CpuSet chosen(CpuSet free, CpuSet left, int count, Hint where) throws PodProblem {
        int threads = topology.threadsPerCore();
        if (wholeCores && count % threads != 0) {
            throw refused("SMT Alignment Error: requested " + count + " cpus not multiple cpus per core = " + threads);
        }
        CpuSet wanted = where.nodes().map(nodes::cpus).orElse(topology.all());
        try {
            CpuSet cpus = CpuSet.NONE;
            for (CpuSet from : List.of(left, free.common(wanted), free)) {
                CpuSet more = from.minus(cpus);
                boolean isLast = from.equals(free);
                int number = isLast ? count - cpus.size() : Math.min(count - cpus.size(), more.size());
                cpus = cpus.plus(CpuChoice.choose(topology, more, number));
            }
            return cpus;
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

    @Override
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
            file.write(next.json());
        } catch (IOException e) {
            throw new PodProblem(
                    "ContainerCreating",
                    "FailedCreatePodContainer",
                    "cannot write who has which processors to " + file.path() + ": " + e.getMessage(),
                    e);
        }
        account = next;
    }
}
