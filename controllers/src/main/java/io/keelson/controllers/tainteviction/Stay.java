package io.keelson.controllers.tainteviction;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.keelson.controllers.objects.Taints;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long a pod may stay on a node.
 *
 * @param limit null for as long as it likes
 */
record Stay(@Nullable Duration limit) {
    /** A year more or less is no matter, and no sum of times with this one overflows. */
    private static final Duration LONGEST = Duration.ofDays(365L * 100);

    /**
     * How long a pod with these tolerations tolerates all of these {@code NoExecute} taints. Each taint is tolerated by the
     * first toleration that does; the shortest of those counts, if one has a limit.
     */
    static Stay of(Collection<Taint> taints, List<Toleration> tolerations) {
        Duration shortest = null;
        for (Taint taint : taints) {
            Toleration tolerating = tolerations.stream()
                    .filter(each -> Taints.tolerates(each, taint))
                    .findFirst()
                    .orElse(null);
            if (tolerating == null) {
                return new Stay(Duration.ZERO);
            }
            Long seconds = tolerating.getTolerationSeconds();
            if (seconds != null) {
                Duration limit = Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST.toSeconds()));
                shortest = shortest == null || limit.compareTo(shortest) < 0 ? limit : shortest;
            }
        }
        return new Stay(shortest);
    }
}
