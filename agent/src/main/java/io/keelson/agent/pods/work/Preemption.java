package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodQuality;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.Resources;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses which pods make room for one that the node cannot do without, by the kubelet's rules: as few as can be, of as
 * low a quality as can be. What pods of a lower quality could free, none of a higher one has to; of pods of the same
 * quality the one comes next that frees most of what is lacking, and of two of these the smaller one.
 */
final class Preemption {
    private static final List<String> SIZES = List.of("memory", "cpu");

    private Preemption() {}

    /**
     * The pods that are to end; one that was chosen holds all that it has until it is gone.
     *
     * @param others the pods that have something of the node
     * @param lacks how much is missing, by resource, in thousandths; of {@code pods}, a thousand for each
     * @throws IllegalStateException if all that may end for it would not be enough; the message says of what
     */
    static List<Pod> victims(Pod critical, Collection<Pod> others, Map<String, Long> lacks) {
        List<Pod> bestEffort = new ArrayList<>();
        List<Pod> burstable = new ArrayList<>();
        List<Pod> guaranteed = new ArrayList<>();
        for (Pod other : others) {
            if (mayEnd(critical, other)) {
                switch (PodQuality.of(other)) {
                    case "BestEffort" -> bestEffort.add(other);
                    case "Burstable" -> burstable.add(other);
                    default -> guaranteed.add(other);
                }
            }
        }
        Map<String, Long> withoutBestEffort = left(lacks, bestEffort);
        Map<String, Long> byGuaranteed = left(withoutBestEffort, burstable);
        checkEnough(left(byGuaranteed, guaranteed));
        List<Pod> ofGuaranteed = choose(guaranteed, byGuaranteed);
        List<Pod> ofBurstable = choose(burstable, left(withoutBestEffort, ofGuaranteed));
        List<Pod> victims = choose(bestEffort, left(left(lacks, ofBurstable), ofGuaranteed));
        victims.addAll(ofBurstable);
        victims.addAll(ofGuaranteed);
        return victims;
    }

    private static boolean mayEnd(Pod critical, Pod other) {
        if (!PodTraits.isCritical(other)) {
            return true;
        }
        Integer own = critical.getSpec().getPriority();
        Integer others = other.getSpec().getPriority();
        return own != null && others != null && own > others;
    }

    private static void checkEnough(Map<String, Long> left) {
        if (!left.isEmpty()) {
            StringBuilder text = new StringBuilder("no set of running pods found to reclaim resources: [");
            left.forEach((resource, milli) -> text.append("(res: ")
                    .append(resource)
                    .append(", q: ")
                    .append(milli / NodeFit.unit(resource))
                    .append("), "));
            throw new IllegalStateException(text.append(']').toString());
        }
    }

    /** What is still lacking when these have ended. */
    private static Map<String, Long> left(Map<String, Long> lacks, List<Pod> ending) {
        Map<String, Long> left = new LinkedHashMap<>();
        lacks.forEach((resource, milli) -> {
            long still = milli;
            for (Pod pod : ending) {
                still -= Math.min(still, has(pod, resource));
            }
            if (still > 0) {
                left.put(resource, still);
            }
        });
        return left;
    }

    private static long has(Pod pod, String resource) {
        return resource.equals("pods") ? 1000 : Resources.requests(pod).getOrDefault(resource, 0L);
    }

    private static List<Pod> choose(List<Pod> candidates, Map<String, Long> lacks) {
        List<Pod> unchosen = new ArrayList<>(candidates);
        List<Pod> chosen = new ArrayList<>();
        Map<String, Long> left = lacks;
        while (!left.isEmpty()) {
            Pod best = unchosen.getFirst();
            for (Pod pod : unchosen) {
                int nearer = Double.compare(distance(left, pod), distance(left, best));
                if (nearer < 0 || (nearer == 0 && isSmaller(pod, best))) {
                    best = pod;
                }
            }
            unchosen.remove(best);
            chosen.add(best);
            left = left(left, List.of(best));
        }
        return chosen;
    }

    /** How much of what is lacking a pod would not free; each resource counts the same. */
    private static double distance(Map<String, Long> lacks, Pod pod) {
        double distance = 0;
        for (Map.Entry<String, Long> lack : lacks.entrySet()) {
            double share = (double) (lack.getValue() - has(pod, lack.getKey())) / lack.getValue();
            distance += share > 0 ? share * share : 0;
        }
        return distance;
    }

    private static boolean isSmaller(Pod pod, Pod other) {
        for (String resource : SIZES) {
            int size = Long.compare(has(pod, resource), has(other, resource));
            if (size != 0) {
                return size < 0;
            }
        }
        return false;
    }
}
