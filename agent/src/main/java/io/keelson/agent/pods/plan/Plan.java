package io.keelson.agent.pods.plan;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done for a pod.
 *
 * @param actions in their order
 * @param again after how long to look again, even if nothing has changed; empty for only when something changes
 */
public record Plan(List<Action> actions, Optional<Duration> again) {
    /** Keeps a copy. */
    public Plan {
        actions = List.copyOf(actions);
    }
}
