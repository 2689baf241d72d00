package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceToleration;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * That the pods of a claim, or of several, have to leave.
 *
 * @param due when
 * @param rules the uids of the rules that want it; taints of drivers may want it as well
 */
record ClaimEviction(Instant due, SortedSet<String> rules) {
    /** No sum of times with this one overflows. */
    private static final Duration LONGEST = Duration.ofDays(365L * 100);

    /** The devices that a claim has; none if it has not been allocated. */
    static List<DeviceRequestAllocationResult> devices(ResourceClaim claim) {
        return claim.getStatus() == null
                        || claim.getStatus().getAllocation() == null
                        || claim.getStatus().getAllocation().getDevices() == null
                ? List.of()
                : OrEmpty.of(claim.getStatus().getAllocation().getDevices().getResults());
    }

    /**
     * When the pods of a claim have to leave: at the first moment at which one of its devices has a taint that it does not
     * tolerate any more.
     *
     * @param taints of a device
     * @return null if they may stay
     */
    static @Nullable ClaimEviction of(
            ResourceClaim claim, Function<DeviceRequestAllocationResult, ? extends Collection<EvictingTaint>> taints) {
        ClaimEviction earliest = null;
        for (DeviceRequestAllocationResult device : devices(claim)) {
            for (EvictingTaint taint : taints.apply(device)) {
                earliest = join(earliest, of(taint, OrEmpty.of(device.getTolerations())));
            }
        }
        return earliest;
    }

    private static @Nullable ClaimEviction of(EvictingTaint taint, List<DeviceToleration> tolerations) {
        Duration shortest = null;
        for (DeviceToleration toleration : tolerations) {
            if (taint.isToleratedBy(toleration)) {
                Long seconds = toleration.getTolerationSeconds();
                if (seconds == null) {
                    return null;
                }
                Duration limit = Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST.toSeconds()));
                shortest = shortest == null || limit.compareTo(shortest) < 0 ? limit : shortest;
            }
        }
        SortedSet<String> rules = new TreeSet<>();
        if (!taint.rule().isEmpty()) {
            rules.add(taint.rule());
        }
        return new ClaimEviction(taint.since().plus(shortest == null ? Duration.ZERO : shortest), rules);
    }

    /** The earlier one, for the reasons of both; null is none. */
    static @Nullable ClaimEviction join(@Nullable ClaimEviction one, @Nullable ClaimEviction other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        SortedSet<String> rules = new TreeSet<>(one.rules());
        rules.addAll(other.rules());
        return new ClaimEviction(one.due().isBefore(other.due()) ? one.due() : other.due(), rules);
    }
}
