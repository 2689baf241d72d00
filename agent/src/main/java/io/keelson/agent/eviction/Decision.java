package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.eviction.DiskLayout.Waste;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.pods.PodTraits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a node does about what it lacks. */
sealed interface Decision {
    /** How long pods have that end at once. */
    long SECONDS_AT_ONCE = 1;

    /**
     * A pod to be ended.
     *
     * @param signal what for, as metrics call it
     * @param graceSeconds how long it has
     */
    record Victim(Pod pod, String signal, String message, long graceSeconds) {}

    /** Nothing is lacking. */
    record Calm() implements Decision {}

    /** Pods have gone beyond limits of their own: all of these are ended. */
    record BeyondLimits(List<Victim> victims) implements Decision {}

    /**
     * The node is short of something.
     *
     * @param urgent all thresholds for which something is to be done; what is done is for the first one
     * @param wastes what is given up first
     * @param victim who is ended if that is not enough; empty if nobody can be
     */
    record Lack(List<Threshold> urgent, List<Waste> wastes, Optional<Victim> victim) implements Decision {
        Threshold threshold() {
            return urgent.getFirst();
        }
    }

    /**
     * What to do.
     *
     * @param urgent thresholds for which something is to be done, the most urgent one first
     * @param pods that have not ended
     */
    static Decision of(
            EvictionSettings settings, DiskLayout layout, List<Threshold> urgent, NodePicture picture, List<Pod> pods) {
        List<Pod> candidates =
                pods.stream().filter(pod -> !PodTraits.isCritical(pod)).toList();
        if (settings.limitsStorage()) {
            List<Victim> beyond = beyondLimits(candidates, picture, layout);
            if (!beyond.isEmpty()) {
                return new BeyondLimits(beyond);
            }
        }
        if (urgent.isEmpty()) {
            return new Calm();
        }
        Threshold first = urgent.getFirst();
        Signal signal = first.signal();
        Optional<Victim> victim = Ranking.of(candidates, signal, layout, picture.pods()).stream()
                .findFirst()
                .map(pod -> new Victim(
                        pod,
                        signal.text(),
                        EvictionMessage.of(
                                signal.scarce(),
                                pod,
                                picture.pods().get(pod.getMetadata().getUid()),
                                urgent,
                                picture.observed()),
                        graceSeconds(settings, first, pod)));
        return new Lack(urgent, layout.wastes(signal), victim);
    }

    private static long graceSeconds(EvictionSettings settings, Threshold threshold, Pod pod) {
        if (threshold.isHard()) {
            return SECONDS_AT_ONCE;
        }
        long own = PodTraits.graceSeconds(pod);
        return settings.graceSecondsMax() < 0 ? own : Math.min(settings.graceSecondsMax(), own);
    }

    private static List<Victim> beyondLimits(List<Pod> pods, NodePicture picture, DiskLayout layout) {
        List<Victim> victims = new ArrayList<>();
        for (Pod pod : pods) {
            PodUse use = picture.pods().get(pod.getMetadata().getUid());
            if (use != null) {
                StorageLimits.excess(pod, use, layout)
                        .ifPresent(excess ->
                                victims.add(new Victim(pod, excess.limit(), excess.message(), SECONDS_AT_ONCE)));
            }
        }
        return victims;
    }
}
