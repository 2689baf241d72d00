package io.keelson.agent.resources.placement;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.PodSums;
import io.keelson.agent.resources.QosClass;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.HintSource;
import io.keelson.agent.resources.topology.NodeSet;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;

/**
 * The kubelet's static policy of memory ({@code memoryManagerPolicy: Static}). Containers of guaranteed pods have their
 * memory and huge pages in certain NUMA nodes, from the moment their pod begins to the moment it is gone; what an init
 * container had goes to those after it. Any thread.
 */
public final class ExclusiveMemory implements HintSource {
    private static final String MEMORY = "memory";
    private static final String HUGEPAGES = "hugepages-";

    private final CheckpointFile file;
    private MemoryAccount account;

    /**
     * Goes on with what the file says.
     *
     * @param path {@code memory_manager_state} in the agent's root
     * @param reserved what of each node is for the system
     * @param wanted what is to be for the system in all, by the sort of memory
     * @throws IllegalArgumentException if these do not agree
     * @throws IOException if the file is damaged, or not of this machine as it is now; the message says what to do
     */
    public ExclusiveMemory(Path path, NumaNodes machine, ReservedMemory reserved, Map<String, Long> wanted)
            throws IOException {
        file = new CheckpointFile(path);
        account = opened(
                MemoryAccount.of(machine, reserved.checked(machine, wanted).bytes()));
    }

