package io.keelson.scheduler.extender;

import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import java.util.Set;

/**
 * A node that could take a pod if others were not there.
 *
 * @param victims who would have to go
 * @param violations how many of them a disruption budget protects
 * @param there the uids of all pods on the node, of whom an extender may choose others
 */
public record Offer(String node, List<PodInfo> victims, int violations, Set<String> there) {
    public Offer {
        victims = List.copyOf(victims);
        there = Set.copyOf(there);
    }
}
