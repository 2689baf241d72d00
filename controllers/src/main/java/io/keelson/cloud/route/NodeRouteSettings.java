package io.keelson.cloud.route;

import io.keelson.cloud.AddressRange;
import io.keelson.controllers.objects.IpPrefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a user sets.
 *
 * @param cluster {@code --cluster-name}
 * @param clusterRanges {@code --cluster-cidr}: routes to somewhere else are not this controller's
 * @param period {@code --route-reconciliation-period}
 */
public record NodeRouteSettings(String cluster, List<AddressRange> clusterRanges, Duration period) {
    /** {@code --route-reconciliation-period} if it is not set. */
    public static final Duration DEFAULT_PERIOD = Duration.ofSeconds(10);

    public NodeRouteSettings {
        clusterRanges = List.copyOf(clusterRanges);
        if (!period.isPositive()) {
            throw new IllegalArgumentException("--route-reconciliation-period must be greater than zero");
        }
    }

    /**
     * Out of the texts of flags.
     *
     * @throws IllegalArgumentException if they are no ranges, or more than one of a family
     */
    public static NodeRouteSettings of(String cluster, List<String> clusterCidrs, Duration period) {
        List<AddressRange> ranges = new ArrayList<>();
        for (String text : clusterCidrs) {
            IpPrefix prefix = IpPrefix.parse(text.strip());
            if (prefix == null) {
                throw new IllegalArgumentException("--cluster-cidr: \"" + text + "\" is no range, as 10.244.0.0/16 is");
            }
            ranges.add(AddressRange.of(prefix));
        }
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("--cluster-cidr must be set if --configure-cloud-routes is set");
        }
        if (ranges.size() > 2) {
            throw new IllegalArgumentException(
                    "length of clusterCIDRs is:" + ranges.size() + " more than max allowed of 2");
        }
        if (ranges.size() == 2 && ranges.getFirst().isV6() == ranges.getLast().isV6()) {
            throw new IllegalArgumentException("length of clusterCIDRs is 2 and they are not configured as dual stack");
        }
        return new NodeRouteSettings(cluster, ranges, period);
    }
}
