package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.Pod;
import org.jspecify.annotations.Nullable;

/**
 * What is to be mended of a pod that is there.
 *
 * @param pod as it is
 * @param mended as it is to be; null if it is right as it is
 * @param claims what its claims lack
 * @param told whether users are told of it as an update of the pod
 */
record Upkeep(Pod pod, @Nullable Pod mended, ClaimNeeds claims, boolean told) {}
