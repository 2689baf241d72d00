package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pods go first if there are too many: those whose loss is felt least. A pod goes before another if it is the first,
 * in this order of questions, to be
 * <ol>
 *   <li>on no node,
 *   <li>pending, then of unknown phase, then running,
 *   <li>not ready,
 *   <li>cheaper by {@code controller.kubernetes.io/pod-deletion-cost}; 0 if it has none that is valid,
 *   <li>on a node with more pods of its relatives,
 *   <li>ready for a shorter time,
 *   <li>restarted more often, its containers first, then its sidecars,
 *   <li>younger,
 * </ol>
 * and if all that is the same, by uid. Times are compared by the magnitude of their age, powers of two, so that one does not
 * always lose the pods of the newest node. The original asks for restarts only if two pods became ready at the very same
 * moment, which orders three pods in a circle; here two of the same magnitude count as the same.
 */
final class DeletionOrder {
    static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    private static final Comparator<Rank> ORDER = Comparator.comparing(Rank::assigned)
            .thenComparingInt(Rank::phase)
            .thenComparing(Rank::ready)
            .thenComparingInt(Rank::cost)
            .thenComparing(Comparator.comparingInt(Rank::neighbours).reversed())
            .thenComparingInt(Rank::readyAge)
            .thenComparing(Comparator.comparingInt(Rank::restarts).reversed())
            .thenComparing(Comparator.comparingInt(Rank::sidecarRestarts).reversed())
            .thenComparingInt(Rank::age)
            .thenComparing(Rank::uid);

    private DeletionOrder() {}

    private record Rank(
            Pod pod,
            boolean assigned,
            int phase,
            boolean ready,
            int cost,
            int neighbours,
            int readyAge,
            int restarts,
            int sidecarRestarts,
            int age,
            String uid) {}

    /**
     * The pods that go first.
     *
     * @param count how many; all if there are not as many
     * @param relatives the pods of all owners that have the same owner, these pods included
     */
    static List<Pod> first(int count, Collection<Pod> pods, Collection<Pod> relatives, Instant now) {
        if (count >= pods.size()) {
            return List.copyOf(pods);
        }
        Map<String, Integer> neighbours = new HashMap<>();
        for (Pod relative : relatives) {
            if (Pods.isActive(relative)) {
                neighbours.merge(Pods.node(relative), 1, Integer::sum);
            }
        }
        List<Rank> ranks = new ArrayList<>(pods.size());
        for (Pod pod : pods) {
            ranks.add(rank(pod, neighbours.getOrDefault(Pods.node(pod), 0), now));
        }
        ranks.sort(ORDER);
        return ranks.subList(0, Math.max(0, count)).stream().map(Rank::pod).toList();
    }

    /**
     * How old those of the pods that go are that are ready, each by the age of the youngest of all that are ready.
     *
     * @param all of which some go
     */
    static List<Double> ageRatios(Collection<Pod> going, Collection<Pod> all, Instant now) {
        Duration youngest = null;
        for (Pod pod : all) {
            Duration age = Pods.isReady(pod) ? age(pod, now) : null;
            youngest = age != null && (youngest == null || age.compareTo(youngest) < 0) ? age : youngest;
        }
        if (youngest == null || youngest.isZero()) {
            return List.of();
        }
        List<Double> ratios = new ArrayList<>();
        for (Pod pod : going) {
            Duration age = Pods.isReady(pod) ? age(pod, now) : null;
            if (age != null) {
                ratios.add(seconds(age) / seconds(youngest));
            }
        }
        return ratios;
    }

    /** Of any time that an object may say that it is from. */
    private static double seconds(Duration age) {
        return age.getSeconds() + age.getNano() / 1e9;
    }

    private static @Nullable Duration age(Pod pod, Instant now) {
        Instant start = Pods.time(pod.getMetadata().getCreationTimestamp());
        return start == null || start.isAfter(now) ? null : Duration.between(start, now);
    }

    private static Rank rank(Pod pod, int neighbours, Instant now) {
        boolean ready = Pods.isReady(pod);
        Set<String> sidecars = sidecars(pod);
        return new Rank(
                pod,
                !Pods.node(pod).isEmpty(),
                switch (Pods.phase(pod)) {
                    case "Running" -> 2;
                    case "Unknown" -> 1;
                    default -> 0;
                },
                ready,
                cost(pod),
                neighbours,
                ready ? magnitude(readySince(pod), now) : 0,
                restarts(pod.getStatus() == null ? null : pod.getStatus().getContainerStatuses(), null),
                restarts(pod.getStatus() == null ? null : pod.getStatus().getInitContainerStatuses(), sidecars),
                magnitude(pod.getMetadata().getCreationTimestamp(), now),
                OrEmpty.of(pod.getMetadata().getUid()));
    }

    private static @Nullable String readySince(Pod pod) {
        PodCondition ready = Pods.condition(pod, "Ready");
        return ready == null ? null : ready.getLastTransitionTime();
    }

    /** The power of two of an age in nanoseconds; -1 for none at all, -2 if it is not known. */
    private static int magnitude(@Nullable String since, Instant now) {
        Instant start = Pods.time(since);
        if (start == null) {
            return -2;
        }
        Duration age = Duration.between(start, now);
        if (age.isNegative() || age.isZero()) {
            return -1;
        }
        // Beyond three centuries all ages are one.
        long nanos = age.toDays() > 100_000 ? Long.MAX_VALUE : age.toNanos();
        return 63 - Long.numberOfLeadingZeros(nanos);
    }

    private static int cost(Pod pod) {
        String cost = OrEmpty.of(pod.getMetadata().getAnnotations()).get(DELETION_COST);
        if (cost == null || !cost.matches("0|-[0-9]{1,10}|[1-9][0-9]{0,9}")) {
            return 0;
        }
        long value = Long.parseLong(cost);
        return value == (int) value ? (int) value : 0;
    }

    private static Set<String> sidecars(Pod pod) {
        Set<String> names = new HashSet<>();
        if (pod.getSpec() != null) {
            for (Container container : OrEmpty.of(pod.getSpec().getInitContainers())) {
                if ("Always".equals(container.getRestartPolicy())) {
                    names.add(container.getName());
                }
            }
        }
        return names;
    }

    private static int restarts(@Nullable List<ContainerStatus> containers, @Nullable Set<String> names) {
        int most = 0;
        for (ContainerStatus container : OrEmpty.of(containers)) {
            if (names == null || names.contains(container.getName())) {
                most = Math.max(most, OrEmpty.of(container.getRestartCount()));
            }
        }
        return most;
    }
}
