/**
 * {@code node-route-controller}: a way to each node's pods, where the network needs to be told.
 *
 * <p>Each period the provider's routes and the Nodes' {@code podCIDRs} come in; {@link
 * io.keelson.cloud.route.RoutePlan} says which routes are to go and which are to be made; that is asked of {@link
 * io.keelson.cloud.Routes}, and the condition {@code NetworkUnavailable} of each Node says whether it has all of its
 * own.
 */
@NullMarked
package io.keelson.cloud.route;

import org.jspecify.annotations.NullMarked;
