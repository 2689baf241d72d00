package io.keelson.agent.resources.placement;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.QosClass;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who is to have which processors of a machine. Pure: each call gets the account of who has which.
 *
 * @param reserved those that are for the system, and for containers that share
 * @param wholeCores whether containers get whole cores, or nothing
 */
record CpuAllotment(CpuTopology topology, NumaNodes nodes, CpuSet reserved, boolean wholeCores) {
    /**
     * Checks that an account is of this machine.
     *
     * @throws IllegalArgumentException if it is not, in the kubelet's words
     */
    void check(CpuAccount found) {
        if (!found.policy().equals(CpuAccount.POLICY)) {
            throw new IllegalArgumentException("configured policy \"" + CpuAccount.POLICY
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
    private static int wanted(Pod pod, Container container) {
        if (QosClass.of(pod) != QosClass.GUARANTEED || container.getResources() == null) {
            return 0;
        }
        Quantity request = OrEmpty.of(container.getResources().getRequests()).get("cpu");
        long milli = request == null ? 0 : Milli.of(request);
        return milli % 1000 == 0 ? (int) Math.min(Integer.MAX_VALUE, milli / 1000) : 0;
    }

    /**
     * The account after a container was given what it is to have; the same if it has it.
     *
     * @throws PodProblem {@code UnexpectedAdmissionError} if there are not enough
     */
    CpuAccount given(CpuAccount before, Pod pod, Container container, Hint where) throws PodProblem {
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
        return new CpuAccount(CpuAccount.POLICY, before.shared().minus(cpus), exclusive);
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

    /** From where a container could be served. */
    Map<String, List<Hint>> hints(CpuAccount account, Pod pod, Container container) {
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

    /** From where all containers of a pod could be served. */
    Map<String, List<Hint>> hints(CpuAccount account, Pod pod) {
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

    /** The containers of a pod in the order in which they start. */
    static List<Container> inOrder(Pod pod) {
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
}
