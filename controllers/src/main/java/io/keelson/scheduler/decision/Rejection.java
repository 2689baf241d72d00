package io.keelson.scheduler.decision;

/**
 * Why a node cannot take a pod.
 *
 * @param filter whose rule it is
 * @param reason as users read it: {@code Insufficient cpu}
 * @param resolvable whether it could be otherwise if other pods were not there
 */
public record Rejection(String filter, String reason, boolean resolvable) {}
