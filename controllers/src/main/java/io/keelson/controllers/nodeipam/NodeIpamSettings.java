package io.keelson.controllers.nodeipam;

import java.util.List;

/**
 * What a user sets. There is no default for the cluster's ranges: without {@code --allocate-node-cidrs} and {@code
 * --cluster-cidr} this controller does not run.
 *
 * @param clusterCidrs {@code --cluster-cidr}: one range, or one of each family
 * @param serviceCidrs {@code --service-cluster-ip-range}: ranges that are kept free; may be empty
 * @param maskSizeIPv4 {@code --node-cidr-mask-size-ipv4}, in bits: the size of a node's range
 * @param maskSizeIPv6 {@code --node-cidr-mask-size-ipv6}, in bits
 */
public record NodeIpamSettings(
        List<String> clusterCidrs, List<String> serviceCidrs, int maskSizeIPv4, int maskSizeIPv6) {
    /** {@code --node-cidr-mask-size-ipv4} if it is not set. */
    public static final int DEFAULT_MASK_SIZE_IPV4 = 24;

    /** {@code --node-cidr-mask-size-ipv6} if it is not set. */
    public static final int DEFAULT_MASK_SIZE_IPV6 = 64;

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if they are none, or do not go together
     */
    public NodeIpamSettings {
        clusterCidrs = List.copyOf(clusterCidrs);
        serviceCidrs = List.copyOf(serviceCidrs);
        List<Cidr> cluster = parsed(clusterCidrs);
        List<Cidr> service = parsed(serviceCidrs);
        if (cluster.isEmpty()) {
            throw new IllegalArgumentException("--cluster-cidr must be set if --allocate-node-cidrs is set");
        }
        if (cluster.size() > 2) {
            throw new IllegalArgumentException(
                    "len of clusters is:" + cluster.size() + " > more than max allowed of 2");
        }
        if (cluster.size() == 2
                && cluster.getFirst().isIPv6() == cluster.getLast().isIPv6()) {
            throw new IllegalArgumentException("len of ClusterCIDRs==2 and they are not configured as dual stack"
                    + " (at least one from each IPFamily)");
        }
        if (service.size() == 2
                && service.getFirst().isIPv6() == service.getLast().isIPv6()) {
            throw new IllegalArgumentException(
                    "serviceCIDR and secondaryServiceCIDR are not dualstack (from different IPFamiles)");
        }
    }

    /** The settings for ranges of a cluster and of its services, with nodes' ranges of the usual size. */
    public NodeIpamSettings(List<String> clusterCidrs, List<String> serviceCidrs) {
        this(clusterCidrs, serviceCidrs, DEFAULT_MASK_SIZE_IPV4, DEFAULT_MASK_SIZE_IPV6);
    }

    private static List<Cidr> parsed(List<String> texts) {
        return texts.stream().map(Cidr::parse).toList();
    }

    List<Cidr> cluster() {
        return parsed(clusterCidrs);
    }

    List<Cidr> service() {
        return parsed(serviceCidrs);
    }
}