    private MemoryAccount opened(MemoryAccount empty) throws IOException {
        Optional<String> text = file.read();
        if (text.isEmpty()) {
            file.write(MemoryCheckpoint.json(empty));
            return empty;
        }
        try {
            MemoryAccount found = MemoryCheckpoint.parse(text.get());
            if (found.nodes().isEmpty() && found.blocks().isEmpty()) {
                return empty;
            }
            MemoryCheck.check(found, empty);
            return found;
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "could not restore state from checkpoint: " + e.getMessage()
                            + ", please drain this node and delete the memory manager checkpoint file \"" + file.path()
                            + "\" before restarting",
                    e);
        }
    }

    /** What a container is to have in certain nodes, by the sort of memory, in bytes; nothing if it is not to. */
    private static Map<String, Long> request(Pod pod, Container container) {
        Map<String, Long> request = new TreeMap<>();
        if (QosClass.of(pod) == QosClass.GUARANTEED
                && pod.getSpec().getResources() == null
                && container.getResources() != null) {
            OrEmpty.of(container.getResources().getRequests()).forEach((sort, quantity) -> {
                long bytes = PodSums.bytes(Milli.of(quantity));
                if (bytes > 0 && (sort.equals(MEMORY) || sort.startsWith(HUGEPAGES))) {
                    request.put(sort, bytes);
                }
            });
        }
        return request;
    }

    /** What all containers of a pod are to have, of which init containers leave theirs to those after them. */
    private static Map<String, Long> request(Pod pod) {
        BinaryOperator<Long> sum = (one, other) -> Milli.sum(List.of(one, other));
        Map<String, Long> lasting = new TreeMap<>();
        for (Container container : OrEmpty.of(pod.getSpec().getContainers())) {
            request(pod, container).forEach((sort, bytes) -> lasting.merge(sort, bytes, sum));
        }
        Map<String, Long> sidecars = new HashMap<>();
        Map<String, Long> starting = new HashMap<>();
        for (Container container : OrEmpty.of(pod.getSpec().getInitContainers())) {
            Map<String, Long> own = request(pod, container);
            if (isSidecar(container)) {
                own.forEach((sort, bytes) -> sidecars.merge(sort, bytes, sum));
            } else {
                own.forEach((sort, bytes) ->
                        starting.merge(sort, Milli.sum(List.of(bytes, sidecars.getOrDefault(sort, 0L))), Math::max));
            }
        }
        sidecars.forEach((sort, bytes) -> lasting.merge(sort, bytes, sum));
        starting.forEach((sort, bytes) -> lasting.merge(sort, bytes, Math::max));
        return lasting;
    }

    private static boolean isSidecar(Container container) {
        return "Always".equals(container.getRestartPolicy());
    }

    /** The init containers that have ended when a container starts. */
    private static List<String> ended(Pod pod, Container container) {
        List<Container> inits = OrEmpty.of(pod.getSpec().getInitContainers());
        return inits.stream()
                .takeWhile(init -> !init.getName().equals(container.getName()))
                .filter(init -> !isSidecar(init))
                .map(Container::getName)
                .toList();
    }

    @Override
    public synchronized Map<String, List<Hint>> hints(Pod pod, Container container) {
        Map<String, Long> request = request(pod, container);
        String uid = pod.getMetadata().getUid();
        List<MemoryBlock> own = account.blocks(uid, container.getName());
        return own.isEmpty()
                ? spread(request, account.hints(uid, ended(pod, container), request))
                : known(own, request);
    }

    @Override
    public synchronized Map<String, List<Hint>> hints(Pod pod) {
        Map<String, Long> request = request(pod);
        String uid = pod.getMetadata().getUid();
        Optional<List<MemoryBlock>> own =
                account.blocks().getOrDefault(uid, Map.of()).values().stream().findFirst();
        return own.isEmpty() ? spread(request, account.hints(uid, List.of(), request)) : known(own.get(), request);
    }

    /** Where nothing suits, it is left to the allocation to say why. */
    private static Map<String, List<Hint>> spread(Map<String, Long> request, List<Hint> hints) {
        Map<String, List<Hint>> all = new TreeMap<>();
        if (!hints.isEmpty()) {
            request.keySet().forEach(sort -> all.put(sort, hints));
        }
        return all;
    }

    private static Map<String, List<Hint>> known(List<MemoryBlock> own, Map<String, Long> request) {
        Map<String, List<Hint>> all = new TreeMap<>();
        for (MemoryBlock block : own) {
            if (!Long.valueOf(block.bytes()).equals(request.get(block.sort()))) {
                return Map.of();
            }
            all.put(block.sort(), List.of(Hint.of(block.nodes(), true)));
        }
        return all.keySet().equals(request.keySet()) ? all : Map.of();
    }

    @Override
    public synchronized void allocate(Pod pod, Container container, Hint where) throws PodProblem {
        Map<String, Long> request = request(pod, container);
        String uid = pod.getMetadata().getUid();
        if (request.isEmpty() || !account.blocks(uid, container.getName()).isEmpty()) {
            return;
        }
        try {
            change(account.with(uid, container.getName(), ended(pod, container), request, where));
        } catch (MemoryAccount.Lack e) {
            throw new PodProblem(
                    "UnexpectedAdmissionError",
                    "UnexpectedAdmissionError",
                    "Allocate failed due to " + e.getMessage() + ", which is unexpected",
                    e);
        }
    }

    /** The nodes in which a container has its memory; empty if it may be anywhere. */
    public synchronized Optional<String> nodes(String podUid, String container) {
        List<MemoryBlock> own = account.blocks(podUid, container);
        long bits = 0;
        for (MemoryBlock block : own) {
            bits |= block.nodes().bits();
        }
        return own.isEmpty()
                ? Optional.empty()
                : Optional.of(CpuSet.of(new NodeSet(bits).numbers()).toString());
    }

    /** The pods that have memory in certain nodes. */
    public synchronized Set<String> pods() {
        return new TreeSet<>(account.blocks().keySet());
    }

    @Override
    public synchronized void release(String podUid) throws PodProblem {
        if (account.blocks().containsKey(podUid)) {
            change(account.without(podUid));
        }
    }

    /** Written first: after a crash, nobody has what is not in the file. */
    private void change(MemoryAccount next) throws PodProblem {
        try {
            file.write(MemoryCheckpoint.json(next));
        } catch (IOException e) {
            throw new PodProblem(
                    "ContainerCreating",
                    "FailedCreatePodContainer",
                    "cannot write who has which memory to " + file.path() + ": " + e.getMessage(),
                    e);
        }
        account = next;
    }
}
