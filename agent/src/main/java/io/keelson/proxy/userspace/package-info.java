/**
 * Where the kernel takes no rules, this process forwards to cluster IPs itself: {@link io.keelson.proxy.userspace.ServiceLink} gives
 * the node their addresses, {@link io.keelson.proxy.userspace.UserspaceForwarding} listens at each port of a Service, and a relay
 * for TCP or UDP copies what comes. Each byte is copied twice, endpoints see the node's address, and it ends with the process: it is
 * slower than the kernel and says so. Node ports, outside addresses and SCTP are not served this way.
 */
@NullMarked
package io.keelson.proxy.userspace;

import org.jspecify.annotations.NullMarked;
