package io.keelson.agent.cri;

import java.time.Duration;

/**
 * How often the runtime is looked at.
 *
 * @param relistPeriod between two looks at everything where the runtime tells nothing by itself
 * @param relistPeriodWithEvents the same where it does: only for events that are lost
 * @param threshold for how long no such look may succeed before the node is not ready
 * @param callLimit how long the runtime may take for an answer ({@code runtimeRequestTimeout})
 */
public record ObserverSettings(
        Duration relistPeriod, Duration relistPeriodWithEvents, Duration threshold, Duration callLimit) {
    /** Those of the kubelet; but lost events are looked for every five seconds, as that costs little. */
    public static final ObserverSettings DEFAULTS = new ObserverSettings(
            Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMinutes(3), Duration.ofMinutes(2));
}
