package io.keelson.scheduler;

import io.keelson.scheduler.config.PreemptionArguments;
import io.keelson.scheduler.decision.Decider.WeightedScore;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Permit;
import io.keelson.scheduler.decision.Plugin;
import io.keelson.scheduler.decision.PreEnqueue;
import io.keelson.scheduler.decision.Reserve;
import io.keelson.scheduler.state.DefaultSpread;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a profile decides by.
 *
 * @param holds which pods are not decided on yet
 * @param filters which nodes can take a pod, in the order in which they are asked
 * @param scores which of them is best
 * @param reserves what is taken besides, in this order; given back in the other
 * @param permits whether a pod that has a node has to wait for others
 * @param preemption how room is made; null if none is
 * @param spread how pods spread that do not say it themselves
 */
record Plugins(
        List<PreEnqueue> holds,
        List<Filter> filters,
        List<WeightedScore> scores,
        List<Reserve> reserves,
        List<Permit> permits,
        @Nullable PreemptionArguments preemption,
        DefaultSpread spread) {
    Plugins {
        holds = List.copyOf(holds);
        filters = List.copyOf(filters);
        scores = List.copyOf(scores);
        reserves = List.copyOf(reserves);
        permits = List.copyOf(permits);
    }

    /** All that can reject or hold a pod. */
    Set<Plugin> rejecting() {
        Set<Plugin> all = new LinkedHashSet<>(holds);
        all.addAll(filters);
        all.addAll(permits);
        return all;
    }
}
