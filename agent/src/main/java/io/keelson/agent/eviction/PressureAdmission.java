package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.PodQuality;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.Taints;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Lets no pods in while the node is under pressure, but critical ones; under that of memory alone, all that ask for some
 * are let in, as they are counted on, and those that tolerate it.
 */
final class PressureAdmission implements PodAdmission {
    private static final Taint MEMORY = new TaintBuilder()
            .withKey("node.kubernetes.io/memory-pressure")
            .withEffect(Taints.NO_SCHEDULE)
            .build();

    private final Supplier<Set<Pressure>> pressures;

    PressureAdmission(Supplier<Set<Pressure>> pressures) {
        this.pressures = pressures;
    }

    @Override
    public Optional<Refusal> refusal(Pod pod, Collection<Pod> others) {
        Set<Pressure> under = pressures.get();
        if (under.isEmpty() || PodTraits.isCritical(pod)) {
            return Optional.empty();
        }
        if (under.equals(Set.of(Pressure.MEMORY))
                && (!PodQuality.of(pod).equals("BestEffort")
                        || Taints.isTolerated(MEMORY, pod.getSpec().getTolerations()))) {
            return Optional.empty();
        }
        String all = under.stream().sorted().map(Pressure::condition).collect(Collectors.joining(" ", "[", "]"));
        return Optional.of(new Refusal(Eviction.REASON, "The node had condition: " + all + ". "));
    }
}
