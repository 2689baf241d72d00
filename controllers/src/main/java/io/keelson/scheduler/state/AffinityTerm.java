package io.keelson.scheduler.state;

/**
 * One term of affinity or anti-affinity to pods.
 *
 * @param pods to which
 * @param topologyKey the label of nodes whose equal values are near
 * @param weight how much it counts; 0 for a required one
 */
public record AffinityTerm(PodMatcher pods, String topologyKey, int weight) {}
