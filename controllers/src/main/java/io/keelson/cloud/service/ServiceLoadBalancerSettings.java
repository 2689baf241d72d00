package io.keelson.cloud.service;

/**
 * What a user sets.
 *
 * @param cluster {@code --cluster-name}
 * @param workers {@code --concurrent-service-syncs}
 */
public record ServiceLoadBalancerSettings(String cluster, int workers) {
    /** The cluster {@code kubernetes}, one Service at a time. */
    public static final ServiceLoadBalancerSettings DEFAULT = new ServiceLoadBalancerSettings("kubernetes", 1);
}
