/**
 * What a cluster asks of the place that it runs in: which machines there are, what routes lead to them, and who takes
 * traffic from outside. A {@link io.keelson.cloud.CloudProvider} answers; each of its four parts may be missing.
 * Controllers ask it:
 *
 * <pre>
 *   Nodes ────► node    ──► Instances, Zones    addresses, labels and provider ids; vanished and shut down machines
 *   Nodes ────► route   ──► Routes              a way to each node's pods
 *   Services ─► service ──► LoadBalancers       an address for each Service of type LoadBalancer
 * </pre>
 *
 * <p>{@code local}, {@code file} and {@code webhook} are the providers that there are; {@code command} starts it all.
 * The controllers know no provider, the providers no controller, and neither anything but the Kubernetes API.
 */
@NullMarked
package io.keelson.cloud;

import org.jspecify.annotations.NullMarked;
