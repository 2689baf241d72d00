/**
 * {@code keelson proxy}: leads packets to Services to their endpoints, on one node, as kube-proxy does. Services, EndpointSlices and
 * the Node come in from the API through {@link io.keelson.proxy.Inbox}; {@link io.keelson.proxy.ProxyLoop}, one thread, computes with
 * {@link io.keelson.proxy.rules} what is to become of packets, and hands what differs to a {@link io.keelson.proxy.Forwarding} for
 * each family of addresses, which is the kernel ({@link io.keelson.proxy.nft}), or where that takes no rules
 * {@link io.keelson.proxy.userspace}. Connections of UDP that lead to what is gone are
 * forgotten ({@link io.keelson.proxy.conntrack}); how it all goes is told by HTTP ({@link io.keelson.proxy.health}). Flags and the
 * configuration file come in through {@link io.keelson.proxy.ProxyCommand}.
 */
@NullMarked
package io.keelson.proxy;

import org.jspecify.annotations.NullMarked;
