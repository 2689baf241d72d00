package io.keelson.scheduler;

import io.keelson.scheduler.decision.Decider.WeightedScore;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Observed;
import io.keelson.scheduler.decision.Reserve;
import java.util.List;

/**
 * What a scheduler decides by.
 *
 * @param observed what the plugins read beside the {@link io.keelson.scheduler.state.ClusterState}
 * @param filters which nodes can take a pod, in the order in which they are asked
 * @param scores which of them is best
 * @param reserves what is taken besides, in this order; given back in the other
 */
record Plugins(List<Observed> observed, List<Filter> filters, List<WeightedScore> scores, List<Reserve> reserves) {
    Plugins {
        observed = List.copyOf(observed);
        filters = List.copyOf(filters);
        scores = List.copyOf(scores);
        reserves = List.copyOf(reserves);
    }
}
