package io.keelson.agent.image;

import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Which containers and sandboxes are garbage. Pure: the same picture gives the same answer. */
final class DeadContainers {
    private static final Comparator<RuntimeContainer> NEWEST_FIRST = Comparator.<RuntimeContainer>comparingLong(
                    container -> container.status().getCreatedAt())
            .reversed();

    private DeadContainers() {}

    /** A container of a pod; its runs are what is counted. */
    private record Unit(String podUid, String container) implements Comparable<Unit> {
        @Override
        public int compareTo(Unit other) {
            int byPod = podUid.compareTo(other.podUid);
            return byPod != 0 ? byPod : container.compareTo(other.container);
        }
    }

    /**
     * The runs that are to be removed.
     *
     * @param gone whether all of a pod may go; asked of each pod once
     * @param now the machine's clock, which the runtime's times are of
     */
    static List<RuntimeContainer> containers(
            Collection<RuntimePod> pods, ContainerGarbagePolicy policy, Predicate<String> gone, Instant now) {
        long youngest = nanos(now.minus(policy.minAge()));
        List<RuntimeContainer> garbage = new ArrayList<>();
        Map<Unit, List<RuntimeContainer>> units = new TreeMap<>();
        for (RuntimePod pod : pods) {
            boolean isGone = gone.test(pod.uid());
            for (RuntimeContainer run : pod.containers()) {
                // One that is made and not started yet is about to be, unless its pod is gone.
                boolean isDead = run.state() == ContainerState.CONTAINER_EXITED
                        || run.state() == ContainerState.CONTAINER_UNKNOWN
                        || (run.state() == ContainerState.CONTAINER_CREATED && isGone);
                if (!isDead || run.status().getCreatedAt() > youngest) {
                    continue;
                }
                if (isGone) {
                    garbage.add(run);
                } else {
                    units.computeIfAbsent(new Unit(pod.uid(), run.name()), _ -> new ArrayList<>())
                            .add(run);
                }
            }
        }
        units.values().forEach(runs -> runs.sort(NEWEST_FIRST));
        if (policy.perContainerMax() >= 0) {
            units.values().forEach(runs -> cut(runs, policy.perContainerMax(), garbage));
        }
        int left = units.values().stream().mapToInt(List::size).sum();
        if (policy.max() >= 0 && left > policy.max()) {
            int each = Math.max(1, policy.max() / units.size());
            units.values().forEach(runs -> cut(runs, each, garbage));
            List<RuntimeContainer> all = new ArrayList<>(
                    units.values().stream().flatMap(List::stream).toList());
            all.sort(NEWEST_FIRST);
            cut(all, policy.max(), garbage);
        }
        return garbage;
    }

    /** Leaves the first so many, and moves the rest. */
    private static void cut(List<RuntimeContainer> runs, int kept, List<RuntimeContainer> garbage) {
        if (runs.size() > kept) {
            List<RuntimeContainer> rest = runs.subList(kept, runs.size());
            garbage.addAll(rest);
            rest.clear();
        }
    }

    /**
     * The sandboxes that are to be removed: not ready, without containers, and of a pod that is left not the newest
     * one.
     */
    static List<PodSandboxStatus> sandboxes(Collection<RuntimePod> pods, Predicate<String> gone) {
        List<PodSandboxStatus> garbage = new ArrayList<>();
        for (RuntimePod pod : pods) {
            Map<String, Integer> containers = new HashMap<>();
            pod.containers().forEach(container -> containers.merge(container.sandboxId(), 1, Integer::sum));
            boolean isGone = gone.test(pod.uid());
            for (int i = isGone ? 0 : 1; i < pod.sandboxes().size(); i++) {
                PodSandboxStatus sandbox = pod.sandboxes().get(i);
                if (sandbox.getState() != PodSandboxState.SANDBOX_READY && !containers.containsKey(sandbox.getId())) {
                    garbage.add(sandbox);
                }
            }
        }
        return garbage;
    }

    private static long nanos(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }
}
