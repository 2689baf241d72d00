/**
 * The provider {@code local}: {@code type: LoadBalancer} on one machine, without a cloud.
 *
 * <p>A Service gets an address of a pool ({@link io.keelson.cloud.local.AddressPool}), one of each of its families.
 * {@link io.keelson.cloud.local.AddressPlacement} puts that on an interface of this machine, {@link
 * io.keelson.cloud.local.Announcer} tells the network that it is here, and a {@link io.keelson.cloud.local.Balancer}
 * listens at its ports and passes on what comes to the node ports of the Service's nodes: connections by {@link
 * io.keelson.cloud.local.TcpForwarder}, datagrams by {@link io.keelson.cloud.local.UdpForwarder}. Which node takes the
 * next one says {@link io.keelson.cloud.local.Backends}; with {@code externalTrafficPolicy: Local} only those count
 * whose health check port says that they have an endpoint.
 *
 * <p>So it works without any rule of a proxy on this machine. Where this machine is a node with a kube-proxy, that
 * one's rules for the address come first, as the address is told with {@code ipMode: VIP}; what is listened at then
 * gets nothing, and clients' addresses are seen by the pods.
 *
 * <p>Nothing is kept on disk. Which address is whose stands in the Services' status; {@code recover} reads it there.
 */
@NullMarked
package io.keelson.cloud.local;

import org.jspecify.annotations.NullMarked;
