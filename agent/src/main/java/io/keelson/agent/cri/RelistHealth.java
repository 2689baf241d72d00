package io.keelson.agent.cri;

import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the runtime lately told what it has. Any thread. */
final class RelistHealth {
    private final Time time;
    private final Duration threshold;
    private volatile @Nullable Instant last;

    /**
     * @param threshold for how long nothing may be heard
     */
    RelistHealth(Time time, Duration threshold) {
        this.time = time;
        this.threshold = threshold;
    }

    /** Says that the runtime has told what it has, when asked at this moment of the steady clock. */
    void active(Instant asked) {
        last = asked;
    }

    /** The words of the kubelet, which alerts look for. */
    Optional<String> problem() {
        Instant seen = last;
        if (seen == null) {
            return Optional.of("PLEG is not healthy: pleg has yet to be successful");
        }
        Duration elapsed = Duration.between(seen, time.steady());
        return elapsed.compareTo(threshold) <= 0
                ? Optional.empty()
                : Optional.of("PLEG is not healthy: pleg was last seen active " + GoDuration.text(elapsed)
                        + " ago; threshold is " + GoDuration.text(threshold));
    }
}
