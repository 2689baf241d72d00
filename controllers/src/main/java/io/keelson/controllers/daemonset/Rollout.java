package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which pods are to be replaced because they are not what their set says any more.
 *
 * <p>Without surge old pods are deleted, as many as may be unavailable, and {@link Upkeep} makes new ones in their place.
 * With surge new ones are made beside old ones that work, on as many nodes as the surge allows, and an old one goes when its
 * new one is available. Old pods that do not work are replaced at once: nothing is lost by it.
 *
 * @param creations nodes that get a new pod beside the old one
 * @param deletions old pods to delete
 */
record Rollout(List<String> creations, List<Pod> deletions) {
    /** Computes it, for a set that replaces its pods by itself. */
    static Rollout of(Look look) {
        Map<String, List<Pod>> pods = new TreeMap<>(look.pods());
        look.verdicts().forEach((node, verdict) -> {
            if (verdict == Placement.Verdict.RUNS) {
                pods.putIfAbsent(node, List.of());
            }
        });
        Limits limits = Limits.of(look.set(), look.desired());
        return limits.surge() == 0
                ? deletingFirst(look, pods, limits.unavailable())
                : creatingFirst(look, pods, limits.surge());
    }

    private static Rollout deletingFirst(Look look, Map<String, List<Pod>> pods, int mayBeUnavailable) {
        List<Pod> replaced = new ArrayList<>();
        List<Pod> candidates = new ArrayList<>();
        int unavailable = 0;
        for (List<Pod> ofNode : pods.values()) {
            Pair pair = Pair.of(look, ofNode);
            if (pair == null || (pair.newPod() == null) == (pair.oldPod() == null)) {
                // Too many or none: upkeep sees to it.
                unavailable++;
            } else if (pair.newPod() != null) {
                unavailable += look.isAvailable(pair.newPod()) ? 0 : 1;
            } else if (pair.oldPod() != null && !look.isAvailable(pair.oldPod())) {
                replaced.add(pair.oldPod());
                unavailable++;
            } else if (pair.oldPod() != null) {
                candidates.add(pair.oldPod());
            }
        }
        candidates.stream().limit(Math.max(0, mayBeUnavailable - unavailable)).forEach(replaced::add);
        return new Rollout(List.of(), replaced);
    }

    private static Rollout creatingFirst(Look look, Map<String, List<Pod>> pods, int maySurge) {
        List<Pod> deletions = new ArrayList<>();
        List<Pod> misplaced = new ArrayList<>();
        List<String> creations = new ArrayList<>();
        List<String> candidates = new ArrayList<>();
        int surging = 0;
        int available = 0;
        for (Map.Entry<String, List<Pod>> node : pods.entrySet()) {
            Pair pair = Pair.of(look, node.getValue());
            if (pair == null) {
                surging++;
                continue;
            }
            Pod oldPod = pair.oldPod();
            Pod newPod = pair.newPod();
            Pod serving = oldPod != null ? oldPod : newPod;
            available += serving != null && look.isAvailable(serving) ? 1 : 0;
            if (oldPod == null) {
                // Upkeep sees to it.
                continue;
            }
            boolean runs = look.on(node.getKey()) == Placement.Verdict.RUNS;
            boolean works = look.isAvailable(oldPod);
            if (newPod != null && !look.isAvailable(newPod)) {
                surging++;
            } else if (newPod != null) {
                deletions.add(oldPod);
            } else if (!runs) {
                (works ? misplaced : deletions).add(oldPod);
            } else {
                (works ? candidates : creations).add(node.getKey());
            }
        }
        // A pod that works where none is to be any more goes when enough work elsewhere.
        misplaced.stream().limit(Math.max(0, available - look.desired())).forEach(deletions::add);
        candidates.stream().limit(Math.max(0, maySurge - surging)).forEach(creations::add);
        return new Rollout(creations, deletions);
    }

    /** The pods on a node that are to stay there, of which there is one of each at most. */
    private record Pair(@Nullable Pod newPod, @Nullable Pod oldPod) {
        /** Null if there are more. */
        private static @Nullable Pair of(Look look, List<Pod> pods) {
            Pod newPod = null;
            Pod oldPod = null;
            for (Pod pod : pods) {
                if (Pods.isTerminating(pod)) {
                    continue;
                }
                if (look.isUpdated(pod)) {
                    if (newPod != null) {
                        return null;
                    }
                    newPod = pod;
                } else {
                    if (oldPod != null) {
                        return null;
                    }
                    oldPod = pod;
                }
            }
            return new Pair(newPod, oldPod);
        }
    }
}
