package io.keelson.agent.resources.placement;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.HintSource;
import java.io.IOException;
import java.nio.file.Path;
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
    private final CheckpointFile file;
    private final CpuAllotment allotment;
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
        allotment = new CpuAllotment(topology, nodes, reserved, wholeCores);
        account = opened();
    }

    /** Those that containers can have: all but those that are for the system. */
    public CpuSet allocatable() {
        return allotment.topology().all().minus(allotment.reserved());
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
            CpuAccount none =
                    new CpuAccount(CpuAccount.POLICY, allotment.topology().all(), Map.of());
            file.write(none.json());
            return none;
        }
        try {
            CpuAccount found = CpuAccount.parse(text.get());
            allotment.check(found);
            return found;
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "could not restore state from checkpoint: " + e.getMessage()
                            + ", please drain this node and delete the CPU manager checkpoint file \"" + file.path()
                            + "\" before restarting",
                    e);
        }
    }

    /**
     * Gives a pod's containers the processors that they are to have; right when repeated.
     *
     * @throws PodProblem {@code UnexpectedAdmissionError} if there are not enough, and then nothing is given
     */
    public synchronized void admit(Pod pod) throws PodProblem {
        CpuAccount next = account;
        for (Container container : CpuAllotment.inOrder(pod)) {
            next = allotment.given(next, pod, container, Hint.ANY);
        }
        if (!next.equals(account)) {
            change(next);
        }
    }

    @Override
    public synchronized void allocate(Pod pod, Container container, Hint where) throws PodProblem {
        CpuAccount next = allotment.given(account, pod, container, where);
        if (!next.equals(account)) {
            change(next);
        }
    }

    @Override
    public synchronized Map<String, List<Hint>> hints(Pod pod, Container container) {
        return allotment.hints(account, pod, container);
    }

    @Override
    public synchronized Map<String, List<Hint>> hints(Pod pod) {
        return allotment.hints(account, pod);
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
        change(new CpuAccount(CpuAccount.POLICY, shared, exclusive));
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
