/**
 * The network of pods. A runtime that has made a sandbox comes in by {@link io.keelson.agent.network.PodNetwork} with its network
 * namespace, and goes out with addresses.
 *
 * <pre>
 *                        {@link io.keelson.agent.network.NodeNetwork}
 *             plugins are configured │ none are
 *         ┌──────────────────────────┴───────────────┐
 *   {@link io.keelson.agent.network.CniNetwork}                             {@link io.keelson.agent.network.BridgeNetwork}
 *     {@link io.keelson.agent.network.CniConfiguration}  /etc/cni/net.d         {@link io.keelson.agent.network.AddressBook}, {@link io.keelson.agent.network.PortBook}   who has what, in files
 *     {@link io.keelson.agent.network.CniPlugins}        programs               {@link io.keelson.agent.network.HostSide}                bridge, switches, rules
 *     {@link io.keelson.agent.network.CniCache}          what they made         {@link io.keelson.agent.network.Links}, {@link io.keelson.agent.network.Routing}          the kernel, by rtnetlink
 *                                                  {@link io.keelson.agent.network.RouteSync}                Nodes from the API → routes
 * </pre>
 *
 * <p>{@link io.keelson.agent.network.NodeLocalAddresses} puts addresses on the node at which the node itself answers, as the
 * cluster's DNS.
 *
 * <p>The built-in network speaks to the kernel itself, by the C library, since a pod is to be on the network in some milliseconds
 * and a program takes as many to be started; only rules are given to {@code nft}, and for a pod only if it has ports of the node.
 * All that is done to the node is done in a {@link io.keelson.agent.network.NetworkNamespace}, which is another than the machine's
 * in tests.
 */
@NullMarked
package io.keelson.agent.network;

import org.jspecify.annotations.NullMarked;
