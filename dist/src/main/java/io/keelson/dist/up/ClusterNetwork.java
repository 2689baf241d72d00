package io.keelson.dist.up;

/** The addresses and the domain of a cluster, as most clusters have them. */
final class ClusterNetwork {
    /** Of pods: half of what addresses of Services leave of the private ranges that networks at home do not use. */
    static final String POD_RANGE = "10.244.0.0/16";

    /** Of the Service by which pods find the cluster's DNS; of the range that the API server takes by default. */
    static final String DNS_ADDRESS = "10.96.0.10";

    /** What names of Services end with. */
    static final String DOMAIN = "cluster.local";

    private ClusterNetwork() {}
}
